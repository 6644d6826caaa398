package casework

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"causeway/internal/access"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
)

// FormPlan is the form of the plan.
const FormPlan = "plan"

// PlanView is the newest plan of a case: what was agreed, and what became of it.
type PlanView struct {
	Child
	Plan     *forms.Revision // nil: there is none
	Goals    []PlanGoal
	Steps    []PlanStep
	Agreed   *Event    // the newest answer of the child to this plan; nil: not asked yet
	Approval *Approval // what a second person says of it; nil: nobody is asked
}

// AgreedAsIs reports whether the child's answer is about the plan as it is now.
func (v *PlanView) AgreedAsIs() bool { return v.Agreed != nil && v.Agreed.Revision == v.Plan.Number }

// PlanGoal is one goal.
type PlanGoal struct {
	Key    string
	What   sealed.Text
	Area   string // code of the form
	By     sealed.Date
	Stands string // how far, as the form says
	View   *Event // what the child thinks of it, newest
}

// PlanStep is one step.
type PlanStep struct {
	Key     string
	What    sealed.Text
	Who     sealed.Text
	By      sealed.Date
	Service string // code list service
	Stands  string // as the form says: open, done or stopped
	Now     *Event // what became of it since, newest
}

// State returns where the step stands: what was recorded last, else what the form says.
func (s *PlanStep) State() string {
	switch {
	case s.Now != nil:
		return s.Now.To
	case s.Stands == "done":
		return "done"
	case s.Stands == "stopped":
		return "impossible"
	}
	return "open"
}

// Plan returns the newest plan of a case.
func (r *Room) Plan(ctx context.Context, c *access.Caller, id ident.Case) (*PlanView, error) {
	return r.plan(ctx, c, id, "case.open")
}

// PrintPlan returns the newest plan for paper: an entry of its own.
func (r *Room) PrintPlan(ctx context.Context, c *access.Caller, id ident.Case) (*PlanView, error) {
	return r.plan(ctx, c, id, "case.print")
}

func (r *Room) plan(ctx context.Context, c *access.Caller, id ident.Case, action string) (*PlanView, error) {
	var view PlanView
	var waits []*Approval
	look := r.recordsBeside(FormPlan)
	child, err := r.besides(ctx, c, id, action, func(p *access.Pass) (err error) {
		if waits, err = readLedger(ctx, p.Tx(), sqlSelectApprovals, (*Approval).scan, id); err != nil {
			return err
		}
		return look.fetch(ctx, p)
	}, func(p *access.Pass, o *keys.Opener, child *Child) error {
		for _, a := range waits {
			if err := a.check(o); err != nil {
				return err
			}
		}
		return look.open(p, child)
	})
	if err != nil {
		return nil, err
	}
	view.Child = *child
	if len(look.records) == 0 {
		return &view, nil
	}
	view.Plan = &look.records[0]
	view.read(waits)
	return &view, nil
}

// read takes goals and steps from the record, and from the events what became of them.
func (v *PlanView) read(waits []*Approval) {
	as := v.Plan.Answers
	seen := map[string]int{}
	for _, g := range as["goals"].Groups {
		goal := PlanGoal{Key: itemKey(seen, "goal", g["goal"].Text), What: g["goal"].Text, Area: g["area"].Code, By: g["goal_on"].Date, Stands: g["progress"].Code}
		goal.View = v.newest(KindPlanGoal, goal.Key)
		v.Goals = append(v.Goals, goal)
	}
	for _, s := range as["steps"].Groups {
		step := PlanStep{
			Key: itemKey(seen, "step", s["step"].Text), What: s["step"].Text, Who: s["step_by"].Text, By: s["step_on"].Date,
			Service: s["step_service"].Code, Stands: s["step_state"].Code,
		}
		step.Now = v.newest(KindPlanStep, step.Key)
		v.Steps = append(v.Steps, step)
	}
	v.Agreed = v.newest(KindPlanAgreed, "")
	for _, a := range slices.Backward(waits) {
		if a.About == [16]byte(v.Plan.Record) && a.State != ApprovalReplaced {
			a.tell(v.Events)
			v.Approval = a
			break
		}
	}
}

// newest finds the newest event of a kind about the plan, and about one part of it.
func (v *PlanView) newest(kind, key string) *Event {
	for i := range v.Events {
		if e := &v.Events[i]; e.Kind == kind && bytes.Equal(e.Record, v.Plan.Record[:]) && e.From == key {
			return e
		}
	}
	return nil
}

// itemKey names a goal or a step by its words: groups of a form have no names of their
// own. A step whose words change is another step. Keys are kept sealed.
func itemKey(seen map[string]int, what string, words sealed.Text) string {
	sum := sha256.Sum256([]byte(what + "\x00" + words.Reveal()))
	key := hex.EncodeToString(sum[:8])
	seen[key]++
	if n := seen[key]; n > 1 {
		key += "." + strconv.Itoa(n)
	}
	return key
}

// recordsLook reads the records of some forms beside a case.
type recordsLook struct {
	room    *forms.Room
	forms   []string
	whole   bool // also what the reader may not read: to decide by, never to show
	had     *forms.Fetched
	records []forms.Revision // newest first
}

func (r *Room) recordsBeside(forms ...string) *recordsLook {
	return &recordsLook{room: r.forms, forms: forms}
}

func (l *recordsLook) fetch(ctx context.Context, p *access.Pass) (err error) {
	if l.room == nil {
		return nil
	}
	l.had, err = l.room.FetchCase(ctx, p, time.Time{})
	return err
}

// open opens what was fetched of the forms, as far as the reader may read it.
func (l *recordsLook) open(p *access.Pass, child *Child) error {
	if l.had == nil {
		return nil
	}
	if err := checkRecords(child.Events, l.had.Last(), func(*Event) bool { return true }); err != nil {
		return err
	}
	open := l.had.Open
	if l.whole {
		open = l.had.Whole
	}
	all, err := open(p)
	if err != nil {
		return err
	}
	role := p.Caller().Role()
	l.records = slices.DeleteFunc(all, func(v forms.Revision) bool {
		return !slices.Contains(l.forms, v.Form.ID) || !l.whole && !v.Form.MayRead(role)
	})
	return nil
}
