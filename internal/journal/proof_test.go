package journal_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
)

// verifiers returns what somebody needs to check a proof.
func (r *rig) verifiers(t testing.TB) []note.Verifier {
	t.Helper()
	v, err := r.ring.Verifiers(r.j.Origin())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestProof(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		var ids []ident.Entry
		for _, n := range []int{1, 1, 1, 252, 1, 1, 300} {
			r.fill(t, n-1)
			ids = append(ids, r.append(t, read(ident.New[ident.Subject]()))...)
			r.checkpoint(t)
		}
		for _, id := range ids {
			p, err := r.j.Prove(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			back, err := journal.ParseProof(p.String())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p, back); diff != "" {
				t.Errorf("proof (-want +got):\n%s", diff)
			}
			h, c, err := back.Check(r.verifiers(t)...)
			if err != nil {
				t.Fatalf("entry %d: %v", p.Index, err)
			}
			if h.EntryID() != id || c.Size != 557 || c.Origin != r.j.Origin() {
				t.Errorf("proof of %v under %+v, want %v under 557 entries", h.EntryID(), c, id)
			}
			if !h.Time().Equal(ident.EntryTime(id)) {
				t.Errorf("time = %v, want %v", h.Time(), ident.EntryTime(id))
			}
		}
	})
}

func TestProofOfWhatIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.fill(t, 5)
		r.checkpoint(t)
		if _, err := r.j.Prove(ctx, ident.New[ident.Entry]()); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown entry: %v, want not found", err)
		}
		id := r.append(t, read(ident.New[ident.Subject]()))[0]
		if _, err := r.j.Prove(ctx, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("entry without a place: %v, want not found", err)
		}
		r.sequence(t)
		if _, err := r.j.Prove(ctx, id); fault.CodeOf(err) != "journal-not-signed-yet" {
			t.Errorf("entry not signed: %v, want journal-not-signed-yet", err)
		}
		r.checkpoint(t)
		if _, err := r.j.Prove(ctx, id); err != nil {
			t.Error(err)
		}
	})
}

// TestAlteredProof changes every byte of a proof file.
func TestAlteredProof(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 20)
	id := r.append(t, read(ident.New[ident.Subject]()))[0]
	r.fill(t, 30)
	r.checkpoint(t)
	p, err := r.j.Prove(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	text := p.String()
	v := r.verifiers(t)
	holds := func(text string) bool {
		p, err := journal.ParseProof(text)
		if err != nil {
			return false
		}
		_, _, err = p.Check(v...)
		return err == nil
	}
	if !holds(text) {
		t.Fatal("the proof itself does not hold")
	}
	for i := range text {
		for _, x := range []byte{1, 0x20, 0x80} {
			changed := []byte(text)
			changed[i] ^= x
			if holds(string(changed)) {
				t.Errorf("byte %d changed: %q holds", i, changed[max(0, i-10):min(len(changed), i+10)])
			}
		}
	}
	for name, changed := range map[string]string{
		"cut":              text[:len(text)-1],
		"line added":       text + "\n",
		"hash left out":    strings.Replace(text, lineOf(text, 3)+"\n", "", 1),
		"hash twice":       strings.Replace(text, lineOf(text, 3)+"\n", lineOf(text, 3)+"\n"+lineOf(text, 3)+"\n", 1),
		"negative index":   strings.Replace(text, "index 20", "index -20", 1),
		"index with zeros": strings.Replace(text, "index 20", "index 020", 1),
		"other version":    strings.Replace(text, "@v1", "@v2", 1),
		"too long":         text + strings.Repeat("x", 1<<20),
	} {
		if holds(changed) {
			t.Errorf("%s: holds", name)
		}
	}
	other := newRig(t, storetest.New(t), r.clk) // another node's keys
	if _, _, err := p.Check(other.verifiers(t)...); err == nil {
		t.Error("holds under another node's key")
	}
}

func lineOf(text string, n int) string { return strings.Split(text, "\n")[n] }

// TestProofSpelling: the text is a C2SP tlog-proof, line by line.
func TestProofSpelling(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 2)
	id := r.append(t, read(ident.New[ident.Subject]()))[0]
	signed := r.checkpoint(t)
	p, err := r.j.Prove(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(p.String(), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != "extra "+base64.StdEncoding.EncodeToString(p.Header) ||
		lines[2] != "index 2" || lines[4] != "" || strings.Join(lines[5:], "\n") != signed {
		t.Errorf("proof:\n%s", p)
	}
}

func FuzzProof(f *testing.F) {
	r := onSQLite(f)
	r.fill(f, 20)
	id := r.append(f, read(ident.New[ident.Subject]()))[0]
	r.checkpoint(f)
	p, err := r.j.Prove(ctx, id)
	if err != nil {
		f.Fatal(err)
	}
	v := r.verifiers(f)
	f.Add(p.String())
	f.Add("c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := journal.ParseProof(text)
		if err != nil {
			return
		}
		if got.String() != text {
			t.Errorf("%q is written again as %q", text, got)
		}
		if _, _, err := got.Check(v...); err == nil && !bytes.Equal(got.Header, p.Header) {
			t.Errorf("holds for another entry: %x", got.Header)
		}
	})
}

func BenchmarkProve(b *testing.B) {
	r := onSQLite(b)
	n := sizeOf(b, 100_000)
	for done := 0; done < n; done += 1000 {
		r.fill(b, 1000)
	}
	r.checkpoint(b)
	ids := query[[]byte](b, r.db, `SELECT entry_id FROM journal_entry WHERE idx % 97 = 5 ORDER BY idx`)
	v := r.verifiers(b)
	for i := range 1000 { // warm
		if _, err := r.j.Prove(ctx, ident.Entry(ids[i*7919%len(ids)])); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("prove", func(b *testing.B) {
		i := 0
		for b.Loop() {
			i++
			if _, err := r.j.Prove(ctx, ident.Entry(ids[i*7919%len(ids)])); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "proofs/s")
	})
	b.Run("check", func(b *testing.B) {
		p, err := r.j.Prove(ctx, ident.Entry(ids[0]))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, _, err := p.Check(v...); err != nil {
				b.Fatal(err)
			}
		}
	})
}
