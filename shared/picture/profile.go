package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
)

// mostProfile is how large a colour profile may be: the largest in use, for printing presses, have some 3 MB.
const mostProfile = 4 << 20

// cleanProfile gives a colour profile without what follows it, or nil for what is none. Its header says its size, and has a mark
// at byte 36: https://www.color.org/specification/ICC.1-2022-05.pdf, 7.2.
func cleanProfile(profile []byte) []byte {
	const header = 128
	if len(profile) < header || string(profile[36:40]) != "acsp" {
		return nil
	}
	size := uint64(binary.BigEndian.Uint32(profile))
	if size < header || size > uint64(len(profile)) || size > mostProfile {
		return nil
	}
	return profile[:size]
}

// inflateProfile unpacks a profile of at most mostProfile bytes, or gives nil.
func inflateProfile(packed []byte) []byte {
	unpacking, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(unpacking, mostProfile+1))
	if err != nil || len(profile) > mostProfile {
		return nil
	}
	return cleanProfile(profile)
}

// deflateProfile packs a profile.
func deflateProfile(profile []byte) []byte {
	var packed bytes.Buffer
	packing := zlib.NewWriter(&packed)
	_, _ = packing.Write(profile) // into memory
	_ = packing.Close()
	return packed.Bytes()
}
