package journal_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"causeway/internal/journal"
	"causeway/protocol/witness"
)

func TestWitnessHonestGrowth(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		b, c, d := r.seat(t, "XB", 1), r.seat(t, "XC", 2), r.seat(t, "XD", 3)
		p := r.asks(t, "2", b, c, d)
		if s := r.cosign(t); s.Witnessed(r.clk.Now()) || s.Size != 0 || !s.Asks {
			t.Errorf("an empty log: %+v", s)
		}
		for _, n := range []int{10, 1, 300, 7} {
			r.grow(t, n)
			s := r.cosign(t)
			if s.Size != s.Signed || !s.Since.IsZero() || !s.Witnessed(r.clk.Now()) || strings.Join(s.By, " ") != "XB XC XD" {
				t.Fatalf("grown by %d: %+v", n, s)
			}
		}
		r.fill(t, 3)
		r.checkpoint(t)
		s, err := r.j.Settlement(ctx)
		if err != nil || s.Size != 318 || s.Signed != 321 || s.Since.IsZero() || !s.Witnessed(r.clk.Now()) {
			t.Errorf("three newer entries: %+v, %v", s, err)
		}
		r.clk.Advance(2 * time.Hour)
		if s.Witnessed(r.clk.Now()) {
			t.Error("two hours without cosignatures and still witnessed")
		}
		r.cosign(t)
		signed, err := r.j.CosignedCheckpoint(ctx)
		if by, enough := p.Check(signed); err != nil || !enough || len(by) != 3 {
			t.Errorf("the checkpoint that is shown: %v, %v", by, err)
		}
		for _, w := range []*seat{b, c, d} {
			if w.refusals(t) != "" || w.knows(t) != 321 {
				t.Errorf("%s keeps %q and knows %d", w.name, w.refusals(t), w.knows(t))
			}
		}
	})
}

// TestWitnessRefuses puts a log back, rewrites and forks it, with its own key. Nothing of
// it is cosigned, and what convicts is kept.
func TestWitnessRefuses(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		w := r.seat(t, "XB", 1)
		r.asks(t, "all", w)
		r.grow(t, 10)
		r.cosign(t)
		old := r.twin(t) // a backup of this moment
		small := old.request(t, 0)
		r.grow(t, 10)
		r.cosign(t)
		r.clk.Advance(10 * time.Minute)

		for name, tt := range map[string]struct {
			req    *witness.Request
			status int
			body   string
		}{
			"rollback":                {small, 409, "20\n"},
			"rollback, old size true": {&witness.Request{Old: 20, Note: small.Note}, 400, "malformed request\n"},
		} {
			if status, body := w.post(t, tt.req); status != tt.status || body != tt.body {
				t.Errorf("%s: %d %q", name, status, body)
			}
		}
		if got := w.refusals(t); got != "rollback" {
			t.Errorf("evidence: %s", got)
		}
		old.grow(t, 10) // other entries in the place of 10 to 19
		if status, body := w.post(t, old.request(t, 10)); status != 409 || body != "20\n" {
			t.Errorf("fork at the same size: %d %q", status, body)
		}
		old.grow(t, 5)
		if status, body := w.post(t, old.request(t, 10)); status != 409 || body != "20\n" {
			t.Errorf("a fork by what it has: %d %q", status, body)
		}
		if status, body := w.post(t, old.request(t, 20)); status != 422 {
			t.Errorf("rewrite: %d %q", status, body)
		}
		if got := w.refusals(t); got != "rollback fork rewrite" && got != "rollback rewrite fork" {
			t.Errorf("evidence: %s", got)
		}
		for range 3 { // the same again is kept once
			w.post(t, old.request(t, 20))
		}
		if got := w.refusals(t); strings.Count(got, " ") != 2 || w.knows(t) != 20 {
			t.Errorf("evidence: %s; knows %d", got, w.knows(t))
		}
		r.grow(t, 1)
		if s := r.cosign(t); s.Size != 21 {
			t.Errorf("the true log goes on: %+v", s)
		}
	})
}

// TestWitnessTellsALogThatWasPutBack: a node whose database was replaced by an older copy
// hears of it from its witness.
func TestWitnessTellsALogThatWasPutBack(t *testing.T) {
	r := onSQLite(t)
	w := r.seat(t, "XB", 1)
	r.asks(t, "all", w)
	r.grow(t, 10)
	r.cosign(t)
	old := r.twin(t)
	r.grow(t, 10)
	r.cosign(t)
	old.asks(t, "all", w)
	old.grow(t, 5)
	if s := old.cosign(t); problem(s, "XB") != journal.ProblemAhead || s.Size != 10 {
		t.Errorf("shorter: %+v", s)
	}
	old.grow(t, 10)
	if s := old.cosign(t); problem(s, "XB") != journal.ProblemFork || s.Size != 10 {
		t.Errorf("longer, with other entries: %+v", s)
	}
}

// TestWitnessSplitView shows two histories to two witnesses: under a policy that asks
// both, neither settles, and what they signed convicts the log.
func TestWitnessSplitView(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		b, c := r.seat(t, "XB", 1), r.seat(t, "XC", 2)
		r.asks(t, "all", b, c)
		r.grow(t, 10)
		r.cosign(t)
		lie := r.twin(t)
		p := lie.asks(t, "all", b, c)
		r.grow(t, 5)
		lie.grow(t, 5)
		c.down = true
		one := r.cosign(t)
		b.down, c.down = true, false
		two := lie.cosign(t)
		b.down, c.down = false, false
		if one.Size != 10 || two.Size != 10 {
			t.Errorf("settled: %d and %d", one.Size, two.Size)
		}
		one, two = r.cosign(t), lie.cosign(t)
		if one.Size != 10 || two.Size != 10 || problem(one, "XC") != journal.ProblemFork || problem(two, "XB") != journal.ProblemFork {
			t.Errorf("asked again: %+v and %+v", one, two)
		}
		if b.refusals(t) != "fork" || c.refusals(t) != "fork" {
			t.Errorf("evidence: %q and %q", b.refusals(t), c.refusals(t))
		}
		all, err := b.w.Refusals(ctx)
		if err != nil {
			t.Fatal(err)
		}
		q, err := witness.ParseRequest([]byte(all[0].Body))
		if err != nil || witness.NoteText(q.Note) == witness.NoteText(all[0].Known) {
			t.Errorf("the two signed histories are one: %v", err)
		}
		if _, enough := p.Check(q.Note); enough {
			t.Error("the lie is settled")
		}
	})
}

// TestWitnessOutage: without witnesses everything goes on, and settles later.
func TestWitnessOutage(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		b, c, d := r.seat(t, "XB", 1), r.seat(t, "XC", 2), r.seat(t, "XD", 3)
		r.asks(t, "2", b, c, d)
		b.down = true
		r.grow(t, 10)
		if s := r.cosign(t); s.Size != 10 || problem(s, "XB") != journal.ProblemUnreachable || problem(s, "XC") != "" {
			t.Errorf("one of three is down: %+v", s)
		}
		c.down = true
		for range 3 {
			r.grow(t, 10)
			if s := r.cosign(t); s.Size != 10 || s.Since.IsZero() {
				t.Errorf("two of three are down: %+v", s)
			}
		}
		if n, err := r.j.Size(ctx); err != nil || n != 40 {
			t.Errorf("the log holds %d, %v", n, err)
		}
		want(t, r.verify(t), journal.Sound, "")
		b.down, c.down = false, false
		if s := r.cosign(t); s.Size != 40 || !s.Since.IsZero() || problem(s, "XB") != "" {
			t.Errorf("they are back: %+v", s)
		}
	})
}

// TestWitnessRace posts many checkpoints that all begin at what the witness knows: one is
// cosigned, and what the witness knows is that one.
func TestWitnessRace(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		w := r.seat(t, "XB", 1)
		r.asks(t, "all", w)
		r.grow(t, 10)
		r.cosign(t)
		var all []*witness.Request
		for range 8 {
			r.grow(t, 1)
			all = append(all, r.request(t, 10))
		}
		var wg sync.WaitGroup
		errs := make([]error, len(all))
		for i, q := range all {
			wg.Go(func() { _, errs[i] = w.client().AddCheckpoint(ctx, q) })
		}
		wg.Wait()
		cosigned := int64(0)
		for i, err := range errs {
			if err == nil && cosigned != 0 {
				t.Error("two were cosigned")
			}
			if err == nil {
				cosigned = int64(11 + i)
			} else if no := refusalOf(err); no.Kind != witness.Stale {
				t.Errorf("%d: %v", i, err)
			}
		}
		if cosigned == 0 || w.knows(t) != cosigned || w.refusals(t) != "" {
			t.Errorf("cosigned %d, knows %d, evidence %q", cosigned, w.knows(t), w.refusals(t))
		}
	})
}

// TestWitnessStrangers: what is not of a log that is witnessed, or not signed by it.
func TestWitnessStrangers(t *testing.T) {
	r := onSQLite(t)
	w := r.seat(t, "XB", 1)
	r.grow(t, 10)
	good := r.request(t, 0)
	text := witness.NoteText(good.Note)
	stranger := onSQLite(t)
	for name, tt := range map[string]struct {
		note   string
		status int
	}{
		"signed by another key":        {stranger.signAs(t, "causeway/"+nodeName+"/1", text), 403},
		"signed under another name":    {r.signAs(t, "causeway/"+nodeName+"/2", text), 403},
		"of a log nobody knows":        {r.signAs(t, "causeway/XZ/1", strings.Replace(text, nodeName, "XZ", 1)), 404},
		"of a log that is not ours":    {r.signAs(t, "example.org/log", strings.Replace(text, "causeway/"+nodeName+"/1", "example.org/log", 1)), 404},
		"of an epoch with a zero":      {r.signAs(t, "causeway/"+nodeName+"/01", strings.Replace(text, "/1\n", "/01\n", 1)), 404},
		"with an extension":            {r.signAs(t, "causeway/"+nodeName+"/1", text+"more\n"), 400},
		"of no entries":                {r.signAs(t, "causeway/"+nodeName+"/1", strings.Replace(text, "\n10\n", "\n0\n", 1)), 400},
		"a statement":                  {r.signAs(t, "causeway/"+nodeName+"/1", witness.Statement{Old: "a", New: "b"}.Text()), 404},
		"larger than a request can be": {good.Note + strings.Repeat("— x AAAAAAAA\n", witness.RequestMost/12), 413},
	} {
		if status, body := w.post(t, &witness.Request{Note: tt.note}); status != tt.status {
			t.Errorf("%s: %d %q, want %d", name, status, body, tt.status)
		}
	}
	if status, body := w.post(t, &witness.Request{Old: 3, Note: good.Note}); status != 409 || body != "0\n" {
		t.Errorf("an old size that it never cosigned: %d %q", status, body)
	}
	if w.knows(t) != 0 || w.refusals(t) != "" {
		t.Errorf("it knows %d and keeps %q", w.knows(t), w.refusals(t))
	}
	if status, _ := w.post(t, good); status != 200 || w.knows(t) != 10 {
		t.Errorf("the true one: %d", status)
	}
}

// says is a witness that answers with a function.
type says func(*witness.Request) (string, error)

func (f says) AddCheckpoint(_ context.Context, r *witness.Request) (string, error) { return f(r) }
func (says) AddStatement(context.Context, *witness.Request) error                  { return nil }

// TestLogDoubtsItsWitness: lines that are of another key, of another checkpoint, or of a
// time that cannot be are not taken for cosignatures.
func TestLogDoubtsItsWitness(t *testing.T) {
	r := onSQLite(t)
	w, other := r.seat(t, "XB", 1), r.seat(t, "XC", 2)
	p := r.asks(t, "all", w)
	first := witness.NoteText(r.grow(t, 10))
	r.clk.Advance(time.Hour)
	text := witness.NoteText(r.grow(t, 10))
	now := r.clk.Now()
	line := func(s *seat, text string, at time.Time) string {
		l, err := s.key.Cosign(text, at)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for name, tt := range map[string]struct{ lines, problem string }{
		"nothing":                     {"", journal.ProblemAnswer},
		"of another key":              {line(other, text, now), journal.ProblemAnswer},
		"of an earlier checkpoint":    {line(w, first, now), journal.ProblemAnswer},
		"from before the checkpoint":  {line(w, text, now.Add(-time.Hour)), journal.ProblemClock},
		"from a time that is not yet": {line(w, text, now.Add(time.Hour)), journal.ProblemClock},
		"right":                       {line(w, text, now.Add(time.Minute)), ""},
	} {
		r.j.AskWitnesses(p, func(witness.Member) witness.Service {
			return says(func(*witness.Request) (string, error) { return tt.lines, nil })
		})
		s := r.cosign(t)
		if problem(s, "XB") != tt.problem {
			t.Errorf("%s: %q, want %q", name, problem(s, "XB"), tt.problem)
		}
		if tt.problem != "" {
			continue
		}
		if s.Size != 20 {
			t.Errorf("%s: %+v", name, s)
		}
		r.exec(t, `DELETE FROM journal_cosignature`)
		r.exec(t, `DELETE FROM journal_settled`)
	}
	r.j.AskWitnesses(p, func(witness.Member) witness.Service { return nil })
	if s := r.cosign(t); problem(s, "XB") != journal.ProblemUnreachable || s.Size != 0 {
		t.Errorf("no way to the witness: %+v", s)
	}
	never := says(func(q *witness.Request) (string, error) {
		return "", &witness.Refusal{Kind: witness.Stale, Size: 1 + q.Old%2}
	})
	r.j.AskWitnesses(p, func(witness.Member) witness.Service { return never })
	if s := r.cosign(t); problem(s, "XB") != journal.ProblemAnswer {
		t.Errorf("a witness that changes its mind for ever: %+v", s)
	}
}

// TestNoPolicy: a log without a policy, or with one of none, is legal and not witnessed.
func TestNoPolicy(t *testing.T) {
	r := onSQLite(t)
	r.grow(t, 10)
	if s := r.cosign(t); s.Asks || s.Witnessed(r.clk.Now()) || s.Signed != 10 || s.Size != 0 {
		t.Errorf("no policy: %+v", s)
	}
	p, err := witness.ParsePolicy("quorum none\n")
	if err != nil {
		t.Fatal(err)
	}
	r.j.AskWitnesses(p, nil)
	if s := r.cosign(t); s.Asks || s.Witnessed(r.clk.Now()) || s.Size != 0 {
		t.Errorf("a policy of none: %+v", s)
	}
}
