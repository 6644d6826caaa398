package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"causeway/internal/document"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// sound is a recording of some length (RIFF WAVE, 8 bit, one channel).
func sound(n int) []byte {
	var b bytes.Buffer
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, uint32(36+n)) // a buffer never fails
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(8000), uint32(8000), uint16(1), uint16(8)} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(n))
	for i := range n {
		b.WriteByte(byte(i * i >> 7))
	}
	return b.Bytes()
}

// TestDocumentsGoAlongByCourier: documents that somebody chose go sealed through the spools of
// two nodes and a bundle, in pieces, and are the same files there; no spool has one in clear.
func TestDocumentsGoAlongByCourier(t *testing.T) {
	c := wedded(t, &Options{clock: &still{at: time.Now()}, far: &still{at: time.Now()}})
	c.carries = func(context.Context) error {
		for _, way := range [][2]*nodeEnd{{c.a, c.b}, {c.b, c.a}} {
			c.take(way[1], c.bundle(way[0], way[1]))
		}
		return nil
	}
	said := sound(9 << 20) // more than one piece
	c.a.encloses = func(of ident.Case) ([]ident.Document, error) {
		b := document.Brief{Name: sealed.NewText("words.wav"), What: "recording"}
		c.must("add a document", c.a.Cases.AddDocument(t.Context(), c.a.sender(), newCommand(), of, b, bytes.NewReader(said)))
		list, err := c.a.Cases.ListDocuments(t.Context(), c.a.sender(), of)
		c.must("list documents", err)
		return []ident.Document{list.Documents[0].ID}, nil
	}
	c.must("start", errors.Join(c.a.Exchange.Start(t.Context()), c.b.Exchange.Start(t.Context())))
	l := c.sends("referral")
	c.rests([]*leg{l})
	for _, e := range []handover.Event{handover.Accept, handover.Start} {
		c.must(string(e), c.does(t.Context(), l, e, handover.Receiver))
		c.rests([]*leg{l})
	}
	sent, err := c.a.Cases.ListDocuments(t.Context(), c.a.sender(), l.here.Case)
	c.must("list documents", err)
	came, err := c.b.Cases.ListDocuments(t.Context(), c.b.receiver(), l.there.Case)
	c.must("list what came", err)
	if len(came.Documents) != 1 || !bytes.Equal(came.Documents[0].Before, sent.Documents[0].After) || came.Documents[0].Brief.Maker.Reveal() == "" {
		t.Fatalf("%d documents came", len(came.Documents))
	}
	for _, e := range []*nodeEnd{c.a, c.b} {
		found := 0
		err := filepath.WalkDir(filepath.Join(e.Dir, "spool"), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if found++; bytes.Contains(b, said[1000:1064]) {
				t.Errorf("%s has the recording in clear", d.Name())
			}
			return err
		})
		if err != nil || found == 0 {
			t.Errorf("%s: %d files in the spool, %v", e.id, found, err)
		}
	}
}
