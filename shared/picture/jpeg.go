package picture

import (
	"bytes"
	"encoding/binary"
)

// Markers of JPEG, each behind a byte 0xFF. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.1.1.3
const (
	markBaseline    = 0xC0 // SOF0
	markExtended    = 0xC1
	markProgressive = 0xC2
	markHuffman     = 0xC4 // DHT
	markFirstReset  = 0xD0
	markLastReset   = 0xD7
	markSOI         = 0xD8
	markEOI         = 0xD9
	markScan        = 0xDA // SOS
	markQuantities  = 0xDB // DQT
	markInterval    = 0xDD // DRI
	markAPP0        = 0xE0
	markAPP1        = 0xE1
	markAPP2        = 0xE2
	markAPP14       = 0xEE
	markAPP15       = 0xEF
	markComment     = 0xFE
)

const (
	mostSegments = 5000
	mostScans    = 100 // progressive pictures have about ten; thousands take a browser minutes
)

// jpegFile is a JPEG taken apart.
type jpegFile struct {
	jfif          []byte // density, without the thumbnail
	adobe         []byte // how colours are coded
	profile       jpegProfile
	oriented      bool // EXIF was seen
	orientation   orientation
	picture       []byte // tables, frame and scans, in their order
	width, height int    // 0 before the frame
	components    int
	scans         int
}

func cleanJPEG(file []byte) (*Picture, *Refusal) {
	j := jpegFile{orientation: upright, picture: make([]byte, 0, len(file))}
	rest := file[2:]
	for count := 0; ; count++ {
		segment, after, refused := nextSegment(rest)
		if refused == nil && count > mostSegments {
			refused = broken("JPEG", "it has too many segments")
		}
		if refused != nil {
			return nil, refused
		}
		rest = after
		if segment.mark == markEOI {
			break
		}
		if rest, refused = j.take(segment, rest); refused != nil {
			return nil, refused
		}
	}
	switch {
	case len(rest) > 0:
		return nil, trailing("JPEG", len(rest))
	case j.scans == 0:
		return nil, broken("JPEG", "it has no pixels")
	}
	return shown(JPEG, j.width, j.height, j.orientation, j.write()), nil
}

// segment is a marker with its data, a part of the file.
type segment struct {
	mark byte
	data []byte
}

// nextSegment reads the segment that rest begins with, any number of fill bytes before it.
func nextSegment(rest []byte) (s segment, after []byte, refused *Refusal) {
	fill := 0
	for fill < len(rest) && rest[fill] == 0xFF {
		fill++
	}
	switch {
	case fill == len(rest):
		return s, nil, broken("JPEG", "it ends too early")
	case fill == 0:
		return s, nil, broken("JPEG", "there is something between its segments")
	}
	s.mark, rest = rest[fill], rest[fill+1:]
	if s.mark == markEOI {
		return s, rest, nil
	}
	if s.mark < markBaseline || s.mark >= markFirstReset && s.mark <= markSOI {
		return s, nil, broken("JPEG", "there is something between its segments")
	}
	length := 0
	if len(rest) >= 2 {
		length = int(binary.BigEndian.Uint16(rest))
	}
	if length < 2 || length > len(rest) {
		return s, nil, broken("JPEG", "it ends too early")
	}
	s.data = rest[2:length]
	return s, rest[length:], nil
}

// take sorts one segment into the file, or leaves it behind; a scan takes its pixels from rest.
func (j *jpegFile) take(s segment, rest []byte) ([]byte, *Refusal) {
	switch s.mark {
	case markAPP0:
		j.takeJFIF(s.data)
	case markAPP1:
		if !j.oriented && bytes.HasPrefix(s.data, []byte(exifPrefix)) {
			j.oriented, j.orientation = true, readOrientation(s.data)
		}
	case markAPP2:
		j.profile.take(s.data)
	case markAPP14:
		if len(s.data) >= 12 && string(s.data[:5]) == "Adobe" {
			j.adobe = s.data[:12]
		}
	case markBaseline, markExtended, markProgressive:
		return rest, j.takeFrame(s)
	case markQuantities, markHuffman, markInterval:
		return rest, j.takeTables(s)
	case markScan:
		return j.takeScan(s, rest)
	default:
		if s.mark != markComment && (s.mark < markAPP0 || s.mark > markAPP15) {
			return rest, refuse(Unshowable, "The JPEG file is of a kind that browsers do not show. Save it again from an image editor.")
		}
	}
	return rest, nil
}

// takeJFIF keeps version and density, and no thumbnail.
func (j *jpegFile) takeJFIF(data []byte) {
	if j.jfif == nil && len(data) >= 14 && string(data[:5]) == "JFIF\x00" {
		j.jfif = append(bytes.Clone(data[:12]), 0, 0)
	}
}

// takeFrame keeps the one frame, of 8 bits and 1, 3 or 4 components (B.2.2).
func (j *jpegFile) takeFrame(s segment) *Refusal {
	if j.width > 0 {
		return broken("JPEG", "it has two frames")
	}
	if len(s.data) < 6 || len(s.data) != 6+3*int(s.data[5]) {
		return broken("JPEG", "its frame is wrong")
	}
	j.components = int(s.data[5])
	if s.data[0] != 8 || j.components != 1 && j.components != 3 && j.components != 4 {
		return refuse(Unshowable, "The JPEG file has colours that browsers do not show. Save it again from an image editor.")
	}
	j.height, j.width = int(binary.BigEndian.Uint16(s.data[1:])), int(binary.BigEndian.Uint16(s.data[3:]))
	if refused := checkSides(j.width, j.height); refused != nil {
		return refused
	}
	j.keep(s)
	return nil
}

// takeTables keeps tables whose own lengths say that there is nothing else in them (B.2.4).
func (j *jpegFile) takeTables(s segment) *Refusal {
	data := s.data
	for len(data) > 0 {
		size := 2 // of DRI
		switch s.mark {
		case markQuantities:
			size = 1 + 64*(1+int(data[0]>>4&1))
		case markHuffman:
			if size = 17; len(data) >= size {
				for _, codes := range data[1:17] {
					size += int(codes)
				}
			}
		}
		if size > len(data) || s.mark == markInterval && len(data) != size {
			return broken("JPEG", "one of its tables is wrong")
		}
		data = data[size:]
	}
	j.keep(s)
	return nil
}

// takeScan keeps a scan's header and its pixels, which end at the next marker that is no reset (B.2.3).
func (j *jpegFile) takeScan(s segment, rest []byte) ([]byte, *Refusal) {
	j.scans++
	switch {
	case j.width == 0:
		return nil, broken("JPEG", "its pixels come before its frame")
	case len(s.data) < 6 || len(s.data) != 4+2*int(s.data[0]) || int(s.data[0]) > j.components:
		return nil, broken("JPEG", "one of its scans is wrong")
	case j.scans > mostScans:
		return nil, broken("JPEG", "it has too many scans")
	}
	end := endOfScan(rest)
	if end < 0 {
		return nil, broken("JPEG", "it ends too early")
	}
	j.keep(s)
	j.picture = append(j.picture, rest[:end]...)
	return rest[end:], nil
}

// endOfScan is where the pixels end: at a 0xFF that begins a marker other than a reset. -1: nowhere.
func endOfScan(pixels []byte) int {
	for at := 0; ; {
		found := bytes.IndexByte(pixels[at:], 0xFF)
		if found < 0 || at+found+1 >= len(pixels) {
			return -1
		}
		at += found
		switch next := pixels[at+1]; {
		case next == 0xFF:
			at++
		case next == 0 || next >= markFirstReset && next <= markLastReset:
			at += 2
		default:
			return at
		}
	}
}

// keep adds a segment to the picture.
func (j *jpegFile) keep(s segment) { j.picture = appendSegment(j.picture, s.mark, s.data) }

// write is the file of what was kept.
func (j *jpegFile) write() []byte {
	out := append(make([]byte, 0, len(j.picture)+128), 0xFF, markSOI)
	if j.jfif != nil {
		out = appendSegment(out, markAPP0, j.jfif)
	}
	if j.orientation != upright {
		out = appendSegment(out, markAPP1, append([]byte(exifPrefix), j.orientation.exif()...))
	}
	out = j.profile.write(out)
	if j.adobe != nil {
		out = appendSegment(out, markAPP14, j.adobe)
	}
	return append(append(out, j.picture...), 0xFF, markEOI)
}

func appendSegment(out []byte, mark byte, data []byte) []byte {
	out = binary.BigEndian.AppendUint16(append(out, 0xFF, mark), uint16(len(data)+2))
	return append(out, data...)
}
