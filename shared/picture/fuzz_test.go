package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"testing"

	"github.com/tenantry/tenantry/shared/picture"
)

// fuzz cleans whatever comes and holds the result against what must be true of every picture.
func fuzz(f *testing.F, extension string, mend func([]byte)) {
	for _, folder := range []string{"kept", "refused"} {
		for _, name := range files(f, folder) {
			if file := read(f, folder, name); bytes.HasSuffix([]byte(name), []byte(extension)) && len(file) < 10_000 {
				f.Add(file)
			}
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		file = bytes.Clone(file)
		mend(file)
		original := bytes.Clone(file)
		cleaned, err := picture.Clean(file)
		if !bytes.Equal(file, original) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			var refused *picture.Refusal
			if !errors.As(err, &refused) || refused.Why == "" || refused.Fault == "" || cleaned != nil {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if cleaned.Width < 1 || cleaned.Height < 1 || cleaned.Width > picture.MostSide || cleaned.Height > picture.MostSide {
			t.Fatalf("%d x %d pixels", cleaned.Width, cleaned.Height)
		}
		again, err := picture.Clean(cleaned.Content)
		if err != nil || !bytes.Equal(again.Content, cleaned.Content) || again.Width != cleaned.Width || again.Height != cleaned.Height {
			t.Fatalf("cleaning what is clean: %v", err)
		}
		comparePixels(t, original, cleaned)
	})
}

// comparePixels holds small pictures that the oracle can read against what became of them.
func comparePixels(t *testing.T, file []byte, cleaned *picture.Picture) {
	t.Helper()
	sides, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil || sides.Width*sides.Height > 1<<16 {
		return
	}
	if before := decoded(file); before != nil && !samePixels(before, decoded(cleaned.Content)) {
		t.Fatal("cleaning changed the picture")
	}
}

// mendPNG makes the checksums right, so that what is tried gets behind them.
func mendPNG(file []byte) {
	for at := 8; at+12 <= len(file); {
		length := int(binary.BigEndian.Uint32(file[at:]))
		if length > len(file)-at-12 {
			return
		}
		end := at + 8 + length
		binary.BigEndian.PutUint32(file[end:], crc32.ChecksumIEEE(file[at+4:end]))
		at = end + 4
	}
}

// mendWebP makes the size of the whole right.
func mendWebP(file []byte) {
	if len(file) >= 8 {
		binary.LittleEndian.PutUint32(file[4:], uint32(len(file)-8))
	}
}

func FuzzPNG(f *testing.F) { fuzz(f, ".png", mendPNG) }

func FuzzJPEG(f *testing.F) { fuzz(f, ".jpg", func([]byte) {}) }

func FuzzWebP(f *testing.F) { fuzz(f, ".webp", mendWebP) }
