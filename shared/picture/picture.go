// Package picture checks an image by its content and cleans it, without decoding a pixel: PNG, JPEG and WebP. It walks the
// container, keeps what showing the picture takes, and leaves everything else behind: EXIF with its places and thumbnails,
// XMP, IPTC, texts, comments, second pictures, notes of cameras, and whatever it does not know. Of EXIF it keeps the
// orientation, written anew; the colour profile stays.
//
//	cleaned, err := picture.Clean(content)
//
// It refuses what is animated, larger than the limits, broken, no image at all, or followed by other data, which is how a file
// is two things at once. It trusts no declared size, knows no table, no HTTP and no file, and never changes its input.
package picture

import (
	"bytes"
	"fmt"
)

// Limits of a picture (BRA-1).
const (
	MostBytes = 5 << 20
	MostSide  = 8192 // pixels
)

// Format is a format of images.
type Format struct {
	Type      string // its Content-Type
	Extension string // of a file's name, without the dot
}

// The formats that are taken.
var (
	PNG  = Format{"image/png", "png"}
	JPEG = Format{"image/jpeg", "jpg"}
	WebP = Format{"image/webp", "webp"}
)

// Picture is an image after cleaning.
type Picture struct {
	Format
	Width, Height int // as it is shown, the orientation applied
	Content       []byte
}

// Fault is what is wrong with a file.
type Fault string

// The faults.
const (
	NoImage    Fault = "no-image"   // none of the formats
	TooLarge   Fault = "too-large"  // more bytes or pixels than the limits
	Animated   Fault = "animated"   // more than one picture in time
	Trailing   Fault = "trailing"   // data behind the picture's end
	Broken     Fault = "broken"     // the format's own rules are not kept
	Unshowable Fault = "unshowable" // of a kind that browsers do not show
)

// Refusal says why a file is refused. Why is a sentence for the person who chose the file.
type Refusal struct {
	Fault Fault
	Why   string
}

func (r *Refusal) Error() string { return r.Why }

func refuse(fault Fault, format string, arguments ...any) *Refusal {
	return &Refusal{fault, fmt.Sprintf(format, arguments...)}
}

// Clean checks the file and gives it without everything that showing it does not take. The error is a *Refusal.
func Clean(file []byte) (*Picture, error) {
	if len(file) > MostBytes {
		return nil, refuse(TooLarge, "The image has %d bytes, and %d are the most.", len(file), MostBytes)
	}
	var cleaned *Picture
	var refused *Refusal
	switch {
	case bytes.HasPrefix(file, []byte(pngSignature)):
		cleaned, refused = cleanPNG(file)
	case bytes.HasPrefix(file, []byte{0xFF, markSOI, 0xFF}):
		cleaned, refused = cleanJPEG(file)
	case len(file) >= riffHeader && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		cleaned, refused = cleanWebP(file)
	default:
		refused = refuse(NoImage, "The file is not a PNG, JPEG or WebP image, whatever its name says.")
	}
	if refused != nil {
		return nil, refused
	}
	return cleaned, nil
}

// checkSides refuses a picture of no or too many pixels.
func checkSides(width, height int) *Refusal {
	switch {
	case width < 1 || height < 1:
		return refuse(Broken, "The image has no pixels.")
	case width > MostSide || height > MostSide:
		return refuse(TooLarge, "The image has %d x %d pixels, and %d a side are the most.", width, height, MostSide)
	}
	return nil
}

// broken is the refusal of a file that ends too early or contradicts itself.
func broken(format, what string) *Refusal {
	return refuse(Broken, "The %s file is damaged: %s. Save it again from an image editor.", format, what)
}

// trailing is the refusal of a file that goes on behind its picture.
func trailing(format string, count int) *Refusal {
	return refuse(Trailing, "The %s file has %d bytes behind the end of the picture, such as a second picture or a video. Save the picture alone.", format, count)
}

// animated is the refusal of a moving picture.
func animated(format string) *Refusal {
	return refuse(Animated, "The %s image is animated. Choose one that does not move.", format)
}

// shown is a picture of these sides in the file with an orientation: 5 to 8 lie on their side.
func shown(format Format, width, height int, at orientation, content []byte) *Picture {
	if at.onItsSide() {
		width, height = height, width
	}
	return &Picture{Format: format, Width: width, Height: height, Content: content}
}
