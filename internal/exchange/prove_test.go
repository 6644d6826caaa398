package exchange_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/proof"

	"golang.org/x/mod/sumdb/tlog"
)

// signsLog gives what is pending its place in the node's journal, and signs it.
func (e *end) signsLog() {
	e.t.Helper()
	_, err := e.Journal.Sequence(ctx)
	ok(e.t, err)
	e.Clock.Advance(1) // no two entries at one time
	_, err = e.Journal.Checkpoint(ctx)
	ok(e.t, err)
}

// asksPlaced has the other prove where its receipts stand in its journal.
func (e *end) asksPlaced(o *end) {
	e.t.Helper()
	leaves, err := e.room.Unproven(ctx, o.country.node)
	ok(e.t, err)
	proofs, err := o.room.Placed(ctx, leaves)
	ok(e.t, err)
	ok(e.t, e.room.KeepPlaced(ctx, o.country.node, leaves, proofs))
}

// proves returns the bytes of the pack of a thread, and what it proves.
func (e *end) proves(o *end, thread cx.Thread) ([]byte, *proof.Report) {
	e.t.Helper()
	pack, err := e.room.Prove(ctx, o.country.node, thread)
	ok(e.t, err)
	var file bytes.Buffer
	ok(e.t, proof.Write(&file, pack))
	read, err := proof.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
	ok(e.t, err)
	return file.Bytes(), read.Check()
}

// TestProve: each of two nodes can prove to others what was said, without saying what,
// with every receipt in the journal of its signer.
func TestProve(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		id := a.says(b, thread, cx.ReferralOffer)
		a.says(b, cx.NewThread(), cx.ReferralOffer) // another thread
		rests(a, b)
		for _, p := range [][2]*end{{a, b}, {b, a}} {
			by, with := p[0], p[1]
			if _, report := by.proves(with, thread); report.Faults() != 0 || report.Whole() {
				t.Errorf("%s: complete before anything is signed: %+v", by.room.Node(), report)
			}
			by.asksPlaced(with) // too early: no proof, and no harm
		}
		a.signsLog()
		b.signsLog()
		for _, p := range [][2]*end{{a, b}, {b, a}} {
			by, with := p[0], p[1]
			by.asksPlaced(with)
			_, report := by.proves(with, thread)
			if report.Faults() != 0 || !report.Whole() || len(report.Messages) != 2 || len(report.Nodes) != 2 {
				t.Fatalf("%s: %+v", by.room.Node(), report)
			}
			asked := report.Messages[0]
			if asked.Content.ID != id || asked.Answered != 2 || asked.Header == nil || asked.Payload != nil || asked.Labels != nil {
				t.Errorf("%s: %+v", by.room.Node(), asked)
			}
			for _, m := range report.Messages {
				if len(m.Receipts) != 2 || m.Receipts[0].Stage != cx.Stored || m.Receipts[1].Stage != cx.OpenedStage || !m.Receipts[1].Logged {
					t.Errorf("%s: receipts %+v", by.room.Node(), m.Receipts)
				}
			}
			if open, err := by.room.Unproven(ctx, with.country.node); err != nil || len(open) != 0 {
				t.Errorf("%s: %d leaves are still asked for (%v)", by.room.Node(), len(open), err)
			}
		}
	})
}

// TestProofIsOfThePeer: what does not prove a leaf is not kept, whoever brings it.
func TestProofIsOfThePeer(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		rests(a, b)
		a.signsLog()
		b.signsLog()
		leaves, err := a.room.Unproven(ctx, "xb.moi")
		ok(t, err)
		if len(leaves) < 2 {
			t.Fatalf("%d leaves", len(leaves))
		}
		proofs, err := b.room.Placed(ctx, leaves)
		ok(t, err)
		slices.Reverse(proofs) // each proves another leaf
		ok(t, a.room.KeepPlaced(ctx, "xb.moi", leaves[:1], proofs[:1]))
		if open, err := a.room.Unproven(ctx, "xb.moi"); err != nil || len(open) != len(leaves) {
			t.Errorf("%d of %d leaves are asked for (%v), want all", len(open), len(leaves), err)
		}
		if got, err := b.room.Placed(ctx, []cx.Digest{{1}}); err != nil || len(got) != 1 || got[0] != nil {
			t.Errorf("a leaf that no receipt names: %q, %v", got, err)
		}
	})
}

// entered returns the digests of what passed between nodes that a journal holds, by the
// name of what they are of.
func (e *end) entered() map[string][][]byte {
	e.t.Helper()
	out := map[string][][]byte{}
	for _, h := range e.Entries(e.t) {
		table := ""
		for _, row := range h.Rows {
			if row.Table != "" {
				table = row.Table
			}
			if table == "exchange_paper" {
				out[string(row.Row)] = append(out[string(row.Row)], row.MAC)
			}
		}
	}
	return out
}

// TestBothJournalsHoldAll: the digests of every header, content, receipt and status stand
// in the journals of both nodes (CX/1: neither can back-date or drop one later).
func TestBothJournalsHoldAll(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		a.says(b, thread, cx.ReferralOffer)
		a.says(b, thread, cx.Info)
		rests(a, b)
		inA, inB := a.entered(), b.entered()
		for _, p := range [][2]*end{{a, b}, {b, a}} {
			from, to := p[0], p[1]
			sent, taken := inA, inB
			if from == b {
				sent, taken = inB, inA
			}
			pack, err := from.room.Prove(ctx, to.country.node, thread)
			ok(t, err)
			if len(pack.Messages) != 4 {
				t.Fatalf("%d messages", len(pack.Messages))
			}
			for i, r := range pack.Check().Messages {
				if r.Content.From != from.room.Node() {
					continue
				}
				m := pack.Messages[i]
				holds := func(what string, in map[string][][]byte, with *end, kind string, d cx.Digest) {
					t.Helper()
					name := fmt.Sprintf("%s/%s/%s", with.room.Node(), r.Content.ID, kind)
					if !slices.ContainsFunc(in[name], func(b []byte) bool { return bytes.Equal(b, d[:]) }) {
						t.Errorf("%s of a %s is not entered as %s", what, r.Content.Type, name)
					}
				}
				holds("the header", sent, to, "header", cx.DigestOf(m.Header))
				holds("the header, received,", taken, from, "header", cx.DigestOf(m.Header))
				holds("the content", sent, to, "letter", cx.DigestOf(m.Content))
				holds("the content, opened,", taken, from, "letter", cx.DigestOf(m.Content))
				for j, kind := range []string{"stored", "opened"} {
					holds("the receipt, taken,", sent, to, kind, cx.DigestOf(m.Receipts[j].Note))
					claim, err := r.Receipts[j].Receipt.Claim(signedBy(r.Receipts[j].SKey))
					ok(t, err)
					holds("the receipt, signed,", taken, from, kind, claim)
				}
			}
		}
	})
}

// TestReceiptNamesItsEntry: the entry whose leaf a receipt names holds what the receipt
// says, and says how far the journal had come.
func TestReceiptNamesItsEntry(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		b.signsLog()
		thread := cx.NewThread()
		id := a.says(b, thread, cx.ReferralOffer)
		rests(a, b)
		_, report := a.proves(b, thread)
		for _, r := range report.Messages[0].Receipts {
			if r.Log.Size == 0 || r.Log.Epoch != 1 || r.Log.Root.IsZero() {
				t.Errorf("%s: the journal had come to %+v", r.Stage, r.Log)
			}
			claim, err := r.Receipt.Claim(signedBy(r.SKey))
			ok(t, err)
			found := false
			for _, h := range b.Entries(t) {
				for _, row := range h.Rows {
					if bytes.Equal(row.MAC, claim[:]) && strings.HasSuffix(string(row.Row), id.String()+"/"+string(r.Stage)) {
						leaf, err := b.leafOf(h.ID)
						ok(t, err)
						found = leaf == r.Leaf
					}
				}
			}
			if !found {
				t.Errorf("%s: the leaf is not of the entry that holds the receipt", r.Stage)
			}
		}
	})
}

// leafOf returns the leaf hash of an entry that has its place.
func (e *end) leafOf(id []byte) (leaf cx.Digest, err error) {
	err = e.DB.Read(ctx, func(tx *store.Tx) error {
		var header []byte
		err := tx.QueryRow(ctx, "SELECT header FROM journal_entry WHERE entry_id = $1", id).Scan(&header)
		leaf = cx.Digest(tlog.RecordHash(header))
		return err
	})
	return leaf, err
}

// signedBy is who signed with a key, as far as the text of a form names them.
type signedBy identity.KeyID

func (s signedBy) Node() identity.NodeID       { return "" }
func (s signedBy) Key() identity.KeyID         { return identity.KeyID(s) }
func (s signedBy) Sign(string) ([]byte, error) { return nil, nil }
