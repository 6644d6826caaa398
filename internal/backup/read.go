package backup

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"filippo.io/age"

	"causeway/internal/fault"
)

// Reader reads a backup from its first row to its signed end. What it returns is
// proven only when [Reader.Next] has returned [io.EOF].
type Reader struct {
	frames   *frameReader
	packed   *bufio.Reader // the compressed stream, to see that nothing follows it
	ring     Ring
	manifest Manifest
	progress Progress

	head   tableHead
	open   bool // a table is begun
	rest   []byte
	count  int64 // rows of the table so far
	rows   int64 // of all tables
	counts []TableCount
	done   bool
}

// Open begins to read a sealed backup. ring, which may be nil, is the keyring
// whose signature the backup must carry; without one anybody who knows the
// recipients may have made it. It refuses with these codes:
//
//   - "not-a-backup": no sealed file, or sealed in another way
//   - "wrong-identity" (Denied): sealed to another recovery identity
//   - "backup-newer": made by a later version of the program
//   - "backup-altered": not what was written; Next can say so too
//   - "backup-not-ours": Next says so at the end, when another node has signed
//   - "backup-unreadable" (Unavailable): the disk or the line fails
func Open(r io.Reader, ring Ring, identities ...age.Identity) (*Reader, error) {
	plain, err := unseal(&sourceReader{r: r}, identities...)
	if err != nil {
		return nil, err
	}
	return newReader(plain, ring)
}

// newReader reads what was sealed.
func newReader(plain io.Reader, ring Ring) (*Reader, error) {
	r := &Reader{packed: bufio.NewReaderSize(plain, 64<<10), ring: ring}
	frames, err := newFrameReader(flate.NewReader(r.packed))
	if err != nil {
		return nil, err
	}
	r.frames = frames
	kind, payload, err := frames.next()
	if err != nil {
		return nil, err
	}
	if kind != frameManifest || json.Unmarshal(payload, &r.manifest) != nil {
		return nil, altered("the opening manifest cannot be read")
	}
	if r.manifest.Format != format {
		return nil, fault.New(fault.Unavailable, "backup-newer")
	}
	return r, nil
}

// Manifest returns what the backup says about itself: the opening manifest, and
// after the last row the closing one.
func (r *Reader) Manifest() Manifest { return r.manifest }

// Next returns the next row, in the form that store.DB.Load takes, and io.EOF
// once everything was read and found right. The row is the caller's to keep.
func (r *Reader) Next() (table string, columns []string, row []any, err error) {
	for len(r.rest) == 0 {
		if r.done {
			return "", nil, nil, io.EOF
		}
		if err := r.frame(); err != nil {
			return "", nil, nil, err
		}
	}
	row, rest, ok := takeRow(r.rest, len(r.head.Columns))
	if !ok {
		return "", nil, nil, altered("a row of " + r.head.Table + " cannot be read")
	}
	r.rest = rest
	r.count++
	if r.rows++; r.rows%tellEvery == 0 {
		r.progress.tell(r.rows)
	}
	return r.head.Table, r.head.Columns, row, nil
}

// frame reads a frame.
func (r *Reader) frame() error {
	kind, payload, err := r.frames.next()
	if err != nil {
		return err
	}
	switch kind {
	case frameTable:
		return r.begin(payload)
	case frameRows:
		if !r.open || len(payload) == 0 {
			return altered("rows of no table")
		}
		r.rest = payload
		return nil
	case frameEnd:
		return r.end(payload)
	case frameClose:
		return r.close(payload)
	}
	return altered("a frame of a kind that is not written")
}

// Bounds of a table's head, far above what the program has.
const (
	columnsMost = 500
	nameMost    = 200
)

func (r *Reader) begin(payload []byte) error {
	var head tableHead
	if r.open || json.Unmarshal(payload, &head) != nil {
		return altered("the head of a table cannot be read")
	}
	if head.Table == "" || len(head.Columns) == 0 || len(head.Columns) > columnsMost ||
		slices.ContainsFunc(append(head.Columns, head.Table), func(name string) bool { return len(name) > nameMost }) {
		return altered("the head of a table is not one that is written")
	}
	if slices.ContainsFunc(r.counts, func(t TableCount) bool { return t.Table == head.Table }) {
		return altered("the table " + head.Table + " comes twice")
	}
	r.head, r.open, r.count = head, true, 0
	return nil
}

func (r *Reader) end(payload []byte) error {
	if !r.open || len(payload) != 8+len(r.frames.before) {
		return altered("the end of no table")
	}
	if binary.BigEndian.Uint64(payload) != uint64(r.count) || !bytes.Equal(payload[8:], r.frames.before) {
		return altered("the rows of " + r.head.Table + " are not those that were written")
	}
	r.open = false
	r.counts = append(r.counts, TableCount{r.head.Table, r.count})
	return nil
}

// close reads the closing manifest and compares everything with it.
func (r *Reader) close(payload []byte) error {
	if r.open {
		return altered("a table has no end")
	}
	last, err := openManifest(payload, r.ring)
	if err != nil {
		return err
	}
	if !r.same(last) {
		return altered("the closing manifest is not of this backup")
	}
	if last.Digest != hex.EncodeToString(r.frames.before) {
		return altered("the digest of the rows is not the one that was signed")
	}
	if last.Rows != r.rows || !slices.Equal(filled(last.Tables), r.counts) {
		return altered("the number of rows is not the one that was signed")
	}
	if err := r.frames.finish(); err != nil {
		return err
	}
	switch _, err := r.packed.ReadByte(); {
	case err == nil:
		return altered("something follows the end of the backup")
	case !errors.Is(err, io.EOF):
		return cut(err, "something follows the end of the backup")
	}
	r.manifest, r.done = *last, true
	r.progress.tell(r.rows)
	return nil
}

// same reports whether the closing manifest repeats the opening one.
func (r *Reader) same(last *Manifest) bool {
	first := *last
	first.Journal, first.Tables, first.Rows, first.Digest = nil, nil, 0, ""
	a, err := json.Marshal(first)
	b, err2 := json.Marshal(r.manifest)
	return err == nil && err2 == nil && bytes.Equal(a, b)
}

// filled leaves out the tables without rows, which the stream does not mention.
func filled(tables []TableCount) []TableCount {
	return slices.DeleteFunc(slices.Clone(tables), func(t TableCount) bool { return t.Rows == 0 })
}

// sourceReader marks the failures of the disk, so that they are not taken for
// alterations of the file.
type sourceReader struct{ r io.Reader }

// Read reads from the source.
func (s *sourceReader) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fault.Wrap(fault.Unavailable, "backup-unreadable", err)
	}
	return n, err
}
