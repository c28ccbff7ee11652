package picture

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	chunkFrame   = 12     // length, type and checksum of a chunk
	mostChunks   = 20_000 // the smallest pieces that encoders write are some hundreds of bytes
)

// pngChunk is one chunk: its type and its data, a part of the file.
type pngChunk struct {
	kind string
	data []byte
}

// pngFile is a PNG taken apart. https://www.w3.org/TR/png-3/
type pngFile struct {
	header      []byte
	shape       byte       // the colour type
	before      []pngChunk // what colours take, from before the pixels, each kind once
	pixels      [][]byte
	pixelsEnded bool
	profiled    bool // a colour profile was seen, whether or not it is one
	orientation orientation
}

// coloursOfPNG are the chunks that showing the picture takes, besides the profile, with the least and the most bytes of each.
var coloursOfPNG = map[string][2]int{
	"PLTE": {3, 3 * 256}, "tRNS": {1, 256}, "gAMA": {4, 4}, "cHRM": {32, 32}, "sRGB": {1, 1}, "cICP": {4, 4}, "mDCV": {24, 24}, "cLLI": {8, 8}, "sBIT": {1, 4},
}

func cleanPNG(file []byte) (*Picture, *Refusal) {
	p := pngFile{orientation: upright}
	rest := file[len(pngSignature):]
	for count := 0; ; count++ {
		chunk, after, refused := nextPNGChunk(rest)
		if refused == nil && count > mostChunks {
			refused = broken("PNG", "it has too many chunks")
		}
		if refused == nil {
			refused = p.take(chunk, count == 0)
		}
		if refused != nil {
			return nil, refused
		}
		rest = after
		if chunk.kind == "IEND" {
			break
		}
	}
	if len(rest) > 0 {
		return nil, trailing("PNG", len(rest))
	}
	if refused := p.complete(); refused != nil {
		return nil, refused
	}
	width, height := sidesOfPNG(p.header)
	return shown(PNG, width, height, p.orientation, p.write(len(file))), nil
}

// nextPNGChunk reads the chunk that rest begins with, checksum included.
func nextPNGChunk(rest []byte) (c pngChunk, after []byte, refused *Refusal) {
	if len(rest) < chunkFrame {
		return c, nil, broken("PNG", "it ends too early")
	}
	length := uint64(binary.BigEndian.Uint32(rest))
	if length > uint64(len(rest)-chunkFrame) {
		return c, nil, broken("PNG", "it ends too early")
	}
	end := 8 + int(length)
	if crc32.ChecksumIEEE(rest[4:end]) != binary.BigEndian.Uint32(rest[end:]) {
		return c, nil, broken("PNG", "a checksum is wrong")
	}
	return pngChunk{string(rest[4:8]), rest[8:end]}, rest[end+4:], nil
}

// take sorts one chunk into the file, or leaves it behind.
func (p *pngFile) take(c pngChunk, first bool) *Refusal {
	if first != (c.kind == "IHDR") {
		return broken("PNG", "its header is not its first chunk")
	}
	if len(p.pixels) > 0 && c.kind != "IDAT" {
		p.pixelsEnded = true
	}
	critical := c.kind[0]&0x20 == 0
	switch {
	case first:
		return p.takeHeader(c.data)
	case c.kind == "acTL", c.kind == "fcTL", c.kind == "fdAT":
		return animated("PNG")
	case c.kind == "IDAT":
		if p.pixelsEnded {
			return broken("PNG", "its pixels are not in one place")
		}
		p.pixels = append(p.pixels, c.data)
	case c.kind == "eXIf":
		p.orientation = readOrientation(c.data)
	case c.kind == "iCCP":
		p.takeProfile(c.data)
	case coloursOfPNG[c.kind] != [2]int{}:
		return p.takeColours(c)
	case c.kind == "IEND":
		if len(c.data) > 0 {
			return broken("PNG", "its last chunk is not empty")
		}
	case critical:
		return refuse(Unshowable, "The PNG file has a chunk that browsers do not know. Save it again from an image editor.")
	}
	return nil
}

// depthsOfPNG are the bits of a sample that each colour type may have (11.2.1).
var depthsOfPNG = map[byte][]byte{0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}

func (p *pngFile) takeHeader(data []byte) *Refusal {
	if len(data) != 13 {
		return broken("PNG", "its header has another size")
	}
	depth, shape, compression, filter, interlace := data[8], data[9], data[10], data[11], data[12]
	if !slices.Contains(depthsOfPNG[shape], depth) || compression != 0 || filter != 0 || interlace > 1 {
		return broken("PNG", "its header says what there is not")
	}
	p.header, p.shape = data, shape
	return checkSides(sidesOfPNG(data))
}

// sidesOfPNG are saturated, so that they fit everywhere.
func sidesOfPNG(header []byte) (width, height int) {
	return int(min(binary.BigEndian.Uint32(header), 1<<30)), int(min(binary.BigEndian.Uint32(header[4:]), 1<<30))
}

// takeProfile keeps the first colour profile, packed anew and without its name. There is one at most: to unpack others would
// take longer than a function runs.
func (p *pngFile) takeProfile(data []byte) {
	const packedBehind = 2 // a zero that ends the name, and the method
	name, another := slices.Index(data, 0), p.profiled
	p.profiled = true
	if another || len(p.pixels) > 0 || name < 1 || name > 79 || len(data) < name+packedBehind || data[name+1] != 0 {
		return
	}
	if profile := inflateProfile(data[name+packedBehind:]); profile != nil {
		p.before = append(p.before, pngChunk{"iCCP", append([]byte("profile\x00\x00"), deflateProfile(profile)...)})
	}
}

// takeColours keeps the first chunk of its kind. Behind the pixels none is valid.
func (p *pngFile) takeColours(c pngChunk) *Refusal {
	size := coloursOfPNG[c.kind]
	valid := !p.has(c.kind) && len(p.pixels) == 0 && len(c.data) >= size[0] && len(c.data) <= size[1]
	switch {
	case c.kind == "PLTE" && (!valid || len(c.data)%3 != 0 || p.shape == 0 || p.shape == 4):
		return broken("PNG", "its palette is wrong")
	case valid:
		p.before = append(p.before, c)
	}
	return nil
}

func (p *pngFile) has(kind string) bool {
	return slices.ContainsFunc(p.before, func(c pngChunk) bool { return c.kind == kind })
}

func (p *pngFile) complete() *Refusal {
	switch {
	case len(p.pixels) == 0:
		return broken("PNG", "it has no pixels")
	case p.shape == 3 && !p.has("PLTE"):
		return broken("PNG", "its palette is missing")
	}
	return nil
}

// write is the file of what was kept.
func (p *pngFile) write(size int) []byte {
	out := append(make([]byte, 0, size), pngSignature...)
	out = appendPNGChunk(out, "IHDR", p.header)
	for _, c := range p.before {
		out = appendPNGChunk(out, c.kind, c.data)
	}
	if p.orientation != upright {
		out = appendPNGChunk(out, "eXIf", p.orientation.exif())
	}
	for _, data := range p.pixels {
		out = appendPNGChunk(out, "IDAT", data)
	}
	return appendPNGChunk(out, "IEND", nil)
}

func appendPNGChunk(out []byte, kind string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	from := len(out)
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[from:]))
}
