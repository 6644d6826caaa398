package access_test

import (
	"errors"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
)

// useless fails unless every way through a pass is shut. It is a zero pass, or
// one whose gate has closed.
func useless(t testing.TB, what string, p *access.Pass, id ident.Case) {
	t.Helper()
	denied := map[string]error{}
	_, denied["sealer"] = p.Sealer(ctx)
	_, denied["new subject"] = p.NewSubject(ctx, "case")
	_, denied["opener"] = p.Opener(id)
	_, denied["seal for the node"] = p.SealNode("casework_view", id[:], 1, struct{}{})
	denied["open for the node"] = p.OpenNode("casework_view", id[:], 1, nil, &struct{}{})
	_, denied["visible"] = p.Visible(ctx, []ident.Case{id})
	denied["reach"] = p.Reach(ctx, access.RelationLead, [16]byte(id))
	denied["end of reach"] = p.EndReach(ctx, access.RelationLead)
	denied["end of a permit"] = p.EndPermit(ctx, "case-work")
	_, denied["is withheld"] = p.IsWithheld(ctx, [16]byte(id))
	denied["check of reach"] = p.CheckReached(nil)
	_, denied["may"] = p.May(ctx, "case.open")
	_, denied["may in an emergency"] = p.MayInEmergency(ctx, "case.reopen")
	_, denied["emergencies"] = p.Emergencies(ctx)
	_, denied["permitted"] = p.Permitted(ctx, "case-work")
	denied["permit"] = p.Permit(ctx, "case-work", "consent")
	denied["withhold"] = p.Withhold(ctx, [16]byte(id))
	for how, err := range denied {
		if !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %s = %v, want denied", what, how, err)
		}
	}
	for how, use := range map[string]func(){
		"transaction": func() { p.Tx() },
		"time":        func() { p.Now() },
		"reached":     func() { _, _ = p.Reached(ctx) },
		"chain":       func() { _, _ = p.ChainLength(ctx, id) },
		"looked":      func() { _, _, _ = p.Looked(ctx, 0, 10) },
		"few":         func() { _, _ = p.Few(ctx) },
	} {
		if !panics(use) {
			t.Errorf("%s: %s could be used", what, how)
		}
	}
}

func panics(fn func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	fn()
	return false
}

func TestZeroPassRefuses(t *testing.T) {
	useless(t, "zero pass", new(access.Pass), ident.New[ident.Case]())
	var none *access.Pass
	if _, err := none.Sealer(ctx); !fault.Is(err, fault.Denied) {
		t.Errorf("no pass: sealer = %v, want denied", err)
	}
	if !panics(func() { none.Tx() }) {
		t.Error("no pass: the transaction could be used")
	}
}

// TestPassEndsWithItsGate keeps every pass and every handle and uses it
// afterwards.
func TestPassEndsWithItsGate(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	var kept []*access.Pass
	var opener, listed *keys.Opener
	var sealer *keys.Sealer
	keep := func(p *access.Pass) { kept = append(kept, p) }

	if _, err := o.Gate.Do(ctx, worker, access.Act{Action: "case.note", Purpose: "case-work", Case: id},
		func(p *access.Pass) (_ string, err error) { keep(p); sealer, err = p.Sealer(ctx); return "", err }); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if _, err := o.Gate.Do(ctx, worker, access.Act{Action: "case.note", Purpose: "case-work", Case: id},
		func(p *access.Pass) (string, error) { keep(p); return "", broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	err := o.Gate.View(ctx, worker, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(p *access.Pass) (err error) {
		keep(p)
		opener, err = p.Opener(id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = o.Gate.List(ctx, worker, access.Act{Action: "case.list", Purpose: "case-work"},
		func(p *access.Pass) ([]ident.Case, error) {
			keep(p)
			_, err := p.Visible(ctx, []ident.Case{id})
			return []ident.Case{id}, err
		},
		func(p *access.Pass) (err error) {
			keep(p)
			listed, err = p.Opener(id)
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	err = o.Gate.Own(ctx, worker, func(p *access.Pass) error { keep(p); return nil })
	if err == nil {
		err = o.Gate.Work(ctx, o.Gate.Job("rewrap"), access.Act{Action: "job.rewrap", Purpose: "maintenance"}, func(p *access.Pass) error { keep(p); return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(kept) != 7 {
		t.Fatalf("passes = %d, want 7", len(kept))
	}
	for _, p := range kept {
		useless(t, "ended pass", p, id)
	}
	if _, err := sealer.Seal("casework_case", id[:], 1, struct{}{}); !fault.Is(err, fault.Denied) {
		t.Errorf("a sealer after its command = %v, want denied", err)
	}
	if mac := sealer.MAC("casework_case", id[:], 1); mac != nil {
		t.Error("a sealer after its command still makes digests")
	}
	for _, x := range []*keys.Opener{opener, listed} {
		if err := x.Open("casework_case", id[:], 1, nil, &struct{}{}); !fault.Is(err, fault.Expired) {
			t.Errorf("an opener after its gate has closed = %v, want expired", err)
		}
	}
}

// TestPassIsNarrow: a command cannot open, a look cannot seal or grant, and each
// knows one case only.
func TestPassIsNarrow(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id, other := register(t, o, worker), register(t, o, worker)
		denied := func(what string, err error) {
			t.Helper()
			if !fault.Is(err, fault.Denied) {
				t.Errorf("%s = %v, want denied", what, err)
			}
		}
		_, err := o.Gate.Do(ctx, worker, access.Act{Action: "case.note", Purpose: "case-work", Case: id}, func(p *access.Pass) (string, error) {
			_, err := p.Opener(id)
			denied("an opener in a command", err)
			_, err = p.NewSubject(ctx, "case")
			denied("a new key in a command that registers nothing", err)
			_, err = p.Visible(ctx, []ident.Case{id})
			denied("a list in a command", err)
			_, _, err = p.Entries(ctx, journal.Filter{}, 0, 10)
			denied("the journal in a command", err)
			s, err := p.Sealer(ctx)
			if err != nil || s.Subject() != ident.SubjectOf(id) {
				t.Errorf("sealer of %v, %v, want the case's", s.Subject(), err)
			}
			if p.Case() != id || p.Caller().Staff() != worker.Staff() || !p.Now().Equal(o.Clock.Now()) {
				t.Error("the pass is of another case, person or time")
			}
			return "", nil
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.Gate.Do(ctx, worker, access.Act{Action: "view.save", Purpose: "case-work"}, func(p *access.Pass) (string, error) {
			_, err := p.Sealer(ctx)
			denied("a sealer without a case", err)
			return "", nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = o.Gate.Open(ctx, worker, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(p *access.Pass) error {
			_, err := p.Sealer(ctx)
			denied("a sealer before an opening", err)
			_, err = p.Opener(id)
			denied("an opener before its entry", err)
			denied("reach before an opening", p.Reach(ctx, access.RelationLead, [16]byte(worker.Staff())))
			return nil
		}, func(p *access.Pass) error {
			_, err := p.Sealer(ctx)
			denied("a sealer in an opening", err)
			_, err = p.Opener(other)
			denied("another case's opener", err)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		for _, action := range []string{"case.open", "case.print", "case.wholooked"} {
			err = o.Gate.View(ctx, worker, access.Act{Action: action, Purpose: "case-work", Case: id}, func(p *access.Pass) error {
				_, err := p.Sealer(ctx)
				denied(action+": a sealer in a look", err)
				_, err = p.NewSubject(ctx, "case")
				denied(action+": a new key in a look", err)
				_, err = p.Opener(other)
				denied(action+": another case's opener", err)
				denied(action+": reach", p.Reach(ctx, access.RelationLead, [16]byte(worker.Staff())))
				denied(action+": end of reach", p.EndReach(ctx, access.RelationLead))
				denied(action+": a permit", p.Permit(ctx, "case-work", "consent"))
				denied(action+": withholding", p.Withhold(ctx, [16]byte(worker.Staff())))
				if _, err := p.Opener(id); (err == nil) != (action != "case.wholooked") {
					t.Errorf("%s: opener = %v", action, err)
				}
				if _, err := p.Tx().Exec(ctx, `DELETE FROM access_reach`); err == nil {
					t.Errorf("%s: a look could write", action)
				}
				return nil
			})
			if err != nil && action != "case.open" && !fault.Is(err, fault.Internal) && !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s: %v", action, err) // the attempt to write ends the reading transaction
			}
		}
	})
}

// TestOpenerLastsTenMinutes even if the look is still going on.
func TestOpenerLastsTenMinutes(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	err := o.Gate.View(ctx, worker, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(p *access.Pass) error {
		x, err := p.Opener(id)
		if err != nil {
			return err
		}
		if got, want := x.Until(), o.Clock.Now().Add(10*time.Minute); !got.Equal(want) {
			t.Errorf("until = %v, want %v", got, want)
		}
		o.Clock.Advance(10*time.Minute + time.Second)
		if err := x.Open("casework_case", id[:], 1, nil, &struct{}{}); !fault.Is(err, fault.Expired) {
			t.Errorf("after ten minutes = %v, want expired", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReach: who reaches a case, what ends it, and what a list may show.
func TestReach(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		reached := func() map[string]int {
			out := map[string]int{}
			err := o.Gate.View(ctx, worker, access.Act{Action: "case.wholooked", Purpose: "case-work", Case: id}, func(p *access.Pass) error {
				all, err := p.Reached(ctx)
				for _, r := range all {
					out[r.Relation]++
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if got := reached(); got["lead"] != 1 || got["unit"] != 2 || len(got) != 2 {
			t.Errorf("reached by %v, want the lead and two units", got)
		}
		o.Clock.Advance(time.Hour)
		_, err := o.Gate.Do(ctx, worker, access.Act{Action: "case.update", Purpose: "case-work", Case: id},
			func(p *access.Pass) (string, error) { return "", p.EndReach(ctx, access.RelationUnit) })
		if err != nil {
			t.Fatal(err)
		}
		o.Clock.Advance(time.Second)
		if got := reached(); got["unit"] != 0 || got["lead"] != 1 {
			t.Errorf("reached by %v, want the lead alone", got)
		}
		refused(t, "the unit before", does(o, o.Person(access.RoleSupervisor, o.North), "case.note", id))
	})
}

// TestMay tells the buttons of a page, and nothing it says widens anything.
func TestMay(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	err := o.Gate.View(ctx, worker, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(p *access.Pass) error {
		may, err := p.May(ctx, "case.note", "case.close", "case.assign", "journal.export", "case.burn")
		if err != nil {
			return err
		}
		for action, want := range map[string]bool{"case.note": true, "case.close": true, "case.assign": false, "journal.export": false, "case.burn": false} {
			if may[action] != want {
				t.Errorf("may %s = %v, want %v", action, may[action], want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
