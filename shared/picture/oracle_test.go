package picture_test

import (
	"bytes"
	"image"
	_ "image/jpeg" // the oracle's decoders
	_ "image/png"
	"testing"

	_ "golang.org/x/image/webp"

	"github.com/tenantry/tenantry/shared/picture"
)

// decoded is the picture as Go's decoders see it, nil where they see none.
func decoded(file []byte) image.Image {
	seen, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil
	}
	return seen
}

// samePixels compares two pictures pixel by pixel.
func samePixels(a, b image.Image) bool {
	if a == nil || b == nil || a.Bounds() != b.Bounds() {
		return a == nil && b == nil
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

func TestThePixelsStayAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, name := range files(t, "kept") {
		file := read(t, "kept", name)
		cleaned, err := picture.Clean(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		before := decoded(file)
		if before == nil {
			t.Errorf("%s: the oracle cannot read it", name)
			continue
		}
		if !samePixels(before, decoded(cleaned.Content)) {
			t.Errorf("%s: cleaning changed the picture", name)
		}
	}
}
