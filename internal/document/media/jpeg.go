package media

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// Markers of a JPEG file (ITU-T T.81, table B.1).
const (
	mTEM  = 0x01
	mDHT  = 0xc4
	mDAC  = 0xcc
	mRST0 = 0xd0
	mRST7 = 0xd7
	mSOI  = 0xd8
	mEOI  = 0xd9
	mSOS  = 0xda
	mDQT  = 0xdb
	mDNL  = 0xdc
	mDRI  = 0xdd
	mAPP0 = 0xe0
	mAPP1 = 0xe1
	mAPP2 = 0xe2
	mAPPe = 0xee // Adobe's note on the colours
	mAPPf = 0xef
	mCOM  = 0xfe
)

const (
	exifMark = "Exif\x00\x00"
	jfifSize = 14 // of JFIF without a small picture
	adobe    = 12 // "Adobe", version, two flags, transform
)

// cleanJPEG writes the segments a decoder needs, in their order, and drops all
// others: EXIF, XMP, IPTC, comments, small pictures, maker's notes. What follows
// the end of the picture is dropped: phones put further pictures there, with a
// place of their own.
func cleanJPEG(r *bufio.Reader, w io.Writer, rep *Report) error {
	if _, err := r.Discard(2); err != nil {
		return err
	}
	if _, err := w.Write([]byte{0xff, mSOI}); err != nil {
		return err
	}
	framed, scanned := false, false
	m, err := marker(r)
	for ; err == nil && m != mEOI; m, err = nextMarker(r, w, m) {
		if m == mSOI || m == mTEM || m == 0 || m >= mRST0 && m <= mRST7 {
			return errDamaged()
		}
		body, err := segment(r)
		if err != nil {
			return err
		}
		framed = framed || isFrame(m)
		if keep := jpegKeeps(m, body, rep); keep != nil {
			if err := writeSegment(w, m, keep); err != nil {
				return err
			}
		}
		scanned = scanned || m == mSOS
		if scanned && !framed {
			return errDamaged()
		}
	}
	if err != nil {
		return err
	}
	if !scanned {
		return errDamaged()
	}
	if _, err := r.Peek(1); err == nil {
		rep.removed("trailing")
	}
	_, err = w.Write([]byte{0xff, mEOI})
	return err
}

// nextMarker reads the marker after a segment; after one that begins a scan, the
// scan is copied first.
func nextMarker(r *bufio.Reader, w io.Writer, after byte) (byte, error) {
	if after == mSOS {
		return copyScan(r, w)
	}
	return marker(r)
}

// isFrame reports whether a marker begins a frame.
func isFrame(m byte) bool {
	return m >= 0xc0 && m <= 0xcf && m != mDHT && m != 0xc8 && m != mDAC
}

// marker reads the next marker, with the fill bytes before it.
func marker(r *bufio.Reader) (byte, error) {
	b, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	if b != 0xff {
		return 0, errDamaged()
	}
	return pastFill(r)
}

// pastFill reads what follows the first byte of a marker.
func pastFill(r *bufio.Reader) (byte, error) {
	for {
		if b, err := r.ReadByte(); err != nil || b != 0xff {
			return b, err
		}
	}
}

// segment reads the rest of a marker segment; it has at most 65,533 bytes.
func segment(r *bufio.Reader) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(size[:]))
	if n < 2 {
		return nil, errDamaged()
	}
	body := make([]byte, n-2)
	_, err := io.ReadFull(r, body)
	return body, err
}

func writeSegment(w io.Writer, m byte, body []byte) error {
	head := [4]byte{0xff, m}
	binary.BigEndian.PutUint16(head[2:], uint16(len(body)+2))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(body)
	return err
}

// jpegKeeps returns what stays of a segment, nil for nothing.
func jpegKeeps(m byte, body []byte, rep *Report) []byte {
	switch {
	case isFrame(m), m == mDHT, m == mDAC, m == mSOS, m == mDQT, m == mDNL, m == mDRI:
		return body
	case m == mAPP0 && at(body, 0, "JFIF\x00") && len(body) >= jfifSize:
		if len(body) > jfifSize {
			rep.removed("thumbnail")
		}
		keep := bytes.Clone(body[:jfifSize])
		keep[12], keep[13] = 0, 0 // no small picture
		return keep
	case m == mAPP2 && at(body, 0, "ICC_PROFILE\x00"):
		return body // the colours would change
	case m == mAPPe && at(body, 0, "Adobe") && len(body) >= adobe:
		return body[:adobe] // decoders take the colours from it
	case m == mAPP1 && at(body, 0, exifMark):
		rep.removed("exif")
		turn := orientation(body[len(exifMark):])
		if turn < 2 || rep.Turn != 0 {
			return nil
		}
		rep.Turn = turn
		return append([]byte(exifMark), turned(turn)...)
	case m == mAPP1 && at(body, 0, "http://ns.adobe.com/"):
		rep.removed("xmp")
	case m == mCOM:
		rep.removed("comment")
	default:
		rep.removed("other")
	}
	return nil
}

// copyScan copies entropy-coded data and returns the marker that ends it.
func copyScan(r *bufio.Reader, w io.Writer) (byte, error) {
	for {
		part, err := r.ReadSlice(0xff)
		if errors.Is(err, bufio.ErrBufferFull) {
			if _, err := w.Write(part); err != nil {
				return 0, err
			}
			continue
		}
		if err != nil {
			return 0, err
		}
		if _, err := w.Write(part[:len(part)-1]); err != nil {
			return 0, err
		}
		m, err := pastFill(r)
		if err != nil || m != 0 && (m < mRST0 || m > mRST7) {
			return m, err
		}
		if _, err := w.Write([]byte{0xff, m}); err != nil { // a byte of data, or a restart
			return 0, err
		}
	}
}
