package media

import (
	"bufio"
	"encoding/binary"
	"io"
)

// webpKept are the chunks that a picture needs (RFC 9649, section 2).
var webpKept = map[string]bool{
	"VP8 ": true, "VP8L": true, "VP8X": true, "ALPH": true, "ANIM": true, "ANMF": true, "ICCP": true,
}

// The flags of an extended file that announce what is dropped.
const webpFlags = 0x08 | 0x04 // EXIF, XMP

// cleanWebP copies a file and blanks what is not the picture: the length stands
// before everything else, so that a chunk can be emptied and not left out. An
// emptied one has a name that readers do not know and skip. The orientation is
// lost: the report holds it.
func cleanWebP(r *bufio.Reader, w io.Writer, rep *Report) error {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	left := int64(binary.LittleEndian.Uint32(head[4:])) - 4
	if left < 8 || left%2 != 0 {
		return errDamaged()
	}
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	picture := false
	for first := true; left > 0; first = false {
		var c [8]byte
		if left < 8 {
			return errDamaged()
		}
		if _, err := io.ReadFull(r, c[:]); err != nil {
			return err
		}
		name, size := string(c[:4]), int64(binary.LittleEndian.Uint32(c[4:]))
		if first && name != "VP8 " && name != "VP8L" && name != "VP8X" {
			return errDamaged() // it would be emptied, and the file be no picture any more
		}
		padded := size + size%2
		if left -= 8 + padded; left < 0 {
			return errDamaged()
		}
		picture = picture || name == "VP8 " || name == "VP8L" || name == "ANMF"
		if err := webpChunk(r, w, rep, name, c, padded); err != nil {
			return err
		}
	}
	if !picture {
		return errDamaged()
	}
	if _, err := r.Peek(1); err == nil {
		rep.removed("trailing")
	}
	return nil
}

// webpChunk copies or empties one chunk whose head was read.
func webpChunk(r *bufio.Reader, w io.Writer, rep *Report, name string, head [8]byte, padded int64) error {
	switch {
	case name == "VP8X":
		if padded < 10 || padded > 64 {
			return errDamaged()
		}
		body := make([]byte, padded)
		if _, err := io.ReadFull(r, body); err != nil {
			return err
		}
		body[0] &^= webpFlags
		if _, err := w.Write(head[:]); err != nil {
			return err
		}
		_, err := w.Write(body)
		return err
	case webpKept[name]:
		if _, err := w.Write(head[:]); err != nil {
			return err
		}
		_, err := io.CopyN(w, r, padded)
		return err
	}
	code := map[string]string{"EXIF": "exif", "XMP ": "xmp"}[name]
	if code == "" {
		code = "other"
	}
	rep.removed(code)
	if code == "exif" {
		if b, err := r.Peek(int(min(padded, 4<<10))); err == nil && rep.Turn == 0 {
			if at(b, 0, exifMark) { // some writers put JPEG's mark before it
				b = b[len(exifMark):]
			}
			rep.Turn = orientation(b)
		}
	}
	copy(head[:], "none")
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := io.CopyN(blank{w}, r, padded)
	return err
}

// blank writes as many zeros as it is given bytes: a file that announces more than
// it has makes nobody write more than it has.
type blank struct{ w io.Writer }

var zeros [4 << 10]byte

func (b blank) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = b.w.Write(zeros[:min(len(p)-n, len(zeros))])
		n += m
	}
	return n, err
}
