package sheet

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"

	"causeway/internal/fault"
)

// signatures of files that are taken for tables by mistake, with the code of the
// message that says what to do instead.
var signatures = []struct{ begins, code string }{
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old-or-locked-workbook"}, // XLS, or XLSX with a password
	{"%PDF-", "not-a-table"},
	{"\x7fELF", "not-a-table"},
	{"MZ\x90", "not-a-table"},
	{"\x89PNG", "not-a-table"},
	{"\xff\xd8\xff", "not-a-table"},
	{"GIF8", "not-a-table"},
	{"{\\rtf", "not-a-table"},
	{"SQLite format 3", "not-a-table"},
	{"<!DOCTYPE", "not-a-table"},
	{"<html", "not-a-table"},
	{"<?xml", "not-a-table"},
}

// knownOther returns the code of a file that is certainly no table, or "".
func knownOther(head []byte) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, s := range signatures {
		if bytes.HasPrefix(text, []byte(s.begins)) {
			return s.code
		}
	}
	return ""
}

func isZip(head []byte) bool  { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }
func isGzip(head []byte) bool { return bytes.HasPrefix(head, []byte("\x1f\x8b\x08")) }

// head returns the first bytes of src, at most n.
func head(src Source, n int64) ([]byte, error) {
	b := make([]byte, min(n, src.Size()))
	read, err := src.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b[:read], nil
}

// plainText returns the bytes of a CSV file, unpacked if it is packed, refused
// once they pass the limit.
func plainText(src Source, lim Limits) (io.Reader, error) {
	first, err := head(src, 4)
	if err != nil {
		return nil, err
	}
	var r io.Reader = bufio.NewReaderSize(io.NewSectionReader(src, 0, src.Size()), 64<<10)
	packed := isGzip(first)
	if packed {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "damaged-file", err)
		}
		r = &unpacking{z}
	}
	return &capped{r: r, left: lim.PlainBytes}, nil
}

// unpacking turns the errors of a damaged packed file into a fault.
type unpacking struct{ r io.Reader }

func (u *unpacking) Read(b []byte) (int, error) {
	n, err := u.r.Read(b)
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, new(flate.CorruptInputError)) {
		return n, fault.Wrap(fault.Invalid, "damaged-file", err)
	}
	return n, err
}

// capped refuses to read more than it may.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.left -= int64(n)
	if c.left < 0 {
		return 0, fault.New(fault.Invalid, "file-too-big")
	}
	return n, err
}
