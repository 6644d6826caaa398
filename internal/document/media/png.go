package media

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngKept are the chunks that a picture needs (PNG, third edition, section 11):
// pixels, colours, transparency, resolution, and the frames of a moving one. What
// is not listed tells something besides the picture, or is unknown.
var pngKept = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "cHRM": true, "gAMA": true, "iCCP": true,
	"sBIT": true, "sRGB": true, "cICP": true, "bKGD": true, "hIST": true, "pHYs": true, "acTL": true, "fcTL": true, "fdAT": true,
}

// pngTold are the codes of what is taken out.
var pngTold = map[string]string{"eXIf": "exif", "tEXt": "comment", "zTXt": "comment", "iTXt": "xmp", "tIME": "time"}

// pngMost is the largest chunk the format allows; exifMost what of a dropped one
// is looked at for the orientation.
const (
	pngMost  = 1<<31 - 1
	exifMost = 64 << 10
)

// cleanPNG copies the chunks of [pngKept] and drops the others and whatever
// follows the last one.
func cleanPNG(r *bufio.Reader, w io.Writer, rep *Report) error {
	if _, err := r.Discard(len(pngMagic)); err != nil {
		return err
	}
	if _, err := io.WriteString(w, pngMagic); err != nil {
		return err
	}
	seen := map[string]bool{}
	for !seen["IEND"] {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		size, name := int64(binary.BigEndian.Uint32(head[:])), string(head[4:])
		if size > pngMost || seen["IHDR"] == (name == "IHDR") || name == "IEND" && (size != 0 || !seen["IDAT"]) {
			return errDamaged() // the header is the first chunk, and there is one
		}
		seen[name] = true
		if err := pngChunk(r, w, rep, head, size); err != nil {
			return err
		}
	}
	if _, err := r.Peek(1); err == nil {
		rep.removed("trailing")
	}
	return nil
}

// pngChunk copies or drops one chunk whose head was read.
func pngChunk(r *bufio.Reader, w io.Writer, rep *Report, head [8]byte, size int64) error {
	name := string(head[4:])
	if !pngKept[name] {
		code := pngTold[name]
		if code == "" {
			if head[4]&0x20 == 0 {
				return errDamaged() // a chunk that must be understood
			}
			code = "other"
		}
		rep.removed(code)
		return pngDrop(r, w, rep, name, size)
	}
	sum := crc32.NewIEEE()
	_, _ = sum.Write(head[4:]) // a hash does not fail
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	if _, err := io.CopyN(io.MultiWriter(w, sum), r, size); err != nil {
		return err
	}
	var crc [4]byte
	if _, err := io.ReadFull(r, crc[:]); err != nil {
		return err
	}
	if binary.BigEndian.Uint32(crc[:]) != sum.Sum32() {
		return errDamaged()
	}
	_, err := w.Write(crc[:])
	return err
}

// pngDrop skips a chunk; of EXIF the orientation is kept.
func pngDrop(r *bufio.Reader, w io.Writer, rep *Report, name string, size int64) error {
	if name == "eXIf" && size <= exifMost {
		body := make([]byte, size)
		if _, err := io.ReadFull(r, body); err != nil {
			return err
		}
		if turn := orientation(body); turn > 1 && rep.Turn == 0 {
			rep.Turn = turn
			if err := writeChunk(w, name, turned(turn)); err != nil {
				return err
			}
		}
		size = 0
	}
	_, err := io.CopyN(io.Discard, r, size+4)
	return err
}

func writeChunk(w io.Writer, name string, body []byte) error {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	_, err := w.Write(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
	return err
}
