package handover_test

import (
	"errors"
	"slices"
	"testing"

	"causeway/protocol/handover"
)

const (
	s = handover.Sender
	r = handover.Receiver
	c = handover.Clock
)

// legal is every step there is, written from the rules in words: from, event, who,
// to, and for which kinds (r referral, t transfer).
var legal = []struct {
	from  handover.State
	event handover.Event
	by    handover.Party
	to    handover.State
	kinds string
}{
	{"", "offer", s, "offered", "rt"},
	{"offered", "accept", r, "accepted", "rt"},
	{"offered", "decline", r, "declined", "rt"},
	{"offered", "ask_info", r, "needs_info", "rt"},
	{"offered", "withdraw", s, "withdrawn", "rt"},
	{"offered", "retract", s, "retracted", "rt"},
	{"offered", "expire", c, "expired", "rt"},
	{"needs_info", "info", s, "offered", "rt"},
	{"needs_info", "decline", r, "declined", "rt"},
	{"needs_info", "withdraw", s, "withdrawn", "rt"},
	{"needs_info", "retract", s, "retracted", "rt"},
	{"needs_info", "expire", c, "expired", "rt"},
	{"accepted", "start", r, "active", "r"},
	{"accepted", "release", s, "released", "t"},
	{"accepted", "handback", r, "handed_back", "rt"},
	{"accepted", "withdraw", s, "withdrawn", "rt"},
	{"released", "assume", r, "active", "t"},
	{"released", "handback", r, "handed_back", "t"},
	{"released", "withdraw", s, "withdrawn", "t"},
	{"active", "hold", r, "on_hold", "rt"},
	{"active", "complete", r, "completed", "rt"},
	{"active", "fail", r, "failed", "r"},
	{"active", "handback", r, "handed_back", "r"},
	{"active", "withdraw", s, "stopping", "r"},
	{"on_hold", "resume", r, "active", "rt"},
	{"on_hold", "fail", r, "failed", "r"},
	{"on_hold", "handback", r, "handed_back", "r"},
	{"on_hold", "withdraw", s, "stopping", "r"},
	{"stopping", "complete", r, "completed", "r"},
	{"stopping", "fail", r, "failed", "r"},
	{"stopping", "handback", r, "handed_back", "r"},
	{"completed", "confirm", s, "closed", "rt"},
	{"completed", "dispute", s, "active", "rt"},
	{"completed", "lapse", c, "closed", "rt"},
	{"failed", "confirm", s, "closed", "r"},
	{"failed", "dispute", s, "active", "r"},
	{"failed", "lapse", c, "closed", "r"},
	{"handed_back", "confirm", s, "closed", "rt"},
	{"handed_back", "lapse", c, "closed", "rt"},
}

// TestEveryStep asks for every state, event, party and kind, and for some that do
// not exist: what is not in the table is refused and moves nothing.
func TestEveryStep(t *testing.T) {
	states := append(handover.States(), "nowhere")
	events := append(handover.Events(), "vanish")
	taken := 0
	for _, kind := range []handover.Kind{handover.Referral, handover.Transfer, "", "gift"} {
		for _, from := range states {
			for _, event := range events {
				for _, by := range []handover.Party{s, r, c, handover.Nobody, "stranger"} {
					want, ok := from, false
					for _, l := range legal {
						if l.from == from && l.event == event && l.by == by &&
							(kind == handover.Referral && l.kinds != "t" || kind == handover.Transfer && l.kinds != "r") {
							want, ok = l.to, true
						}
					}
					got, err := handover.Next(from, event, by, kind)
					if got != want || (err == nil) != ok || err != nil && !errors.Is(err, handover.ErrIllegal) {
						t.Errorf("%s: %s by %s from %q = %q, %v; want %q, legal %v", kind, event, by, from, got, err, want, ok)
					}
					if ok {
						taken++
					}
				}
			}
		}
	}
	if taken != 61 {
		t.Errorf("%d legal steps, want 61: 35 of a referral and 26 of a transfer", taken)
	}
}

// TestFinalStatesStay: nothing moves what is over, and something moves everything
// else, whose turn it is.
func TestFinalStatesStay(t *testing.T) {
	for _, kind := range []handover.Kind{handover.Referral, handover.Transfer} {
		for _, in := range reachable(kind) {
			any := 0
			for _, by := range []handover.Party{s, r, c} {
				any += len(handover.May(in, by, kind))
			}
			if in.Final() != (any == 0) {
				t.Errorf("%s: %q: final %v, and %d steps from it", kind, in, in.Final(), any)
			}
			turn := handover.WaitsFor(in, kind)
			if in.Final() != (turn == handover.Nobody) || !in.Final() && len(handover.May(in, turn, kind)) == 0 {
				t.Errorf("%s: %q waits for %q, who can do %v", kind, in, turn, handover.May(in, turn, kind))
			}
		}
	}
}

// reachable returns the states a handover of a kind can come to.
func reachable(kind handover.Kind) []handover.State {
	found := []handover.State{handover.None}
	for i := 0; i < len(found); i++ {
		for _, e := range handover.Events() {
			for _, by := range []handover.Party{s, r, c} {
				if to, err := handover.Next(found[i], e, by, kind); err == nil && !slices.Contains(found, to) {
					found = append(found, to)
				}
			}
		}
	}
	return found
}

// TestResponsible: the responsibility moves with the one step that assumes a
// transfer, and never back.
func TestResponsible(t *testing.T) {
	seen := map[handover.Thread]bool{}
	var visit func(at handover.Thread)
	visit = func(at handover.Thread) {
		if seen[at] {
			return
		}
		seen[at] = true
		for _, e := range handover.Events() {
			for _, by := range []handover.Party{s, r, c} {
				to, err := at.Step(e, by)
				if err != nil {
					if to != at {
						t.Errorf("%+v: a refused %s moved it to %+v", at, e, to)
					}
					continue
				}
				want := at.Responsible()
				if e == handover.Assume {
					want = r
				}
				if to.Responsible() != want {
					t.Errorf("%+v: after %s %q answers, want %q", at, e, to.Responsible(), want)
				}
				if to.Opened() && !to.Accepted {
					t.Errorf("%+v is read before it was accepted", to)
				}
				visit(to)
			}
		}
	}
	for _, kind := range []handover.Kind{handover.Referral, handover.Transfer} {
		visit(handover.Thread{Kind: kind})
	}
	if len(seen) < 25 {
		t.Errorf("only %d threads were seen", len(seen))
	}
}

// TestRecall: before acceptance, or before a transfer is assumed, a recall locks by
// itself; afterwards a person answers it.
func TestRecall(t *testing.T) {
	for _, tt := range []struct {
		kind   handover.Kind
		events []handover.Event
		locks  bool
	}{
		{handover.Referral, []handover.Event{"offer"}, true},
		{handover.Referral, []handover.Event{"offer", "ask_info"}, true},
		{handover.Referral, []handover.Event{"offer", "accept"}, false},
		{handover.Referral, []handover.Event{"offer", "accept", "start", "complete"}, false},
		{handover.Referral, []handover.Event{"offer", "retract"}, true},
		{handover.Transfer, []handover.Event{"offer", "accept"}, true},
		{handover.Transfer, []handover.Event{"offer", "accept", "release"}, true},
		{handover.Transfer, []handover.Event{"offer", "accept", "release", "assume"}, false},
	} {
		at := handover.Thread{Kind: tt.kind}
		for _, e := range tt.events {
			before := at
			for _, by := range []handover.Party{s, r, c} {
				if next, err := at.Step(e, by); err == nil {
					at = next
					break
				}
			}
			if at == before {
				t.Fatalf("%s: no %s from %q", tt.kind, e, before.State)
			}
		}
		if got := at.RecallLocks(); got != tt.locks {
			t.Errorf("%s after %v: locks %v, want %v", tt.kind, tt.events, got, tt.locks)
		}
	}
}

// TestModel shakes two ends and the line between them.
func TestModel(t *testing.T) {
	rep := handover.Check(4, 400_000)
	if rep.Faults() != 0 || rep.Crashes == 0 || rep.Moves != len(legal) {
		t.Errorf("%+v, want no fault, crashes, and all %d steps seen", rep, len(legal))
	}
	if again := handover.Check(4, 400_000); again != rep {
		t.Errorf("the same walk again: %+v, want %+v", again, rep)
	}
}

// TestModelBites: the check finds the mistakes it is there to find.
func TestModelBites(t *testing.T) {
	const steps = 20_000
	if rep := handover.Flawed(1, steps, true, false, false); rep.Nobody == 0 {
		t.Errorf("letting go at the acceptance was not found: %+v", rep)
	}
	if rep := handover.Flawed(1, steps, false, true, false); rep.Twice == 0 {
		t.Errorf("a command done twice was not found: %+v", rep)
	}
	if rep := handover.Flawed(1, steps, false, false, true); rep.TwoClerks == 0 {
		t.Errorf("a sender that writes states was not found: %+v", rep)
	}
}
