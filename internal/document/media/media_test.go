package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/document/media"
	"causeway/internal/fault"
)

// picture is a small picture with something to see in it.
func picture() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 37, 21))
	for x := range 37 {
		for y := range 21 {
			m.Set(x, y, color.NRGBA{uint8(x * 6), uint8(y * 11), uint8(x * y), 255})
		}
	}
	return m
}

func plainJPEG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func plainPNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// place is what the position in the tests' EXIF reads like: no such place is on
// any map.
const place = "91.55N 181.77E Invented Shore"

// exif builds a TIFF with an orientation, a camera and a position.
func exif(turn uint16) []byte {
	b := []byte("II\x2a\x00\x08\x00\x00\x00")
	entry := func(tag, kind uint16, n, value uint32) {
		b = binary.LittleEndian.AppendUint16(b, tag)
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint32(b, n)
		b = binary.LittleEndian.AppendUint32(b, value)
	}
	b = binary.LittleEndian.AppendUint16(b, 3)
	entry(0x010f, 2, uint32(len(place)), 50)
	entry(0x0112, 3, 1, uint32(turn))
	entry(0x8825, 4, 1, 50) // where the position's own directory begins
	b = append(b, 0, 0, 0, 0)
	return append(b, place...)
}

func segment(marker byte, body []byte) []byte {
	b := []byte{0xff, marker, 0, 0}
	binary.BigEndian.PutUint16(b[2:], uint16(len(body)+2))
	return append(b, body...)
}

// photo is a JPEG as a phone makes it: EXIF, XMP, a comment, a maker's note, and a
// second picture with EXIF after the end.
func photo(t testing.TB, turn uint16) []byte {
	b := plainJPEG(t)
	head := append([]byte{}, b[:2]...)
	head = append(head, segment(0xe1, append([]byte("Exif\x00\x00"), exif(turn)...))...)
	head = append(head, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"+place))...)
	head = append(head, segment(0xfe, []byte(place))...)
	head = append(head, segment(0xed, []byte("Photoshop 3.0\x00"+place))...)
	return append(append(head, b[2:]...), append(b[:2:2], segment(0xe1, append([]byte("Exif\x00\x00"), exif(1)...))...)...)
}

func chunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// screenshot is a PNG with texts and EXIF, and something after its end.
func screenshot(t testing.TB) []byte {
	b := plainPNG(t)
	const header = 8 + 25 // signature and IHDR
	head := append([]byte{}, b[:header]...)
	for name, body := range map[string][]byte{"tEXt": []byte("Comment\x00" + place), "iTXt": []byte(place), "eXIf": exif(6), "prVt": []byte(place)} {
		head = append(head, chunk(name, body)...)
	}
	return append(append(head, b[header:]...), place...)
}

func webpChunk(name string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	if b = append(b, body...); len(body)%2 != 0 {
		b = append(b, 0)
	}
	return b
}

func webp(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func clean(t *testing.T, b []byte) ([]byte, *media.Report) {
	t.Helper()
	var out bytes.Buffer
	rep, err := media.Clean(bytes.NewReader(b), &out)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Size != int64(out.Len()) {
		t.Errorf("the report says %d bytes, %d were written", rep.Size, out.Len())
	}
	return out.Bytes(), rep
}

// samePixels fails unless both decode to the same picture.
func samePixels(t *testing.T, got, want []byte) {
	t.Helper()
	a, _, err := image.Decode(bytes.NewReader(got))
	if err != nil {
		t.Fatalf("what is kept cannot be decoded: %v", err)
	}
	b, _, err := image.Decode(bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(a, b) {
		t.Error("the pixels differ")
	}
}

// TestNothingButThePictureStays: no byte of what was written beside the picture
// is left, the pixels are the same, and only the orientation remains.
func TestNothingButThePictureStays(t *testing.T) {
	for name, c := range map[string]struct {
		file    []byte
		turn    int
		removed []string
	}{
		"a JPEG that lies on its side": {photo(t, 6), 6, []string{"comment", "exif", "other", "trailing", "xmp"}},
		"a JPEG that stands upright":   {photo(t, 1), 0, []string{"comment", "exif", "other", "trailing", "xmp"}},
		"a PNG":                        {screenshot(t), 6, []string{"comment", "exif", "other", "trailing", "xmp"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, rep := clean(t, c.file)
			if bytes.Contains(got, []byte("Invented Shore")) || bytes.Contains(got, []byte("91.55N")) {
				t.Error("the place is still in the file")
			}
			slices.Sort(rep.Removed)
			if diff := cmp.Diff(rep.Removed, c.removed); diff != "" {
				t.Errorf("removed (-got +want):\n%s", diff)
			}
			if rep.Turn != c.turn {
				t.Errorf("turn = %d, want %d", rep.Turn, c.turn)
			}
			samePixels(t, got, c.file)
			again, rep := clean(t, got)
			if !bytes.Equal(again, got) {
				t.Error("a cleaned file changes when it is cleaned again")
			}
			if rep.Turn != c.turn {
				t.Errorf("turn of the cleaned file = %d, want %d", rep.Turn, c.turn)
			}
		})
	}
}

// TestWebPIsBlanked: the chunks stay where they are, and hold nothing.
func TestWebPIsBlanked(t *testing.T) {
	pixels := bytes.Repeat([]byte{0x2f, 7}, 50)
	size := append([]byte{0x0c, 0, 0, 0}, 36, 0, 0, 20, 0, 0)
	got, rep := clean(t, webp(webpChunk("VP8X", size), webpChunk("VP8L", pixels), webpChunk("EXIF", exif(8)), webpChunk("XMP ", []byte(place))))
	want := webp(webpChunk("VP8X", append([]byte{0, 0, 0, 0}, size[4:]...)), webpChunk("VP8L", pixels),
		webpChunk("none", make([]byte, len(exif(8)))), webpChunk("none", make([]byte, len(place))))
	if !bytes.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
	if rep.Turn != 8 || !slices.Equal(rep.Removed, []string{"exif", "xmp"}) {
		t.Errorf("turn %d, removed %q", rep.Turn, rep.Removed)
	}
}

func TestPDFAndSoundStayAsTheyAre(t *testing.T) {
	for kind, b := range map[string][]byte{
		"pdf":  []byte("%PDF-1.7\n1 0 obj\n(" + place + ")\nendobj\n%%EOF\n"),
		"wav":  append([]byte("RIFF\x24\x00\x00\x00WAVEfmt "), make([]byte, 700)...),
		"mp3":  append([]byte{0xff, 0xfb, 0x90, 0x64}, make([]byte, 700)...),
		"ogg":  append([]byte("OggS\x00\x02"), make([]byte, 700)...),
		"m4a":  append([]byte("\x00\x00\x00\x20ftypM4A "), make([]byte, 700)...),
		"flac": append([]byte("fLaC\x00\x00\x00\x22"), make([]byte, 700)...),
		"amr":  append([]byte("#!AMR\n"), make([]byte, 70)...),
	} {
		got, rep := clean(t, b)
		if !bytes.Equal(got, b) || rep.Kind.Code != kind || len(rep.Removed) != 0 || rep.Kind.Image {
			t.Errorf("%s: kept as %s, changed %v", kind, rep.Kind.Code, !bytes.Equal(got, b))
		}
	}
}

// TestRefused: what is not taken in, what is two things at once, what is broken.
func TestRefused(t *testing.T) {
	whole, shot := plainJPEG(t), plainPNG(t)
	broken := bytes.Clone(shot)
	broken[len(broken)/2] ^= 1
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"nothing":                          {nil, "document-kind"},
		"a page":                           {[]byte("<!DOCTYPE html><script>alert(1)</script>"), "document-kind"},
		"a drawing with scripts":           {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "document-kind"},
		"an archive":                       {[]byte("PK\x03\x04 and so on"), "document-kind"},
		"a program":                        {[]byte("MZ\x90\x00"), "document-kind"},
		"a GIF":                            {[]byte("GIF89a\x01\x00\x01\x00"), "document-kind"},
		"a film":                           {append([]byte("\x00\x00\x00\x20ftypisom"), make([]byte, 600)...), "document-kind"},
		"a PDF behind other bytes":         {[]byte("x%PDF-1.7\n%%EOF"), "document-kind"},
		"a PDF that is a page":             {[]byte("%PDF-1.7\n<html><script>1</script>\n%%EOF"), "document-kind"},
		"a PDF that is an archive":         {[]byte("%PDF-1.7\n%%EOF\nPK\x05\x06" + string(make([]byte, 18))), "document-kind"},
		"a PDF without its end":            {[]byte("%PDF-1.7\n1 0 obj"), "document-damaged"},
		"a JPEG that is a page":            {append([]byte("\xff\xd8\xff\xfe\x00\x20<script>alert(1)</script>"), whole[2:]...), "document-kind"},
		"a JPEG without its end":           {whole[:len(whole)-2], "document-damaged"},
		"a JPEG that ends in its header":   {whole[:30], "document-damaged"},
		"a JPEG of a header and an end":    {[]byte("\xff\xd8\xff\xd9"), "document-damaged"},
		"a JPEG with a length of nothing":  {[]byte("\xff\xd8\xff\xe0\x00\x00"), "document-damaged"},
		"a JPEG whose scan has no frame":   {append([]byte("\xff\xd8"), segment(0xda, []byte{1, 1, 0, 0, 0x3f, 0, 1, 2, 0xff, 0xd9})...), "document-damaged"},
		"a PNG with a wrong sum":           {broken, "document-damaged"},
		"a PNG without its end":            {shot[:len(shot)-12], "document-damaged"},
		"a PNG that begins with its data":  {append(append([]byte{}, shot[:8]...), chunk("IDAT", nil)...), "document-damaged"},
		"a PNG with a chunk it must know":  {append(append(append([]byte{}, shot[:33]...), chunk("QQQQ", nil)...), shot[33:]...), "document-damaged"},
		"a WebP that is shorter than said": {webp(webpChunk("VP8L", make([]byte, 40)))[:30], "document-damaged"},
		"a WebP without a picture":         {webp(webpChunk("VP8X", make([]byte, 10))), "document-damaged"},
	} {
		rep, err := media.Clean(bytes.NewReader(c.file), io.Discard)
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, %v; want %s", name, rep, err, c.code)
		}
	}
}

// TestErrorsOfBothSidesComeThrough: a disk that fails is not a damaged file.
func TestErrorsOfBothSidesComeThrough(t *testing.T) {
	broken := errors.New("broken")
	in := io.MultiReader(bytes.NewReader(photo(t, 1)[:700]), failing{broken})
	if _, err := media.Clean(in, io.Discard); !errors.Is(err, broken) {
		t.Errorf("reading: %v, want what the reader said", err)
	}
	if _, err := media.Clean(bytes.NewReader(photo(t, 1)), failing{broken}); !errors.Is(err, broken) {
		t.Errorf("writing: %v, want what the writer said", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestNames(t *testing.T) {
	k, ok := media.Of(plainJPEG(t))
	if !ok || k.Code != "jpeg" {
		t.Fatalf("a JPEG is %q", k.Code)
	}
	for name, want := range map[string]bool{"a.jpg": true, "a.JPEG": true, "scan": true, "a.pdf": false, "a.jpg.exe": false, "a.png": false} {
		if got := k.Fits(name); got != want {
			t.Errorf("a JPEG may be called %s: %v, want %v", name, got, want)
		}
	}
	if len(media.Endings()) == 0 {
		t.Error("nothing can be chosen")
	}
}

// cleaned fails when a file that was taken in does not stay the same from then
// on, or still holds a text or a place.
func cleaned(t *testing.T, b []byte) {
	var once bytes.Buffer
	rep, err := media.Clean(bytes.NewReader(b), &once)
	if err != nil {
		if !fault.Is(err, fault.Invalid) {
			t.Fatalf("a file that was read without fault: %v", err)
		}
		return
	}
	var twice bytes.Buffer
	again, err := media.Clean(bytes.NewReader(once.Bytes()), &twice)
	if err != nil {
		t.Fatalf("what was kept is refused: %v", err)
	}
	if !bytes.Equal(once.Bytes(), twice.Bytes()) || again.Kind.Code != rep.Kind.Code {
		t.Fatal("what was kept changes when it comes again")
	}
}

func FuzzJPEG(f *testing.F) {
	f.Add(photo(f, 6))
	f.Add(plainJPEG(f))
	f.Add([]byte("\xff\xd8\xff\xd9"))
	f.Fuzz(func(t *testing.T, b []byte) { cleaned(t, append([]byte("\xff\xd8\xff"), b[min(3, len(b)):]...)) })
}

func FuzzPNG(f *testing.F) {
	f.Add(screenshot(f))
	f.Add(plainPNG(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		cleaned(t, append([]byte("\x89PNG\r\n\x1a\n"), b[min(8, len(b)):]...))
	})
}

func FuzzWebP(f *testing.F) {
	f.Add(webp(webpChunk("VP8X", make([]byte, 10)), webpChunk("VP8L", make([]byte, 41)), webpChunk("EXIF", exif(8))))
	f.Fuzz(func(t *testing.T, b []byte) { cleaned(t, b) })
}

// FuzzClean gives anything to the reader: what it takes in is of one kind and stays
// what it is.
func FuzzClean(f *testing.F) {
	for _, head := range []string{
		"%PDF-1.7\n%%EOF\n", "ID3\x04\x00\x00\x00\x00\x00\x00\x00", "OggS\x00\x02", "RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00",
		"\x00\x00\x00\x20ftypM4A \x00", "fLaC\x00\x00\x00\x22", "#!AMR\n<", "GIF89a", "<svg xmlns='http://www.w3.org/2000/svg'/>", "<!doctype html>",
	} {
		f.Add([]byte(head))
	}
	f.Add(photo(f, 3))
	f.Fuzz(cleaned)
}
