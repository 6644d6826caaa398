package journal_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// verifyWith runs a verification that can be read to the end.
func (r *rig) verifyWith(t testing.TB, o journal.Options) *journal.Report {
	t.Helper()
	rep, err := journal.Verify(ctx, journal.FromDatabase(r.db), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// want compares the result and the one finding that decides it.
func want(t testing.TB, rep *journal.Report, exit int, check string) {
	t.Helper()
	first := rep.First()
	got := ""
	if first != nil {
		got = first.Check
	}
	if rep.Exit != exit || got != check {
		t.Errorf("verify = %s (%q), want exit %d (%q); findings %+v", rep.Says, got, exit, check, rep.Findings)
	}
}

func TestVerifySound(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.fill(t, 700)
		r.checkpoint(t)
		r.fill(t, 10)
		var done, of int64
		rep, err := journal.Verify(ctx, journal.FromDatabase(r.db), journal.Options{Keys: r.keys(t), Anchors: r.anchors(t), Now: r.clk.Now()},
			func(d, o int64) { done, of = d, o })
		if err != nil {
			t.Fatal(err)
		}
		want(t, rep, journal.Sound, "")
		if done != 700 || of != 700 {
			t.Errorf("progress = %d of %d, want 700 of 700", done, of)
		}
		type counts struct{ Size, Signed, Unsigned, Checkpoints, Anchors, Pending int64 }
		got := counts{rep.Size, rep.SignedSize, rep.Unsigned, rep.Checkpoints, rep.Anchors, rep.Pending}
		if diff := cmp.Diff(counts{700, 700, 0, 1, 1, 10}, got); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
		if rep.Node != nodeName || rep.Source != "database" || rep.SubjectIndex != "complete and exact" || rep.OwnKeys {
			t.Errorf("report = %+v", rep)
		}
		if !strings.HasPrefix(rep.Witnessed, "not witnessed") {
			t.Errorf("witnesses = %q: it must be said that there are none", rep.Witnessed)
		}
	})
}

func TestVerifyKeys(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 10)
	r.checkpoint(t)
	other := newRig(t, storetest.New(t), r.clk)

	want(t, r.verifyWith(t, journal.Options{}), journal.Incomplete, "no-key")
	want(t, r.verifyWith(t, journal.Options{Keys: other.keys(t)}), journal.Altered, "checkpoint-signature")
	want(t, r.verifyWith(t, journal.Options{Keys: append(other.keys(t), r.keys(t)...)}), journal.Sound, "")

	elsewhere, err := r.ring.VerifierKeys("causeway/XB-other/1")
	if err != nil {
		t.Fatal(err)
	}
	want(t, r.verifyWith(t, journal.Options{Keys: elsewhere}), journal.Altered, "entry-node")

	for _, bad := range [][]string{{"nonsense"}, {r.keys(t)[0][1:]}, append(elsewhere, r.keys(t)...), {"example.org+7b1d8e1a+Ac3Nbx"}} {
		if _, err := journal.Verify(ctx, journal.FromDatabase(r.db), journal.Options{Keys: bad}, nil); err == nil {
			t.Errorf("keys %q: accepted", bad)
		}
	}
}

// TestVerifyAfterKeyRotation: the auditor needs the new key as well.
func TestVerifyAfterKeyRotation(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 10)
	r.checkpoint(t)
	old := r.keys(t)
	if _, _, err := r.ring.RotateSigner(r.j.Origin(), r.clk.Now()); err != nil {
		t.Fatal(err)
	}
	r.fill(t, 10)
	r.checkpoint(t)
	want(t, r.verifyWith(t, journal.Options{Keys: old}), journal.Altered, "checkpoint-signature")
	want(t, r.verifyWith(t, journal.Options{Keys: r.keys(t)}), journal.Sound, "")
	r.j = r.open(t)
}

func TestVerifyWitnesses(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 10)
	signed := r.checkpoint(t)
	o := journal.Options{Keys: r.keys(t), Settled: func(note string) bool { return note == signed }}
	want(t, r.verifyWith(t, o), journal.Sound, "")
	r.fill(t, 10)
	r.checkpoint(t)
	want(t, r.verifyWith(t, o), journal.NotSettled, "not-witnessed")
}

func TestVerifyNotSettled(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 10)
	r.sequence(t)
	want(t, r.verify(t), journal.NotSettled, "not-signed")
	r.checkpoint(t)
	r.append(t, read(ident.New[ident.Subject]()))
	want(t, r.verify(t), journal.Sound, "")
	r.clk.Advance(6 * time.Minute)
	want(t, r.verify(t), journal.NotSettled, "pending-old")
	want(t, r.verifyWith(t, journal.Options{Keys: r.keys(t)}), journal.Sound, "")
}

// erase journals an erasure, and takes the payloads away unless it is not to be
// finished.
func (r *rig) erase(t testing.TB, s ident.Subject, finish bool) {
	t.Helper()
	r.append(t, journal.Entry{Via: "job", Action: journal.Erase, What: "case.erase", Subjects: []ident.Subject{s}, Outcome: journal.OK})
	r.checkpoint(t)
	if finish {
		r.exec(t, `UPDATE journal_entry SET sealed = NULL WHERE idx IN (SELECT idx FROM journal_subject WHERE subject = $1)`, s)
	}
}

func TestVerifyErasure(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		var subjects []ident.Subject
		for range 4 {
			s := ident.New[ident.Subject]()
			subjects = append(subjects, s)
			e := write(s, 1)
			e.Payload = bytesOf(100)
			r.append(t, e, read(s))
		}
		r.checkpoint(t)
		r.erase(t, subjects[1], true)
		rep := r.verify(t)
		want(t, rep, journal.Sound, "")
		if rep.Erased != 1 || rep.Tombstones != 1 || rep.ErasedPayloads != 1 {
			t.Errorf("erased %d subjects, %d payloads, want 1, 1", rep.Erased, rep.ErasedPayloads)
		}
		r.erase(t, subjects[2], false)
		rep = r.verify(t)
		want(t, rep, journal.Incomplete, "erasure-unfinished")
		if rep.First().Index != 4 {
			t.Errorf("place = %s, want idx 4", rep.First().Place)
		}
		r.exec(t, `UPDATE journal_entry SET sealed = NULL WHERE idx = 6`)
		want(t, r.verify(t), journal.Altered, "payload-gone")
	})
}

// TestVerifyManyMissingPayloads: more than are remembered in the first reading.
func TestVerifyManyMissingPayloads(t *testing.T) {
	t.Cleanup(journal.SmallParts())
	r := onSQLite(t)
	var subjects []ident.Subject
	for range 40 {
		s := ident.New[ident.Subject]()
		subjects = append(subjects, s)
		e := write(s, 1)
		e.Payload = []byte{1}
		r.append(t, e)
	}
	r.exec(t, `UPDATE journal_pending SET sealed = NULL`)
	want(t, r.verify(t), journal.Altered, "payload-gone")
	for _, s := range subjects[:39] {
		r.erase(t, s, true)
	}
	rep := r.verify(t)
	want(t, rep, journal.Altered, "payload-gone")
	if f := rep.First(); f.Index != 39 || rep.ErasedPayloads != 40 {
		t.Errorf("first = %s, payloads gone = %d, want idx 39, 40", f.Place, rep.ErasedPayloads)
	}
	r.erase(t, subjects[39], true)
	want(t, r.verify(t), journal.Sound, "")
}

func TestVerifyUnreadable(t *testing.T) {
	c := &crashes{}
	each(t, func(t *testing.T, r *rig) {
		r.fill(t, 30)
		r.checkpoint(t)
		for nth := 1; ; nth++ {
			var rep *journal.Report
			var err error
			o := journal.Options{Keys: r.keys(t)}
			if !c.during("query", nth, func() { rep, err = journal.Verify(ctx, journal.FromDatabase(r.db), o, nil) }) {
				want(t, rep, journal.Sound, "")
				break
			}
			if err == nil {
				t.Errorf("query %d failed and nobody was told", nth)
			}
			want(t, rep, journal.Unreadable, "read")
		}
	}, storetest.WithFault(c.hook))
}

func TestVerifyStops(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 30)
	r.checkpoint(t)
	stopped, stop := context.WithCancel(ctx)
	stop()
	rep, err := journal.Verify(stopped, journal.FromDatabase(r.db), journal.Options{Keys: r.keys(t)}, nil)
	if err == nil {
		t.Error("no error")
	}
	want(t, rep, journal.Unreadable, "read")
}

func TestReport(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 30)
	r.checkpoint(t)
	r.exec(t, `UPDATE journal_entry SET header = $1 WHERE idx = 7`, r.headers(t)[8])
	rep := r.verify(t)
	var text, coded strings.Builder
	if err := errors.Join(rep.Text(&text), rep.JSON(&coded)); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"altered (1)", "journal_entry, idx 7: ", "not witnessed", "database of node " + nodeName} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("the text lacks %q:\n%s", line, &text)
		}
	}
	var back journal.Report
	if err := json.Unmarshal([]byte(coded.String()), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rep, &back); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

var _ journal.Snapshots = (*store.DB)(nil)
