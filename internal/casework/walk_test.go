package casework_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// walkSteps is how many commands the walk tries on each engine.
const walkSteps = 2500

// walk tries commands at random, by people at random, on a few cases, and after each
// compares what the room did with a model of its own.
type walk struct {
	*office
	t      *testing.T
	r      *rand.Rand
	people []*access.Caller
	cases  []*walked
	log    []string // the last commands, for the report of a failure
	count  map[string]int
}

// walked is what the model knows of one case.
type walked struct {
	id      ident.Case
	facts   []fact
	missing bool
	closed  bool
	breach  map[casework.ActID]bool // recorded without an authorisation that held
	acting  bool                    // an action to bring the child out of danger is open
	unsafe  bool                    // the newest finished form says danger, and nobody has seen to it since
}

type fact struct {
	state       string
	from, until time.Time
	seq         int
}

// inForce is the model's own reading of what holds: the newest fact of the kind that
// has begun, if it has not ended. Decisions and records are each a kind of their own.
func (w *walk) inForce(c *walked, state string) bool {
	slot := func(s string) string {
		if kind := w.Pack.Parent(pack.StatusStates, s); kind != "decision" && kind != "filed" {
			return kind
		}
		return s
	}
	var newest *fact
	for i := range c.facts {
		f := &c.facts[i]
		if slot(f.state) == slot(state) && !f.from.After(w.Clock.Now()) &&
			(newest == nil || f.from.After(newest.from) || f.from.Equal(newest.from) && f.seq > newest.seq) {
			newest = f
		}
	}
	return newest != nil && newest.state == state && (newest.until.IsZero() || w.Clock.Now().Before(newest.until))
}

// mayAct is the model's own reading of the gate of an act.
func (w *walk) mayAct(c *walked, kind string) bool {
	g, _ := w.Pack.ActGate(kind)
	for _, state := range g.Unless {
		if w.inForce(c, state) {
			return false
		}
	}
	return slices.ContainsFunc(g.Needs, func(need string) bool {
		if need == pack.NeedDecision {
			need = kind
		}
		return w.inForce(c, need)
	})
}

func TestRandomWalkThroughTheLifeOfCases(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		steps := walkSteps
		if testing.Short() {
			steps = 300
		}
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		w := &walk{office: o, t: t, r: rand.New(rand.NewPCG(seed, 3)), count: map[string]int{}}
		lead := o.Person(access.RoleCaseWorker, o.North)
		w.people = []*access.Caller{
			lead, lead, lead, o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.North),
			o.Person(access.RoleSupervisor, o.Head), o.responder(), o.Person(access.RoleCaseWorker, o.South),
		}
		for range 25 {
			w.cases = append(w.cases, &walked{id: o.register(t, lead), breach: map[casework.ActID]bool{}})
		}
		for range steps {
			c := w.cases[w.r.IntN(len(w.cases))]
			w.step(c)
			w.holds(c)
			if t.Failed() {
				t.Fatalf("after:\n%s", strings.Join(w.log, "\n"))
			}
			o.Clock.Advance(time.Duration(w.r.IntN(72)) * time.Hour)
		}
		for _, what := range []string{"authorised", "breach", "reviewed", "missing", "found", "closed", "reopened", "emergency", "held", "form", "seen to"} {
			if w.count[what] == 0 && !testing.Short() {
				t.Errorf("the walk never came to: %s", what)
			}
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func (w *walk) pick(list string) string {
	codes := w.Pack.Codes(list)
	return codes[w.r.IntN(len(codes))]
}

// step tries one command.
func (w *walk) step(c *walked) {
	by := w.again(w.people[w.r.IntN(len(w.people))])
	child, err := w.room.Open(ctx, w.again(w.people[3]), c.id)
	if err != nil {
		w.t.Fatalf("open: %v", err)
	}
	what, err := "", error(nil)
	switch n := w.r.IntN(23); {
	case n < 6:
		what, err = w.status(c, by)
	case n < 8:
		what, err = w.plan(c, by)
	case n < 10:
		what, err = w.approve(c, by)
	case n < 13:
		what, err = w.record(c, by, child)
	case n < 14:
		what, err = w.review(c, by, child)
	case n < 16:
		what, err = w.search(c, by)
	case n < 17:
		what, err = w.stage(c, by, child)
	case n < 18:
		what = "risk"
		err = w.room.ChangeRisk(ctx, by, command(), c.id, casework.Decision{To: w.pick("risk"), Text: sealed.NewText("x")})
	case n < 19:
		what, err = w.close(c, by)
	case n < 21:
		what, err = w.form(c, by)
	case n < 22:
		what, err = w.seeTo(c, by)
	default:
		if what, err = "reopened", w.room.Reopen(ctx, by, command(), c.id, casework.Decision{To: "found", Text: sealed.NewText("x")}); err == nil {
			c.closed = false
			w.count[what]++
		}
	}
	w.log = append(w.log, fmt.Sprintf("%s %s by %s: %v", c.id.String()[:4], what, by.Role(), err))
	w.log = w.log[max(0, len(w.log)-12):]
	if kind := fault.KindOf(err); err != nil && (kind == fault.Internal || kind == fault.Unavailable) {
		w.t.Errorf("%s: %v", what, err)
	}
}

func (w *walk) status(c *walked, by *access.Caller) (string, error) {
	f := fact{state: w.pick(pack.StatusStates), from: w.Clock.Now().Add(-time.Duration(w.r.IntN(20*24)) * time.Hour), seq: len(c.facts)}
	if w.r.IntN(3) == 0 {
		f.until = f.from.Add(time.Duration(30+w.r.IntN(60)) * 24 * time.Hour)
	}
	err := w.office.status(by, c.id, f.state, func(s *casework.Status) { s.From, s.Until = f.from, f.until })
	if err == nil {
		if kind := w.Pack.Parent(pack.StatusStates, f.state); kind == "reflection" && f.state != "reflection_ended" && f.until.IsZero() {
			f.until = w.Pack.Clock(pack.ReflectionPeriod).After(f.from)
		}
		c.facts = append(c.facts, f)
	}
	return "status " + f.state, err
}

// authorised asserts that an act came past its gate.
func (w *walk) authorised(c *walked, kind string) {
	w.count["authorised"]++
	if !w.mayAct(c, kind) {
		w.t.Errorf("%s was authorised past its gate", kind)
	}
}

func (w *walk) plan(c *walked, by *access.Caller) (string, error) {
	kind := w.pick(pack.ActKinds)
	err := w.planAct(by, c.id, kind)
	if err == nil && !w.mayAct(c, kind) {
		w.t.Errorf("%s was planned past its gate", kind)
	}
	return "plan " + kind, err
}

func (w *walk) approve(c *walked, by *access.Caller) (string, error) {
	list, err := w.room.Approvals(ctx, by, c.id)
	if err != nil {
		return "approvals", err
	}
	for _, a := range list.Approvals {
		if !a.Waits() {
			continue
		}
		err := w.room.Decide(ctx, by, command(), c.id, a.ID, casework.Answer{Approve: true})
		if err == nil {
			w.authorised(c, a.Code)
			if a.Asker == by.Staff() {
				w.t.Error("somebody approved their own")
			}
		}
		return "approve " + a.Code, err
	}
	return "nothing to approve", nil
}

func (w *walk) record(c *walked, by *access.Caller, child *casework.Child) (string, error) {
	d := casework.Done{Kind: w.pick(pack.ActKinds), Happened: w.Clock.Now(), Text: sealed.NewText("x"), Emergency: w.r.IntN(3) == 0}
	held := false
	for i := range child.Acts {
		if a := &child.Acts[i]; a.Open() && w.r.IntN(2) == 0 {
			d.Planned, d.Kind = a.ID, a.Kind
			held = a.Waits() && w.mayAct(c, a.Kind)
			break
		}
	}
	reaches := by.Role() != access.RoleFirstResponder && by.Staff() != w.people[len(w.people)-1].Staff()
	err := w.room.RecordAct(ctx, by, command(), c.id, d)
	if want := reaches || d.Emergency; want != (err == nil) {
		w.t.Errorf("recording that an act happened: %v", err)
	}
	if err != nil {
		return "record " + d.Kind, err
	}
	now, err := w.room.Open(ctx, w.again(w.people[3]), c.id)
	if err != nil {
		return "open", err
	}
	for i := range now.Acts {
		a := &now.Acts[i]
		before := slices.IndexFunc(child.Acts, func(o casework.Act) bool { return o.ID == a.ID && o.Happened.Equal(a.Happened) })
		if before >= 0 {
			continue
		}
		if a.Breach == (held && reaches) && !a.Happened.IsZero() {
			w.t.Errorf("%s: breach %v, although the authorisation held: %v", a.Kind, a.Breach, held)
		}
		if a.Breach {
			c.breach[a.ID] = true
			w.count["breach"]++
		} else {
			w.count["held"]++
		}
		if a.Emergency {
			w.count["emergency"]++
		}
	}
	return "record " + d.Kind, nil
}

func (w *walk) review(c *walked, by *access.Caller, child *casework.Child) (string, error) {
	for i := range child.Acts {
		a := &child.Acts[i]
		if !a.Unreviewed() {
			continue
		}
		err := w.room.ReviewBreach(ctx, by, command(), c.id, a.ID, "mended", sealed.NewText("x"))
		if err == nil {
			w.count["reviewed"]++
			delete(c.breach, a.ID)
			if by.Role() != access.RoleSupervisor || a.Recorder == by.Staff() || a.Planner == by.Staff() {
				w.t.Error("somebody reviewed their own act")
			}
		}
		return "review", err
	}
	return "nothing to review", nil
}

func (w *walk) search(c *walked, by *access.Caller) (string, error) {
	now, x := w.Clock.Now(), sealed.NewText("x")
	switch w.r.IntN(4) {
	case 0:
		err := w.room.ReportMissing(ctx, by, command(), c.id, casework.Report{Since: now, Text: x})
		if err == nil {
			c.missing = true
			w.count["missing"]++
		}
		return "missing", err
	case 1:
		return "search", w.room.ReviewSearch(ctx, by, command(), c.id, x)
	case 2:
		return "talk", w.room.ReturnTalk(ctx, by, command(), c.id, casework.Talk{Words: x})
	}
	err := w.room.FoundMissing(ctx, by, command(), c.id, casework.Return{Found: now, Text: x})
	if err == nil {
		c.missing = false
		w.count["found"]++
	}
	return "found", err
}

func (w *walk) stage(c *walked, by *access.Caller, child *casework.Child) (string, error) {
	to := w.pick("stage")
	err := w.room.ChangeStage(ctx, by, command(), c.id, casework.Decision{To: to})
	if err != nil {
		return "stage " + to, err
	}
	g, ok := w.Pack.Follows(child.Case.Stage, to)
	there := slices.ContainsFunc(g.Needs, func(need string) bool {
		if need != pack.NeedDecision {
			return w.inForce(c, need)
		}
		return slices.ContainsFunc(w.Pack.Codes(pack.ActKinds), func(kind string) bool { return w.inForce(c, kind) })
	})
	if !ok || len(g.Needs) > 0 && !there {
		w.t.Errorf("from %s to %s past the gate", child.Case.Stage, to)
	}
	if to == "identified" && !w.inForce(c, "identification_presumed") && child.Standing.Of("identification") == nil {
		c.facts = append(c.facts, fact{state: "identification_presumed", from: w.Clock.Now(), seq: len(c.facts)})
	}
	return "stage " + to, nil
}

func (w *walk) close(c *walked, by *access.Caller) (string, error) {
	reason := w.pick("close_reason")
	d := casework.Closing{Decision: casework.Decision{To: reason}, Declined: "child", LastWord: sealed.NewText("x"), Continues: sealed.NewText("x")}
	err := w.room.Close(ctx, by, command(), c.id, d)
	if err == nil {
		c.closed = true
		w.count["closed"]++
		if c.missing {
			w.t.Error("a missing child's case was closed")
		}
		if asks := slices.Contains(w.Pack.CloseGate(reason).Needs, pack.NeedNoUrgent); asks && (c.acting || c.unsafe) {
			w.t.Errorf("closed (%s) although the child is in danger: action %v, form %v", reason, c.acting, c.unsafe)
		}
	}
	if fault.CodeOf(err) == "urgent-first" && !c.acting && !c.unsafe {
		w.t.Error("not closed, although nothing stands that cannot wait")
	}
	return "close " + reason, err
}

// form finishes a form that says whether the child is safe.
func (w *walk) form(c *walked, by *access.Caller) (string, error) {
	answer := []string{forms.Yes, forms.No}[w.r.IntN(2)]
	_, err := w.room.SaveRecord(ctx, by, command(), c.id, casework.RecordInput{Form: "trial", Finish: true, Answers: forms.Answers{
		"on": dated("2026-03-01"), "safe_now": given(answer), "why": written("x"),
	}})
	if err == nil {
		c.unsafe = answer == forms.No
		c.acting = c.acting || c.unsafe
		w.count["form"]++
	}
	return "form, safe: " + answer, err
}

// seeTo ends the action that such a form opened.
func (w *walk) seeTo(c *walked, by *access.Caller) (string, error) {
	err := w.room.SeeToUrgent(ctx, by, command(), c.id, "danger", w.pick(pack.UrgentOutcomes), sealed.NewText("x"))
	if err == nil {
		c.acting, c.unsafe = false, false
		w.count["seen to"]++
	}
	return "see to danger", err
}

// holds checks what is true of every case at all times.
func (w *walk) holds(c *walked) {
	child, err := w.room.Open(ctx, w.again(w.people[3]), c.id)
	if err != nil {
		w.t.Errorf("open: %v", err)
		return
	}
	row := &child.Case
	if row.Worker.IsZero() || row.Unit.IsZero() || !slices.ContainsFunc(child.People, func(p access.Reached) bool {
		return p.Relation == access.RelationLead && p.Holder == [16]byte(row.Worker)
	}) {
		w.t.Error("nobody is responsible for the case")
	}
	if (row.Stage == casework.StageMissing) != c.missing || row.Closed() != c.closed || (child.MissingNow() != nil) != c.missing {
		w.t.Errorf("stage %s, closed %v, missing %v; the model says missing %v, closed %v", row.Stage, row.Closed(), child.MissingNow() != nil, c.missing, c.closed)
	}
	open := map[[16]byte]bool{}
	searching := false
	w.deadlines(w.t, c.id, func(d *deadline.Deadline) {
		if d.State == deadline.Open && d.Kind == "breach_review" {
			open[d.About] = true
		}
		searching = searching || d.State == deadline.Open && d.Kind == "missing_review"
	})
	for id := range c.breach {
		if !open[[16]byte(id)] {
			w.t.Error("an act without a basis waits for no review")
		}
	}
	if len(open) != len(c.breach) || len(child.Unreviewed()) != len(c.breach) {
		w.t.Errorf("%d reviews are due and %d acts wait, want %d", len(open), len(child.Unreviewed()), len(c.breach))
	}
	if c.missing != searching {
		w.t.Errorf("missing %v, but the search is looked at again: %v", c.missing, searching)
	}
}
