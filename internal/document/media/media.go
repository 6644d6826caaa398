// Package media tells what a file is from its bytes and takes out of photos what
// they tell besides the picture: where and with what they were taken, comments,
// small copies of the picture before it was cut.
//
// It reads containers, never pixels: what the picture shows stays bit for bit. It
// holds no file in memory. What it does not know it refuses.
//
// Start at [Clean].
package media

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"causeway/internal/fault"
)

// Kind is one kind of file that is taken in.
type Kind struct {
	Code  string   // words "documentkind.<Code>"
	Type  string   // media type it is sent out with
	Ends  []string // endings a name may have, ours first
	Image bool     // may be shown by the browser: the container was rebuilt by us

	magic  func(head []byte) bool
	second string // what net/http must say as well, "" where it knows none
	clean  func(r *bufio.Reader, w io.Writer, rep *Report) error
}

// Report is what [Clean] found.
type Report struct {
	Kind    Kind
	Removed []string // codes, words "documentremoved.<code>", each once
	// Turn is how a viewer turns the picture (the values 1 to 8 of EXIF's tag
	// Orientation); 0 where the file says nothing.
	Turn int
	Size int64 // bytes written
}

func (r *Report) removed(code string) {
	if !slices.Contains(r.Removed, code) {
		r.Removed = append(r.Removed, code)
	}
}

// HeadSize is how many bytes decide what a file is, as with net/http.
const HeadSize = 512

// kinds is everything that is taken in. GIF and SVG are not in it: nobody takes
// photos in them, and they carry scripts and other files easily. Video is not: it
// needs another size.
var kinds = []Kind{
	{
		Code: "jpeg", Type: "image/jpeg", Ends: []string{".jpg", ".jpeg", ".jpe", ".jfif"}, Image: true, second: "image/jpeg",
		magic: starts("\xff\xd8\xff"), clean: cleanJPEG,
	},
	{
		Code: "png", Type: "image/png", Ends: []string{".png"}, Image: true, second: "image/png",
		magic: starts(pngMagic), clean: cleanPNG,
	},
	{
		Code: "webp", Type: "image/webp", Ends: []string{".webp"}, Image: true, second: "image/webp",
		magic: func(b []byte) bool { return starts("RIFF")(b) && at(b, 8, "WEBPVP8") }, clean: cleanWebP,
	},
	{
		Code: "pdf", Type: "application/pdf", Ends: []string{".pdf"}, second: "application/pdf",
		magic: func(b []byte) bool { return starts("%PDF-1.")(b) || starts("%PDF-2.")(b) }, clean: copyPDF,
	},
	{Code: "mp3", Type: "audio/mpeg", Ends: []string{".mp3"}, magic: isMP3, clean: copyWhole},
	{Code: "ogg", Type: "audio/ogg", Ends: []string{".ogg", ".oga", ".opus"}, magic: starts("OggS\x00"), second: "application/ogg", clean: copyWhole},
	{
		Code: "wav", Type: "audio/wav", Ends: []string{".wav"}, second: "audio/wave",
		magic: func(b []byte) bool { return starts("RIFF")(b) && at(b, 8, "WAVEfmt ") }, clean: copyWhole,
	},
	{
		Code: "m4a", Type: "audio/mp4", Ends: []string{".m4a", ".m4b"},
		magic: func(b []byte) bool { return at(b, 4, "ftypM4A ") || at(b, 4, "ftypM4B ") }, clean: copyWhole,
	},
	{Code: "flac", Type: "audio/flac", Ends: []string{".flac"}, magic: starts("fLaC\x00\x00\x00\x22"), clean: copyWhole},
	{Code: "amr", Type: "audio/amr", Ends: []string{".amr"}, magic: starts("#!AMR\n"), clean: copyWhole},
}

// Endings lists every ending a file may have, for the button that chooses one.
func Endings() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.Ends...)
	}
	return out
}

// Of tells what a file is from its first [HeadSize] bytes. ok is false for what
// is not taken in, and for a file that another reader would take for something
// else.
func Of(head []byte) (k Kind, ok bool) {
	head = head[:min(len(head), HeadSize)]
	for _, k := range kinds {
		if !k.magic(head) {
			continue
		}
		if k.second != "" && http.DetectContentType(head) != k.second {
			return Kind{}, false
		}
		return k, !looksLikePage(head)
	}
	return Kind{}, false
}

// ByCode returns the kind of a code that [Clean] reported.
func ByCode(code string) (Kind, bool) {
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Code == code })
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}

// Fits reports whether a file's name may stand for the kind: no ending, or one of
// the kind's. A photo that calls itself a document was renamed on its way.
func (k Kind) Fits(name string) bool {
	end := strings.ToLower(path.Ext(name))
	return end == "" || slices.Contains(k.Ends, end)
}

// Clean copies a file from r to w without what it tells besides its content, and
// says what it was. Photos are rebuilt from their container; other kinds are
// copied as they are. The faults are "document-kind" for what is not taken in and
// "document-damaged" for what does not hold together; w then holds a part that
// must be thrown away. Errors of r and w are returned as they are.
func Clean(r io.Reader, w io.Writer) (*Report, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(HeadSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	k, ok := Of(head)
	if !ok {
		return nil, errKind()
	}
	rep := &Report{Kind: k}
	out := &counted{w: w}
	if err := k.clean(in, out, rep); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errDamaged()
		}
		return nil, err
	}
	rep.Size = out.n
	return rep, nil
}

func errKind() error    { return fault.New(fault.Invalid, "document-kind") }
func errDamaged() error { return fault.New(fault.Invalid, "document-damaged") }

type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func starts(magic string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(magic)) }
}

func at(b []byte, i int, magic string) bool {
	return len(b) >= i+len(magic) && string(b[i:i+len(magic)]) == magic
}

// isMP3 knows a tag of version 2, or a frame of layer 3 with a bit rate and a
// sampling rate that exist (ISO/IEC 11172-3, section 2.4.2.3).
func isMP3(b []byte) bool {
	if starts("ID3")(b) {
		return len(b) > 10 && b[3] >= 2 && b[3] <= 4
	}
	return len(b) >= 4 && b[0] == 0xff && b[1]&0xe6 == 0xe2 && b[1]&0x18 != 0x08 &&
		b[2]>>4 != 0 && b[2]>>4 != 15 && b[2]>>2&3 != 3
}

// looksLikePage finds what makes a browser or a viewer take a file for a page:
// some files are two things at once.
func looksLikePage(head []byte) bool {
	low := bytes.ToLower(head)
	for _, sign := range []string{"<html", "<script", "<!doctype", "<svg", "<?php", "<iframe"} {
		if bytes.Contains(low, []byte(sign)) {
			return true
		}
	}
	return false
}

// copyWhole keeps a file as it is.
func copyWhole(r *bufio.Reader, w io.Writer, _ *Report) error {
	_, err := io.Copy(w, r)
	return err
}

// pdfTail is how far from its end a file must say that it ends (ISO 32000-1,
// annex H.3, as readers do it).
const pdfTail = 1024

// copyPDF keeps a PDF as it is: what was signed must stay what was signed. One
// that does not end as a PDF, or ends as an archive, is refused.
func copyPDF(r *bufio.Reader, w io.Writer, _ *Report) error {
	tail := &tail{w: w}
	if _, err := io.Copy(tail, r); err != nil {
		return err
	}
	if !bytes.Contains(tail.last, []byte("%%EOF")) {
		return errDamaged()
	}
	if bytes.Contains(tail.last, []byte("PK\x05\x06")) {
		return errKind()
	}
	return nil
}

// tail remembers the last bytes that went through.
type tail struct {
	w    io.Writer
	last []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.last = append(t.last, b[max(0, len(b)-pdfTail):]...)
	t.last = append(t.last[:0], t.last[max(0, len(t.last)-pdfTail):]...)
	return t.w.Write(b)
}
