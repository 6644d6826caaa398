package casework_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// archive is an office with its case room and its documents.
type archive struct {
	*office
	docs         *document.Room
	worker, boss *access.Caller
	id           ident.Case
}

// small are limits that a test reaches.
var small = document.Limits{File: 1 << 20, Case: 2 << 20, Keep: 24 * time.Hour}

func withDocuments(t testing.TB, o *office, scan *document.Scanner) *archive {
	t.Helper()
	docs, err := document.New(o.DB, o.Custody, small, scan)
	if err != nil {
		t.Fatal(err)
	}
	o.room.Keep(docs)
	a := &archive{office: o, docs: docs, worker: o.Person(access.RoleCaseWorker, o.North), boss: o.Person(access.RoleSupervisor, o.North)}
	a.id = o.register(t, a.worker)
	return a
}

func eachArchive(t *testing.T, body func(t *testing.T, a *archive)) {
	each(t, func(t *testing.T, o *office) { body(t, withDocuments(t, o, nil)) })
}

// shore is what the invented position in a test's photo reads like.
const shore = "91.55N 181.77E Invented Shore"

// phonePhoto is a JPEG with EXIF that holds an orientation and a position.
func phonePhoto(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x02" +
		"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00" + "\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x26" + "\x00\x00\x00\x00" + shore)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(tiff)+2))
	return append(append(head, tiff...), b.Bytes()[2:]...)
}

// sound is a recording of a size.
func sound(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i * i >> 8)
	}
	copy(b, "RIFF\x00\x00\x00\x00WAVEfmt ")
	return b
}

func brief(name string) document.Brief {
	return document.Brief{Name: sealed.NewText(name), What: "other", Text: sealed.NewText("The door of the house.")}
}

// add takes a document in and returns it. The clock goes on first: the list is
// newest first, and of two documents of one moment neither is the newer.
func (a *archive) add(t testing.TB, name string, b []byte) document.Document {
	t.Helper()
	a.Clock.Advance(time.Second)
	if err := a.room.AddDocument(ctx, a.worker, command(), a.id, brief(name), bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	list := a.list(t)
	if len(list) == 0 {
		t.Fatal("the document is not in the list")
	}
	return list[0]
}

func (a *archive) list(t testing.TB) []document.Document {
	t.Helper()
	l, err := a.room.ListDocuments(ctx, a.worker, a.id)
	if err != nil {
		t.Fatal(err)
	}
	return l.Documents
}

func (a *archive) read(c *access.Caller, doc ident.Document) ([]byte, error) {
	var b bytes.Buffer
	err := a.room.ReadDocument(ctx, c, a.id, doc, func(*document.Document) (io.Writer, error) { return &b, nil })
	return b.Bytes(), err
}

// stored counts rows of a table.
func (a *archive) stored(t testing.TB, table string) (n int64) {
	t.Helper()
	err := a.DB.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAPhotoComesInWithoutItsPlace goes the way of a plain form, and of a look:
// what was kept is the photo without its position, and each fetch is an entry.
func TestAPhotoComesInWithoutItsPlace(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		photo := phonePhoto(t)
		d := a.add(t, `C:\Pictures\door.JPG`, photo)
		before := sha256.Sum256(photo)
		if d.State != document.Kept || d.Kind != "jpeg" || d.Turn != 6 || d.Scan != document.NotScanned ||
			!bytes.Equal(d.Before, before[:]) || d.Received != int64(len(photo)) || d.Brief.Name.Reveal() != "door.JPG" {
			t.Errorf("kept as %s, %s, turn %d, %s, %d bytes of %q", d.State, d.Kind, d.Turn, d.Scan, d.Received, d.Brief.Name.Reveal())
		}
		for range 2 {
			got, err := a.read(a.boss, d.ID)
			if err != nil {
				t.Fatal(err)
			}
			after := sha256.Sum256(got)
			if bytes.Contains(got, []byte("Shore")) || !bytes.Equal(after[:], d.After) || int64(len(got)) != d.Size {
				t.Error("what is handed out is not what was kept, or has the place in it")
			}
		}
		page, err := a.room.OpenDocument(ctx, a.worker, a.id, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Looks) != 2 || len(page.Events) != 1 || page.Events[0].Kind != casework.KindDocumentAdded {
			t.Errorf("custody: %d looks, %d events, want 2 and 1", len(page.Looks), len(page.Events))
		}
		opened := 0
		for _, h := range a.Entries(t) {
			if h.What == "document.open" && h.Action == journal.Export && h.Outcome == journal.OK {
				opened++
			}
		}
		if opened != 2 {
			t.Errorf("entries of fetching = %d, want 2: each is one", opened)
		}
		if _, err := a.room.Open(ctx, a.worker, a.id); err != nil {
			t.Errorf("the case after its documents: %v", err)
		}
		if n := a.stored(t, "document_piece") + a.stored(t, "document_upload"); n != 0 {
			t.Errorf("rows left of the upload = %d, want none", n)
		}
	})
}

// TestTheSameFormTwiceIsOneDocument: a browser that sends the form again adds
// nothing.
func TestTheSameFormTwiceIsOneDocument(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		cmd := command()
		for range 2 {
			if err := a.room.AddDocument(ctx, a.worker, cmd, a.id, brief("a.wav"), bytes.NewReader(sound(1000))); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(a.list(t)); n != 1 {
			t.Errorf("documents = %d, want 1", n)
		}
	})
}

// TestAnUploadGoesOn: pieces in any order, one of them twice, one lost; then the
// rest, from another process.
func TestAnUploadGoesOn(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		whole := sound(2*document.PieceSize + 100)
		part := func(n int) []byte { return whole[n*document.PieceSize : min(len(whole), (n+1)*document.PieceSize)] }
		up, err := a.room.BeginDocument(ctx, a.worker, command(), a.id, brief("talk.wav"), int64(len(whole)))
		if err != nil {
			t.Fatal(err)
		}
		put := func(n int, b []byte) error { return a.room.PutDocument(ctx, a.worker, a.id, up, int64(n), b) }
		if err := errors.Join(put(2, part(2)), put(0, part(0)), put(0, part(0))); err != nil {
			t.Fatal(err)
		}
		if err := put(0, part(1)); !fault.Is(err, fault.Conflict) {
			t.Errorf("another piece in the place of one = %v, want a conflict", err)
		}
		cmd := command()
		if err := a.room.FinishDocument(ctx, a.worker, cmd, a.id, up, nil); fault.CodeOf(err) != "document-incomplete" {
			t.Errorf("finishing without a piece = %v", err)
		}
		if n := len(a.list(t)); n != 0 {
			t.Errorf("half a document is visible: %d", n)
		}
		again, err := document.New(a.DB, a.Custody, small, nil)
		if err != nil {
			t.Fatal(err)
		}
		a.room.Keep(again)
		have, err := a.room.HaveDocument(ctx, a.worker, a.id, up)
		if err != nil || len(have) != 2 || have[0] != 0 || have[1] != 2 {
			t.Fatalf("here are %v, %v; want 0 and 2", have, err)
		}
		other := a.Person(access.RoleCaseWorker, a.North)
		if err := a.room.PutDocument(ctx, other, a.id, up, 1, part(1)); !fault.Is(err, fault.NotFound) {
			t.Errorf("a piece from somebody else = %v", err)
		}
		if err := a.room.PutDocument(ctx, a.worker, a.register(t, a.worker), up, 1, part(1)); !fault.Is(err, fault.NotFound) {
			t.Errorf("a piece for another case = %v", err)
		}
		if err := put(1, part(1)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := a.room.FinishDocument(ctx, a.worker, cmd, a.id, up, nil); err != nil {
				t.Fatal(err)
			}
		}
		list := a.list(t)
		if len(list) != 1 || list[0].Chunks != 3 {
			t.Fatalf("documents = %d, want one of 3 chunks", len(list))
		}
		if got, err := a.read(a.worker, list[0].ID); err != nil || !bytes.Equal(got, whole) {
			t.Errorf("read %d bytes, %v; want the %d that were sent", len(got), err, len(whole))
		}
	})
}

// TestAnUnfinishedUploadExpires and leaves nothing.
func TestAnUnfinishedUploadExpires(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		up, err := a.room.BeginDocument(ctx, a.worker, command(), a.id, brief("talk.wav"), 500)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.room.PutDocument(ctx, a.worker, a.id, up, 0, sound(500)); err != nil {
			t.Fatal(err)
		}
		if err := a.docs.Expire(ctx); err != nil || a.stored(t, "document_piece") != 1 {
			t.Fatalf("a young upload: %v, %d pieces", err, a.stored(t, "document_piece"))
		}
		a.Clock.Advance(small.Keep)
		if err := a.room.FinishDocument(ctx, a.worker, command(), a.id, up, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("finishing what is over = %v", err)
		}
		if err := a.docs.Expire(ctx); err != nil {
			t.Fatal(err)
		}
		if n := a.stored(t, "document_piece") + a.stored(t, "document_upload"); n != 0 {
			t.Errorf("rows left = %d, want none", n)
		}
	})
}

// TestStoppedInTheMiddleNothingIsVisible ends the transaction that keeps a
// document after all of it was written: no head, no chunk and no event stay, and
// the upload can be finished afterwards.
func TestStoppedInTheMiddleNothingIsVisible(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		up, err := a.room.BeginDocument(ctx, a.worker, command(), a.id, brief("talk.wav"), -1)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.room.PutDocument(ctx, a.worker, a.id, up, 0, sound(500)); err != nil {
			t.Fatal(err)
		}
		stop, cmd := errors.New("stopped"), command()
		err = a.Gate.Group(ctx, func(g *access.Gate) error {
			if err := a.room.In(g).FinishDocument(ctx, a.worker, cmd, a.id, up, nil); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if n := a.stored(t, "document_document") + a.stored(t, "document_chunk"); n != 0 || len(a.list(t)) != 0 {
			t.Errorf("rows of half a document = %d, want none", n)
		}
		if err := a.room.FinishDocument(ctx, a.worker, cmd, a.id, up, nil); err != nil || len(a.list(t)) != 1 {
			t.Errorf("finishing afterwards = %v, %d documents", err, len(a.list(t)))
		}
	})
}

// stopping fails after some bytes, as a lost connection does.
type stopping struct {
	io.Reader
	err error
}

func (s stopping) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	if errors.Is(err, io.EOF) {
		err = s.err
	}
	return n, err
}

// TestALostFormLeavesNothing: a plain form whose connection ends is thrown away.
func TestALostFormLeavesNothing(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		lost := errors.New("lost")
		gone, leave := context.WithCancel(ctx)
		from := stopping{bytes.NewReader(sound(document.PieceSize + 9)), lost}
		err := a.room.AddDocument(gone, a.worker, command(), a.id, brief("talk.wav"), from)
		leave()
		if !errors.Is(err, lost) {
			t.Errorf("error = %v, want what the connection said", err)
		}
		if n := a.stored(t, "document_piece") + a.stored(t, "document_upload"); n != 0 || len(a.list(t)) != 0 {
			t.Errorf("rows left = %d, want none", n)
		}
	})
}

// counting says how far a stream was read ahead of what is stored.
type counting struct {
	t     *testing.T
	a     *archive
	left  int
	given int64
	most  int64
}

func (c *counting) Read(b []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	var here int64
	err := c.a.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM document_piece`).Scan(&here)
	})
	if err != nil {
		return 0, err
	}
	n := copy(b, sound(len(b))[:min(len(b), c.left)])
	c.left, c.given = c.left-n, c.given+int64(n)
	c.most = max(c.most, c.given-here)
	return n, nil
}

// TestAFormIsNeverHeldWhole: of what was read from a browser, never more than one
// piece is not in the database yet.
func TestAFormIsNeverHeldWhole(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		from := &counting{t: t, a: a, left: 900_000}
		if err := a.room.AddDocument(ctx, a.worker, command(), a.id, brief("talk.wav"), from); err != nil {
			t.Fatal(err)
		}
		if from.most > document.PieceSize {
			t.Errorf("bytes in memory = %d, want at most one piece of %d", from.most, document.PieceSize)
		}
	})
}

// TestRefusedAtTheDoor: kinds, names, sizes; and nothing of it stays.
func TestRefusedAtTheDoor(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		for name, c := range map[string]struct {
			brief document.Brief
			file  []byte
			code  string
		}{
			"a page":                       {brief("a.html"), []byte("<html><script>alert(1)</script>"), "document-kind"},
			"a page that calls itself JPG": {brief("a.jpg"), []byte("<html><script>alert(1)</script>"), "document-kind"},
			"a photo that calls itself PDF": {
				brief("a.pdf"), phonePhoto(t), "document-name",
			},
			"a photo that is cut off":  {brief("a.jpg"), phonePhoto(t)[:400], "document-damaged"},
			"nothing":                  {brief("a.jpg"), nil, "document-empty"},
			"more than one may have":   {brief("a.wav"), sound(int(small.File) + 1), "document-too-big"},
			"something without a name": {document.Brief{What: "other"}, sound(9), "document-file-name"},
			"something of no kind":     {document.Brief{Name: sealed.NewText("a.wav"), What: "nothing"}, sound(9), "required"},
			"something from tomorrow": {document.Brief{
				Name: sealed.NewText("a.wav"), What: "other",
				Taken: date(accesstest.Start.AddDate(0, 0, 3).Format(time.DateOnly)),
			}, sound(9), "in-the-future"},
			"a long text": {document.Brief{
				Name: sealed.NewText("a.wav"), What: "other",
				Text: sealed.NewText(strings.Repeat("x", 9000)),
			}, sound(9), "too-long"},
		} {
			err := a.room.AddDocument(ctx, a.worker, command(), a.id, c.brief, bytes.NewReader(c.file))
			code := fault.CodeOf(err)
			if fields := fault.FieldsOf(err); len(fields) > 0 {
				code = fields[0].Code
			}
			if !fault.Is(err, fault.Invalid) || code != c.code {
				t.Errorf("%s: %v (%s), want %s", name, err, code, c.code)
			}
		}
		if n := a.stored(t, "document_piece") + a.stored(t, "document_upload") + a.stored(t, "document_document"); n != 0 {
			t.Errorf("rows left = %d, want none", n)
		}
	})
}

// TestACaseIsFull: its documents together, and one person's unfinished uploads.
func TestACaseIsFull(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		begin := func(size int64) error {
			_, err := a.room.BeginDocument(ctx, a.worker, command(), a.id, brief("a.wav"), size)
			return err
		}
		a.add(t, "a.wav", sound(int(small.File)))
		d := a.add(t, "b.wav", sound(int(small.File)-10))
		code := func(err error) string {
			if fields := fault.FieldsOf(err); len(fields) > 0 {
				return fields[0].Code
			}
			return fault.CodeOf(err)
		}
		if err := begin(11); code(err) != "document-case-full" {
			t.Errorf("one byte too many = %v", err)
		}
		if err := a.room.RemoveDocument(ctx, a.worker, command(), a.id, d.ID, sealed.NewText("Twice.")); err != nil {
			t.Fatal(err)
		}
		var err error
		for n := 0; err == nil; n++ {
			if err = begin(11); err != nil && (n != 20 || code(err) != "document-uploads") {
				t.Errorf("after %d unfinished uploads: %v", n, err)
			}
		}
	})
}
