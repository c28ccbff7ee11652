"""Makes the images beside it, with Pillow and by hand, independently of the code that they test.

    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 && venv/bin/python make.py

Every image of kept/ shows the same 24 x 16 pixels, so that a decoder tells what became of them. What must not come out of cleaning
carries one of the marks below; the test looks for them. refused/ is named for the fault: <fault>-<what>.<extension>.
"""
import io
import pathlib
import struct
import zipfile
import zlib

from PIL import Image, ImageCms

here = pathlib.Path(__file__).parent
kept, refused = here / "kept", here / "refused"
for folder in (kept, refused):
    folder.mkdir(exist_ok=True)

# Marks of what must not come out: a place in degrees, minutes and hundredths of seconds, and texts.
LATITUDE = struct.pack(">6I", 41, 1, 24, 1, 1217, 100)
TEXT = b"MARK-jane.roe@home.example"
XMP = (b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
       b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" '
       b'exif:GPSLatitude="41,24.2028N"><note>' + TEXT + b"</note></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>")

picture = Image.new("RGB", (24, 16))
picture.putdata([(x * 10, y * 15, (x * y) % 256) for y in range(16) for x in range(24)])
other = picture.transpose(Image.Transpose.ROTATE_180)
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def ifd(entries, at, following=0):
    """One directory of TIFF at the offset, its long values behind it. entries are (tag, type, count, value as bytes)."""
    head, tail = struct.pack(">H", len(entries)), b""
    behind = at + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in sorted(entries):
        if len(value) <= 4:
            head += struct.pack(">HHI", tag, kind, count) + value.ljust(4, b"\0")
        else:
            head += struct.pack(">HHII", tag, kind, count, behind + len(tail))
            tail += value + b"\0" * (len(value) % 2)
    return head + struct.pack(">I", following) + tail


def exif(orientation):
    """EXIF as a camera writes it: place, artist, maker's notes, comment, and a thumbnail in a second directory."""
    text = TEXT + b"\0"
    thumbnail = saved(other, "JPEG")
    details = [(0x927C, 7, 40, b"MARK-maker-note".ljust(40, b"\1")), (0x9286, 7, 8 + len(TEXT), b"ASCII\0\0\0" + TEXT)]
    place = [(1, 2, 2, b"N\0"), (2, 5, 3, LATITUDE), (3, 2, 2, b"E\0"), (4, 5, 3, LATITUDE)]

    def build(details_at, place_at, second_at):
        return [(0x010F, 2, len(text), text), (0x013B, 2, len(text), text), (0x0112, 3, 1, struct.pack(">H", orientation)),
                (0x8769, 4, 1, struct.pack(">I", details_at)), (0x8825, 4, 1, struct.pack(">I", place_at))], second_at

    size = len(ifd(build(0, 0, 0)[0], 8))
    details_at = 8 + size
    place_at = details_at + len(ifd(details, details_at))
    second_at = place_at + len(ifd(place, place_at))
    first, _ = build(details_at, place_at, second_at)
    second = [(0x0103, 3, 1, struct.pack(">H", 6)), (0x0201, 4, 1, b"\0\0\0\0"), (0x0202, 4, 1, struct.pack(">I", len(thumbnail)))]
    thumbnail_at = second_at + len(ifd(second, second_at))
    second[1] = (0x0201, 4, 1, struct.pack(">I", thumbnail_at))
    return b"MM\0*" + struct.pack(">I", 8) + ifd(first, 8, second_at) + ifd(details, details_at) + ifd(place, place_at) + ifd(second, second_at) + thumbnail


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunks(png, *chunks, behind_pixels=()):
    """The PNG with chunks behind its header, and before its end."""
    header_end = 8 + 25
    return png[:header_end] + b"".join(chunks) + png[header_end:-12] + b"".join(behind_pixels) + png[-12:]


def segment(mark, data):
    return bytes([0xFF, mark]) + struct.pack(">H", len(data) + 2) + data


def with_segments(jpeg, *segments):
    """The JPEG with segments behind its start."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def interlaced():
    """The picture as an interlaced PNG, which Pillow does not write: seven passes, no filter."""
    raw = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        for y in range(y0, 16, dy):
            raw += b"\0" + b"".join(bytes(picture.getpixel((x, y))) for x in range(x0, 24, dx))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 24, 16, 8, 2, 0, 0, 1)) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND")


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("page.html", "<script>alert(1)</script>")
    return out.getvalue()


XMP_JPEG = b"http://ns.adobe.com/xap/1.0/\0" + XMP
IPTC = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", 5 + len(TEXT)) + b"\x1c\x02\x50" + struct.pack(">H", len(TEXT)) + TEXT
JFXX = b"JFXX\0\x10" + saved(other, "JPEG")
LARGE = struct.pack(">I", 150_000) + profile[4:] + b"\0" * (150_000 - len(profile))
SECRETS = [chunk(b"tEXt", b"Comment\0" + TEXT), chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(TEXT)),
           chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP), chunk(b"tIME", struct.pack(">H5B", 2026, 1, 2, 3, 4, 5)), chunk(b"prVt", TEXT)]

images = {
    "photo.png": with_chunks(saved(picture, "PNG", icc_profile=profile, dpi=(300, 300)), *SECRETS, behind_pixels=[chunk(b"eXIf", exif(1))]),
    "turned.png": with_chunks(saved(picture, "PNG"), chunk(b"eXIf", exif(6))),
    "palette.png": saved(picture.quantize(16), "PNG", transparency=3),
    "grey16.png": saved(picture.convert("I;16"), "PNG"),
    "alpha.png": saved(Image.merge("RGBA", (*picture.split(), picture.split()[0])), "PNG"),
    "onebit.png": saved(picture.convert("1"), "PNG"),
    "interlaced.png": interlaced(),
    "photo.jpg": with_segments(saved(picture, "JPEG", quality=90, icc_profile=profile, comment=TEXT), segment(0xE1, b"Exif\0\0" + exif(1)),
                               segment(0xE1, XMP_JPEG), segment(0xED, IPTC), segment(0xE0, JFXX), segment(0xEB, b"JP" + TEXT), segment(0xE2, b"MPF\0" + TEXT)),
    "turned.jpg": with_segments(saved(picture, "JPEG", quality=90), segment(0xE1, b"Exif\0\0" + exif(6))),
    "progressive.jpg": saved(picture, "JPEG", quality=90, progressive=True, comment=TEXT),
    "grey.jpg": saved(picture.convert("L"), "JPEG", quality=90),
    "cmyk.jpg": saved(picture.convert("CMYK"), "JPEG", quality=90),
    "restarts.jpg": saved(picture, "JPEG", quality=90, restart_marker_blocks=1),
    "profile.jpg": saved(picture, "JPEG", quality=90, icc_profile=LARGE),
    "photo.webp": saved(picture, "WEBP", quality=80, exif=b"Exif\0\0" + exif(1), xmp=XMP, icc_profile=profile),
    "turned.webp": saved(picture, "WEBP", quality=80, exif=exif(8)),
    "lossless.webp": saved(picture, "WEBP", lossless=True, xmp=XMP),
    "alpha.webp": saved(Image.merge("RGBA", (*picture.split(), picture.split()[0])), "WEBP", quality=80),
    "simple.webp": saved(picture, "WEBP", quality=80),
}
for name, content in images.items():
    (kept / name).write_bytes(content)

refusals = {
    "no-image-page.png": b"<!doctype html><title>A page</title><script>alert(1)</script>",
    "no-image-picture.gif": saved(picture, "GIF"),
    "no-image-drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "animated-two.png": saved(picture, "PNG", save_all=True, append_images=[other], duration=100),
    "animated-two.webp": saved(picture, "WEBP", save_all=True, append_images=[other], duration=100),
    "trailing-archive.png": images["photo.png"] + archive(),
    "trailing-archive.jpg": images["photo.jpg"] + archive(),
    "trailing-archive.webp": images["photo.webp"] + archive(),
    "trailing-second.jpg": saved(picture, "MPO", save_all=True, append_images=[other]),
    "too-large-20000.png": saved(Image.new("1", (20000, 20000)), "PNG", optimize=True),
    "too-large-wide.jpg": saved(Image.new("L", (8193, 1)), "JPEG"),
    "too-large-wide.webp": saved(Image.new("L", (8193, 1)), "WEBP"),
    "broken-checksum.png": images["photo.png"].replace(TEXT, b"X" + TEXT[1:], 1),
    "broken-short.png": images["photo.png"][:-20],
    "broken-short.jpg": images["photo.jpg"][:-20],
    "broken-short.webp": images["photo.webp"][:-20],
    "unshowable-deep.jpg": images["turned.jpg"].replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c"),
    "unshowable-arithmetic.jpg": images["turned.jpg"].replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc9\x00\x11\x08"),
    "unshowable-apple.png": with_chunks(images["turned.png"], chunk(b"CgBI", b"\x50\x00\x20\x02")),
}
for name, content in refusals.items():
    (refused / name).write_bytes(content)
