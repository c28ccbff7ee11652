package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation is how a picture is turned and mirrored before it is shown, 1 to 8; 1 is as it is.
// https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E (EXIF 3.0), 4.6.5
type orientation uint16

func (o orientation) onItsSide() bool { return o >= 5 }

const upright orientation = 1

const (
	tagOrientation = 0x0112
	typeShort      = 3
	entrySize      = 12
	mostEntries    = 1000
)

// exifPrefix stands before EXIF in a JPEG segment, and by mistake in some WebP files.
const exifPrefix = "Exif\x00\x00"

// readOrientation finds the orientation in EXIF, which is a TIFF file of tags. EXIF that cannot be read says nothing.
func readOrientation(exif []byte) orientation {
	exif = bytes.TrimPrefix(exif, []byte(exifPrefix))
	if len(exif) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := uint64(order.Uint32(exif[4:]))
	if at+2 > uint64(len(exif)) {
		return upright
	}
	entries := exif[at+2:]
	for range min(int(order.Uint16(exif[at:])), mostEntries, len(entries)/entrySize) {
		if found := order.Uint16(entries[8:]); order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == typeShort && found >= 1 && found <= 8 {
			return orientation(found)
		}
		entries = entries[entrySize:]
	}
	return upright
}

// exif is EXIF that says the orientation and nothing else.
func (o orientation) exif() []byte {
	order := binary.BigEndian
	out := append([]byte("MM\x00*"), 0, 0, 0, 8) // the tags begin behind these eight bytes
	out = order.AppendUint16(out, 1)             // one tag
	out = order.AppendUint16(out, tagOrientation)
	out = order.AppendUint16(out, typeShort)
	out = order.AppendUint32(out, 1) // one value
	out = order.AppendUint16(out, uint16(o))
	out = append(out, 0, 0)        // to four bytes
	return append(out, 0, 0, 0, 0) // no further tags
}
