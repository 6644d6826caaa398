package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"causeway/internal/fault"
)

// The stream is a line that names it and then frames: one byte for the kind,
// four for the length (big-endian), and as many bytes.
//
//	M  opening manifest, JSON
//	T  head of a table, JSON: its name and columns
//	R  rows of that table: for each column a value (value.go)
//	E  end of the table: rows (8 bytes), SHA-256 of the stream before this frame
//	Z  closing manifest, JSON in a signed note
//
// M is the first frame and Z the last; nothing follows it.
const magic = "causeway-backup/1\n"

const (
	frameManifest = 'M'
	frameTable    = 'T'
	frameRows     = 'R'
	frameEnd      = 'E'
	frameClose    = 'Z'
)

const (
	frameHead  = 5
	frameMost  = 64 << 20  // bytes of one frame; a single row is far smaller
	frameUsual = 128 << 10 // rows are gathered into frames of about this size
)

var errNotSigned = errors.New("the signature is not one of this node's")

// altered is the fault for a backup that is not as it was written.
func altered(what string) error {
	return fault.Wrap(fault.Invalid, "backup-altered", errors.New(what))
}

// tableHead is the payload of a T frame.
type tableHead struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

// frameWriter writes the stream.
type frameWriter struct {
	w   io.Writer
	sum hash.Hash
	n   int64 // bytes written
}

func newFrameWriter(w io.Writer) (*frameWriter, error) {
	f := &frameWriter{w: w, sum: sha256.New()}
	return f, f.write([]byte(magic))
}

func (f *frameWriter) write(b []byte) error {
	_, _ = f.sum.Write(b) // a hash never fails
	f.n += int64(len(b))
	_, err := f.w.Write(b)
	return err
}

func (f *frameWriter) frame(kind byte, payload []byte) error {
	if len(payload) > frameMost {
		return fault.New(fault.Internal, "backup-row-too-large")
	}
	var head [frameHead]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(payload)))
	if err := f.write(head[:]); err != nil {
		return err
	}
	return f.write(payload)
}

func (f *frameWriter) json(kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(fault.Internal, "backup-manifest", err)
	}
	return f.frame(kind, b)
}

// end writes the end of a table.
func (f *frameWriter) end(rows int64) error {
	return f.frame(frameEnd, f.sum.Sum(binary.BigEndian.AppendUint64(nil, uint64(rows))))
}

// frameReader reads a stream.
type frameReader struct {
	r      *bufio.Reader
	sum    hash.Hash
	before []byte // digest of the stream before the frame read last
	n      int64
}

func newFrameReader(r io.Reader) (*frameReader, error) {
	f := &frameReader{r: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
	var line [len(magic)]byte
	if _, err := io.ReadFull(f.r, line[:]); err != nil {
		return nil, cut(err, "the backup ends in its first line")
	}
	if string(line[:]) != magic {
		if bytes.HasPrefix(line[:], []byte("causeway-backup/")) {
			return nil, fault.New(fault.Unavailable, "backup-newer")
		}
		return nil, altered("not the stream of a backup")
	}
	_, _ = f.sum.Write(line[:])
	return f, nil
}

// next reads a frame; its payload is the caller's to keep.
func (f *frameReader) next() (kind byte, payload []byte, err error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(f.r, head[:]); err != nil {
		return 0, nil, cut(err, "the backup ends without its closing manifest")
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > frameMost {
		return 0, nil, altered("a frame is larger than any that is written")
	}
	// The length is not trusted with memory before the bytes are there.
	var b bytes.Buffer
	b.Grow(int(min(size, frameUsual*2)))
	if _, err := io.CopyN(&b, f.r, int64(size)); err != nil {
		return 0, nil, cut(err, "the backup ends within a frame")
	}
	if head[0] == frameEnd || head[0] == frameClose {
		f.before = f.sum.Sum(nil)
	}
	_, _ = f.sum.Write(head[:])
	_, _ = f.sum.Write(b.Bytes())
	f.n += int64(frameHead + size)
	return head[0], b.Bytes(), nil
}

// finish checks that nothing follows the last frame.
func (f *frameReader) finish() error {
	switch _, err := f.r.ReadByte(); {
	case err == nil:
		return altered("something follows the closing manifest")
	case errors.Is(err, io.EOF):
		return nil
	default:
		return cut(err, "something follows the closing manifest")
	}
}

// cut tells a stream that ends too early or cannot be decoded from one that
// cannot be read: a source marks its own failures (see sourceReader).
func cut(err error, what string) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	// The cause is told, not wrapped: an io.EOF in the chain would be taken for
	// the proper end.
	return altered(fmt.Sprintf("%s: %v", what, err))
}
