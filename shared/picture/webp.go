package picture

import (
	"encoding/binary"
)

const (
	riffHeader     = 12
	mostWebPChunks = 200
	flagProfile    = 0x20
	flagAlpha      = 0x10
	flagEXIF       = 0x08
	flagAnimated   = 0x02
	extendedHeader = 10
	lossyHeader    = 10
	losslessHeader = 5
)

// webpFile is a WebP taken apart. https://developers.google.com/speed/webp/docs/riff_container (RFC 9649)
type webpFile struct {
	extended      []byte // of VP8X, nil for the simple format
	profile       []byte
	alpha         []byte
	kind          string // of the pixels: "VP8 " or "VP8L"
	pixels        []byte
	transparent   bool // what VP8L says of itself
	orientation   orientation
	oriented      bool
	width, height int
}

func cleanWebP(file []byte) (*Picture, *Refusal) {
	size := uint64(binary.LittleEndian.Uint32(file[4:])) + 8
	size += size & 1 // a file of odd size is padded
	switch {
	case uint64(len(file)) > size:
		return nil, trailing("WebP", len(file)-int(size))
	case uint64(len(file)) < size:
		return nil, broken("WebP", "it ends too early")
	}
	w := webpFile{orientation: upright}
	rest := file[riffHeader:]
	for count := 0; len(rest) > 0; count++ {
		kind, data, after, refused := nextWebPChunk(rest)
		if refused == nil && count > mostWebPChunks {
			refused = broken("WebP", "it has too many chunks")
		}
		if refused == nil {
			refused = w.take(kind, data, count == 0)
		}
		if refused != nil {
			return nil, refused
		}
		rest = after
	}
	if refused := w.complete(); refused != nil {
		return nil, refused
	}
	return shown(WebP, w.width, w.height, w.orientation, w.write(len(file))), nil
}

// nextWebPChunk reads the chunk that rest begins with, its padding included.
func nextWebPChunk(rest []byte) (kind string, data, after []byte, refused *Refusal) {
	if len(rest) < 8 {
		return "", nil, nil, broken("WebP", "it ends too early")
	}
	size := uint64(binary.LittleEndian.Uint32(rest[4:]))
	padded := size + size&1
	if padded > uint64(len(rest)-8) {
		return "", nil, nil, broken("WebP", "it ends too early")
	}
	end := 8 + int(size)
	if padded > size && rest[end] != 0 {
		return "", nil, nil, broken("WebP", "its padding is not empty")
	}
	return string(rest[:4]), rest[8:end], rest[8+padded:], nil
}

// take sorts one chunk into the file, or leaves it behind.
func (w *webpFile) take(kind string, data []byte, first bool) *Refusal {
	switch kind {
	case "VP8X":
		if !first || len(data) != extendedHeader {
			return broken("WebP", "its header is wrong")
		}
		w.extended = data
		if data[0]&flagAnimated != 0 {
			return animated("WebP")
		}
	case "ANIM", "ANMF":
		return animated("WebP")
	case "ICCP":
		if w.profile == nil && w.pixels == nil {
			w.profile = cleanProfile(data)
		}
	case "ALPH":
		if w.alpha != nil || w.pixels != nil || len(data) < 1 {
			return broken("WebP", "its transparency is wrong")
		}
		w.alpha = data
	case "VP8 ", "VP8L":
		return w.takePixels(kind, data)
	case "EXIF":
		if !w.oriented {
			w.oriented, w.orientation = true, readOrientation(data)
		}
	}
	return nil
}

// takePixels keeps the one picture; its first bytes say its sides: RFC 6386, 9.1, and RFC 9649, 3.4.
func (w *webpFile) takePixels(kind string, data []byte) *Refusal {
	if w.pixels != nil {
		return broken("WebP", "it has two pictures")
	}
	switch {
	case kind == "VP8 " && len(data) >= lossyHeader && data[0]&1 == 0 && string(data[3:6]) == "\x9d\x01\x2a":
		w.width = int(binary.LittleEndian.Uint16(data[6:]) & 0x3FFF)
		w.height = int(binary.LittleEndian.Uint16(data[8:]) & 0x3FFF)
	case kind == "VP8L" && len(data) >= losslessHeader && data[0] == 0x2F && data[4]>>5 == 0:
		bits := binary.LittleEndian.Uint32(data[1:])
		w.width, w.height, w.transparent = int(bits&0x3FFF)+1, int(bits>>14&0x3FFF)+1, bits>>28&1 == 1
	default:
		return broken("WebP", "its pixels are wrong")
	}
	w.kind, w.pixels = kind, data
	return checkSides(w.width, w.height)
}

func (w *webpFile) complete() *Refusal {
	switch {
	case w.pixels == nil:
		return broken("WebP", "it has no pixels")
	case w.alpha != nil && (w.extended == nil || w.kind != "VP8 "):
		return broken("WebP", "its transparency is wrong")
	}
	if w.extended == nil {
		w.profile, w.orientation = nil, upright // the simple format has neither, and readers look for none
		return nil
	}
	width, height := 1+int(uint24(w.extended[4:])), 1+int(uint24(w.extended[7:]))
	if width != w.width || height != w.height {
		if refused := checkSides(width, height); refused != nil {
			return refused
		}
		return broken("WebP", "its header and its pixels have different sides")
	}
	return nil
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

// write is the file of what was kept, in the order that the format asks for.
func (w *webpFile) write(size int) []byte {
	out := append(make([]byte, 0, size), "RIFF\x00\x00\x00\x00WEBP"...)
	var flags byte
	if w.profile != nil {
		flags |= flagProfile
	}
	if w.alpha != nil || w.transparent {
		flags |= flagAlpha
	}
	if w.orientation != upright {
		flags |= flagEXIF
	}
	if w.extended != nil {
		out = appendWebPChunk(out, "VP8X", append([]byte{flags, 0, 0, 0}, w.extended[4:]...))
	}
	if w.profile != nil {
		out = appendWebPChunk(out, "ICCP", w.profile)
	}
	if w.alpha != nil {
		out = appendWebPChunk(out, "ALPH", w.alpha)
	}
	out = appendWebPChunk(out, w.kind, w.pixels)
	if w.orientation != upright {
		out = appendWebPChunk(out, "EXIF", w.orientation.exif())
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

func appendWebPChunk(out []byte, kind string, data []byte) []byte {
	out = binary.LittleEndian.AppendUint32(append(out, kind...), uint32(len(data)))
	out = append(out, data...)
	if len(data)&1 == 1 {
		out = append(out, 0)
	}
	return out
}
