package picture_test

import (
	"fmt"
	"os"

	"github.com/tenantry/tenantry/shared/picture"
)

func ExampleClean() {
	photo, err := os.ReadFile("testdata/kept/turned.jpg")
	if err != nil {
		panic(err)
	}
	cleaned, err := picture.Clean(photo)
	if err != nil {
		panic(err)
	}
	fmt.Println(cleaned.Type, cleaned.Width, "x", cleaned.Height)

	_, err = picture.Clean([]byte("<html></html>"))
	fmt.Println(err)
	// Output:
	// image/jpeg 16 x 24
	// The file is not a PNG, JPEG or WebP image, whatever its name says.
}
