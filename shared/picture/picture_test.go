package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/picture"
)

// read gives a file of testdata, which testdata/make.py makes with Pillow and by hand.
func read(t testing.TB, parts ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// files are the names in a folder of testdata.
func files(t testing.TB, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("testdata", folder))
	if err != nil || len(entries) == 0 {
		t.Fatalf("testdata/%s: %d files, %v", folder, len(entries), err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// secrets are the marks that make.py puts into whatever must not come out: degrees, minutes and seconds of a place, names, a
// maker's note, the tag of a place, the beginnings of XMP, IPTC and of other pictures.
var secrets = []string{"\x00\x00\x00\x29\x00\x00\x00\x01\x00\x00\x00\x18", "jane.roe", "MARK-", "GPSLatitude", "\x88\x25\x00\x04", "xpacket", "x:xmpmeta",
	"8BIM", "MPF\x00", "JFXX", "tIME", "Comment"}

func TestBRA1_WhatACameraWroteDoesNotComeOut(t *testing.T) {
	t.Parallel()
	for _, name := range files(t, "kept") {
		file := read(t, "kept", name)
		cleaned, err := picture.Clean(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if taken := strings.HasPrefix(name, "photo") || strings.HasPrefix(name, "turned"); taken && !bytes.Contains(file, []byte(secrets[0])) {
			t.Errorf("%s does not say where it was taken: it shows nothing", name)
		}
		for _, secret := range secrets {
			if bytes.Contains(cleaned.Content, []byte(secret)) {
				t.Errorf("%s: %q came out", name, secret)
			}
		}
		if turned := strings.HasPrefix(name, "turned"); turned != bytes.Contains(cleaned.Content, []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03")) ||
			turned != (cleaned.Width == 16) || turned != (cleaned.Height == 24) {
			t.Errorf("%s: %d x %d, and its orientation is wrong", name, cleaned.Width, cleaned.Height)
		}
		if profiled := strings.HasPrefix(name, "photo") || name == "profile.jpg"; profiled != hasProfile(cleaned) {
			t.Errorf("%s: a colour profile where there was none, or none where there was one", name)
		}
		if ext := "." + cleaned.Extension; filepath.Ext(name) != ext || !strings.HasPrefix(cleaned.Type, "image/") {
			t.Errorf("%s is %s, %s", name, cleaned.Type, ext)
		}
		again, err := picture.Clean(cleaned.Content)
		if err != nil || !bytes.Equal(again.Content, cleaned.Content) {
			t.Errorf("%s: what is clean becomes something else when it is cleaned, %v", name, err)
		}
	}
}

func hasProfile(p *picture.Picture) bool {
	mark := map[string]string{"png": "iCCPprofile\x00\x00", "jpg": "ICC_PROFILE\x00\x01", "webp": "ICCP"}[p.Extension]
	return bytes.Contains(p.Content, []byte(mark))
}

func TestBRA1_WhatIsNoPictureIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	for _, name := range files(t, "refused") {
		expect(t, name, read(t, "refused", name))
	}
}

// expect cleans a file whose name begins with the fault that it shall be refused for.
func expect(t *testing.T, name string, file []byte) {
	t.Helper()
	cleaned, err := picture.Clean(file)
	var refused *picture.Refusal
	if !errors.As(err, &refused) || !strings.HasPrefix(name, string(refused.Fault)) {
		t.Errorf("%s: %v, %v", name, cleaned != nil, err)
		return
	}
	if !strings.HasSuffix(refused.Why, ".") {
		t.Errorf("%s: not a sentence: %s", name, refused.Why)
	}
}

func TestWhateverIsCutOffIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range files(t, "kept") {
		file := read(t, "kept", name)
		step := max(1, len(file)/400)
		for length := 0; length < len(file); length += step {
			if _, err := picture.Clean(file[:length]); err == nil {
				t.Errorf("%s: %d of %d bytes are taken", name, length, len(file))
				break
			}
		}
		for _, more := range []string{"\x00", "\x00\x00", "PK\x03\x04", "<script>"} {
			expect(t, "trailing", append(bytes.Clone(file), more...))
		}
	}
}

func TestBRA1_TheLimitsAreExact(t *testing.T) {
	t.Parallel()
	wide := func(sides ...byte) []byte { // the sides of simple.webp, 14 bits each
		file := read(t, "kept", "simple.webp")
		copy(file[26:], sides)
		return file
	}
	if _, err := picture.Clean(wide(0x00, 0x20, 0x00, 0x20)); err != nil { // 8192 x 8192
		t.Error(err)
	}
	expect(t, "too-large", wide(0x01, 0x20, 0x01, 0x00))
	expect(t, "too-large", wide(0x01, 0x00, 0x01, 0x20))
	expect(t, "broken", wide(0x00, 0x00, 0x01, 0x00))

	photo := read(t, "kept", "photo.jpg")
	comment := append([]byte{0xFF, 0xFE, 0xFF, 0xFF}, make([]byte, 65533)...)
	large := append([]byte{0xFF, 0xD8}, bytes.Repeat(comment, 79)...)
	large = append(large, photo[2:]...)
	if _, err := picture.Clean(large); err != nil || len(large) > picture.MostBytes {
		t.Errorf("%d bytes: %v", len(large), err)
	}
	expect(t, "too-large", append(large, make([]byte, picture.MostBytes-len(large)+1)...))
}

func TestNothingIsAllocatedForDeclaredSizes(t *testing.T) {
	t.Parallel()
	png, webp := read(t, "kept", "alpha.png"), read(t, "kept", "alpha.webp")
	copy(png[33:], "\xff\xff\xff\xff") // the length of the chunk behind the header
	copy(webp[34:], "\xff\xff\xff\xfe")
	for name, file := range map[string][]byte{"broken.png": png, "broken.webp": webp} {
		expect(t, name, file)
		if allocated := testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				_, _ = picture.Clean(file)
			}
		}).AllocedBytesPerOp(); allocated > 10_000 {
			t.Errorf("%s: %d bytes", name, allocated)
		}
	}
}

// A PNG has one colour profile. Unpacking whatever else calls itself so would let a file of 5 MB unpack thousands of times as much.
func TestBRA1_OnlyTheFirstColourProfileIsUnpacked(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	packing := zlib.NewWriter(&packed)
	_, _ = packing.Write(make([]byte, 4<<20)) // no profile, and as large as one may be
	_ = packing.Close()
	data := append([]byte("iCCPnone\x00\x00"), packed.Bytes()...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)-4))
	chunk = binary.BigEndian.AppendUint32(append(chunk, data...), crc32.ChecksumIEEE(data))

	photo := read(t, "kept", "photo.png")
	const header = 8 + 12 + 13 // the signature and IHDR
	many := bytes.Repeat(chunk, 900)
	began := time.Now()
	cleaned, err := picture.Clean(slices.Concat(photo[:header], many, photo[header:]))
	if err != nil || hasProfile(cleaned) {
		t.Errorf("a second profile came out, %v", err)
	}
	t.Logf("%d bytes took %s", len(many), time.Since(began))
}
