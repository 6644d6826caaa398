package journal_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/protocol/witness"
)

// packOf exports the rig's journal and opens the pack.
func packOf(t testing.TB, r *rig) *journal.Pack {
	t.Helper()
	var b bytes.Buffer
	if err := journal.WritePack(ctx, r.db, &b, journal.PackOptions{Node: nodeName, Keys: r.keys(t), Now: r.clk.Now().Truncate(time.Second)}); err != nil {
		t.Fatal(err)
	}
	p, err := journal.ReadPack(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// verifySource verifies with the node's keys under a policy.
func (r *rig) verifySource(t testing.TB, src journal.Source, p *witness.Policy) *journal.Report {
	t.Helper()
	rep, err := journal.Verify(ctx, src, journal.Options{Keys: r.keys(t), Policy: p, Now: r.clk.Now()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestVerifyUnderPolicy: pack and database carry the cosignatures, and both are checked
// against the policy.
func TestVerifyUnderPolicy(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		b, c := r.seat(t, "XB", 1), r.seat(t, "XC", 2)
		p := r.asks(t, "all", b, c)
		r.grow(t, 10)
		r.cosign(t)
		r.grow(t, 300)
		r.cosign(t)
		for name, src := range map[string]journal.Source{"database": journal.FromDatabase(r.db), "pack": packOf(t, r)} {
			rep := r.verifySource(t, src, p)
			if rep.Exit != journal.Sound || rep.SettledSize != 310 || rep.Witnessed != "witnessed as the policy asks" || len(rep.Cosigned) != 2 {
				t.Errorf("%s: %+v", name, rep)
			}
			var text bytes.Buffer
			if err := rep.Text(&text); err != nil || !strings.Contains(text.String(), "XB cosigned at 2026-") {
				t.Errorf("%s says:\n%s", name, &text)
			}
		}
		if by, enough := p.Check(packOf(t, r).Checkpoint()); !enough || len(by) != 2 {
			t.Errorf("the checkpoint in the pack: %v", by)
		}

		r.fill(t, 3)
		r.checkpoint(t)
		rep := r.verifySource(t, packOf(t, r), p)
		if rep.Exit != journal.Sound || rep.SettledSize != 310 || !strings.Contains(rep.Witnessed, "up to entry 310; 3 newer ones are unsettled") {
			t.Errorf("three young entries: %+v", rep)
		}
		r.clk.Advance(2 * time.Hour)
		want(t, r.verifySource(t, packOf(t, r), p), journal.NotSettled, "not-witnessed")
		want(t, r.verifySource(t, packOf(t, r), nil), journal.Sound, "")

		r.cosign(t)
		want(t, r.verifySource(t, packOf(t, r), p), journal.Sound, "")
		r.exec(t, `DELETE FROM journal_cosignature WHERE witness = $1`, c.key.Verifier.String())
		rep = r.verifySource(t, packOf(t, r), p)
		want(t, rep, journal.NotSettled, "not-witnessed")
		if rep.SettledSize != 0 || len(rep.Cosigned) != 0 {
			t.Errorf("without the lines of one witness: %+v", rep)
		}
	})
}

// TestForgedCosignatureSettlesNothing writes lines into the database that no witness made.
func TestForgedCosignatureSettlesNothing(t *testing.T) {
	r := onSQLite(t)
	w, forger := r.seat(t, "XB", 1), r.seat(t, "XC", 2)
	p := r.asks(t, "all", w)
	r.grow(t, 10)
	r.cosign(t)
	text := witness.NoteText(r.grow(t, 10))
	line, err := forger.key.Cosign(text, r.clk.Now())
	if err != nil {
		t.Fatal(err)
	}
	old, err := w.key.Cosign(strings.Replace(text, "\n20\n", "\n21\n", 1), r.clk.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string]string{"of another key": line, "of another checkpoint": old, "no line": "— x\n", "nothing": ""} {
		r.exec(t, `DELETE FROM journal_cosignature WHERE size = 20`)
		r.exec(t, `INSERT INTO journal_cosignature (epoch, size, witness, at, line) VALUES (1, 20, $1, 1, $2)`, w.key.Verifier.String(), forged)
		r.clk.Advance(2 * time.Hour)
		if rep := r.verifySource(t, journal.FromDatabase(r.db), p); rep.SettledSize != 10 || rep.Exit == journal.Sound {
			t.Errorf("%s: settled %d, %s", name, rep.SettledSize, rep.Says)
		}
	}
}

// TestTombstonesTravel: a pack tells which subjects were erased, and an auditor reads it
// there without any key.
func TestTombstonesTravel(t *testing.T) {
	r := onSQLite(t)
	w := r.seat(t, "XB", 1)
	p := r.asks(t, "all", w)
	s, other := ident.New[ident.Subject](), ident.New[ident.Subject]()
	r.append(t, write(s, 1), write(other, 1))
	r.erase(t, s, true)
	r.cosign(t)
	rep := r.verifySource(t, packOf(t, r), p)
	if rep.Exit != journal.Sound || rep.Erased != 1 || rep.SettledSize != rep.Size {
		t.Errorf("report: %+v", rep)
	}
	erased, err := journal.Tombstones(ctx, packOf(t, r))
	if err != nil || len(erased) != 1 || erased[0].Subject != s || erased[0].Index != 2 || erased[0].At.IsZero() {
		t.Errorf("Tombstones = %+v, %v", erased, err)
	}
}

// TestProofCarriesCosignatures: a proof of one entry can be checked against the policy.
func TestProofCarriesCosignatures(t *testing.T) {
	r := onSQLite(t)
	w := r.seat(t, "XB", 1)
	p := r.asks(t, "all", w)
	ids := r.append(t, read(ident.New[ident.Subject]()))
	r.checkpoint(t)
	r.cosign(t)
	proof, err := r.j.Prove(ctx, ids[0])
	if err != nil {
		t.Fatal(err)
	}
	again, err := journal.ParseProof(proof.String())
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.ring.Verifiers(r.j.Origin())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := again.Check(v...); err != nil {
		t.Error(err)
	}
	if by, enough := p.Check(again.Checkpoint); !enough || len(by) != 1 {
		t.Errorf("cosigned by %v", by)
	}
	if _, err := journal.ReadAnchors(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("anchors in a place that is not there")
	}
}

func BenchmarkCosignRound(b *testing.B) {
	r := onSQLite(b)
	w, x, y := r.seat(b, "XB", 1), r.seat(b, "XC", 2), r.seat(b, "XD", 3)
	r.asks(b, "2", w, x, y)
	r.grow(b, 10_000)
	r.cosign(b)
	for b.Loop() {
		b.StopTimer()
		r.grow(b, 50)
		b.StartTimer()
		if err := r.j.Cosign(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
