package forms

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// Change is what a person saves of a record.
type Change struct {
	Form    string
	Version int          // of a new record: the version on the page; 0: the one in force
	Record  ident.Record // zero: a new record
	Base    int64        // revision on the page that the answers were changed from; 0: none
	// Answers holds every question that was on the page, those without an answer
	// too. A question that does not stand there is left as it is.
	Answers Answers
	// Take names the questions of which the person chose the newest answer over
	// their own, after a [Clash].
	Take   []string
	Finish bool
	Env    Env
}

// Clash says that somebody else changed the same questions meanwhile: whoever
// saves chooses. Nothing was stored.
type Clash struct {
	Fields []string // questions that both changed, in the order of the form
	Mine   Answers  // what is on the page, with what only the others changed
	Theirs Revision // the newest, as the reader may read it
}

// Error says what happened and nothing of what was answered.
func (c *Clash) Error() string { return "forms: the same questions were changed meanwhile" }

// Ready is a checked change, merged with the newest revision, that can be
// written.
type Ready struct {
	Revision          // what will be written; its answers are whole, whoever reads them
	Again    bool     // it was finished before, and is corrected
	Urgent   []string // actions that an answer asks for at once, and that it did not ask for before
}

// Prepare checks a change of a record and merges it with what others saved since
// its base: f holds the record's revisions. What a role may not write stays as it
// is. The fault for a [Clash] is a Conflict with the code "record-clash"; wrong
// places are named as [Form.Check] does.
func (r *Room) Prepare(f *Fetched, p *access.Pass, c Change) (*Ready, error) {
	all, err := f.open(p)
	if err != nil {
		return nil, err
	}
	role := p.Caller().Role()
	ready := &Ready{Revision: Revision{Record: c.Record, Number: 1, Answers: Answers{}}}
	var base, newest Answers
	if len(all) > 0 {
		last := all[len(all)-1]
		newest, ready.Form = last.Answers, last.Form
		ready.Record, ready.Number, ready.Finished = last.Record, last.Number+1, last.Finished
		ready.Again = last.Finished
		if c.Base < 0 || c.Base > last.Number || last.Form.ID != c.Form {
			return nil, fault.New(fault.Conflict, "changed-meanwhile")
		}
		if c.Base > 0 {
			base = all[c.Base-1].Answers
		}
	} else if ready.Form, err = r.begin(c); err != nil {
		return nil, err
	}
	ready.Form = ready.Form.hiding(p, false)
	if err := ready.Form.writes(c.Answers, role); err != nil {
		return nil, err
	}
	merged, clash := merge(ready.Form, base, newest, c)
	if len(clash) > 0 {
		theirs := all[len(all)-1]
		theirs.Form = theirs.Form.hiding(p, true)
		theirs.Answers = theirs.Form.readable(theirs.Answers, role)
		return nil, fault.Wrap(fault.Conflict, "record-clash", &Clash{clash, ready.Form.readable(merged, role), theirs})
	}
	return ready, ready.judge(merged, newest, c, role)
}

// PrepareNew checks a new record, of which there is nothing to read.
func (r *Room) PrepareNew(role string, c Change) (*Ready, error) {
	f, err := r.begin(c)
	if err != nil {
		return nil, err
	}
	if err := f.writes(c.Answers, role); err != nil {
		return nil, err
	}
	ready := &Ready{Revision: Revision{Form: f, Record: c.Record, Number: 1, Answers: Answers{}}}
	return ready, ready.judge(c.Answers.Clean(), nil, c, role)
}

// begin returns the form of a new record.
func (r *Room) begin(c Change) (*Form, error) {
	v, ok := r.lib.Version(c.Form, c.Version)
	switch {
	case !ok:
		return nil, fault.New(fault.NotFound, "no-such-page")
	case v.State != Published:
		return nil, fault.New(fault.Invalid, "form-retired")
	case c.Base != 0:
		return nil, fault.New(fault.Conflict, "changed-meanwhile")
	case v.Form.For != ForCase:
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return v.Form, nil
}

// writes refuses answers to questions that a role may not answer in the same way
// as questions that do not exist.
func (f *Form) writes(as Answers, role string) error {
	var c fault.Check
	for _, id := range sortedKeys(as) {
		if s := f.in[id]; s == nil || strings.Contains(id, ".") || !s.MayWrite(role) {
			c.Reject("form", "not-in-form")
			return c.Err()
		}
	}
	return nil
}

// MayWrite reports whether a role may write any part of the form.
func (f *Form) MayWrite(role string) bool {
	return slices.ContainsFunc(f.Sections, func(s Section) bool { return s.MayWrite(role) })
}

// MayRead reports whether a role may read any part of the form.
func (f *Form) MayRead(role string) bool {
	return slices.ContainsFunc(f.Sections, func(s Section) bool { return s.MayRead(role) })
}

// Rebase joins answers that were changed from base with the newest ones, as
// [Room.Prepare] does: for a page that has to show both.
func Rebase(f *Form, base, newest, mine Answers) (merged Answers, clash []string) {
	return merge(f, base, newest, Change{Answers: mine})
}

// merge joins a change with the newest answers. A question changed on one side
// only keeps that side's answer; clash names those changed on both.
func merge(f *Form, base, newest Answers, c Change) (merged Answers, clash []string) {
	merged = Answers{}
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			id := f.Sections[i].Fields[j].ID
			mine, onPage := c.Answers[id]
			was, theirs := base[id], newest[id]
			switch {
			case !onPage || slices.Contains(c.Take, id) || mine.Equal(was):
				merged[id] = theirs
			case theirs.Equal(was) || mine.Equal(theirs):
				merged[id] = mine
			default:
				merged[id] = mine
				clash = append(clash, id)
			}
		}
	}
	return merged.Clean(), clash
}

// judge checks the merged answers and makes them those of the revision. Once
// finished, a record stays finished: what corrects it must be whole as well.
func (w *Ready) judge(merged, newest Answers, c Change, role string) error {
	w.Finished = w.Finished || c.Finish
	check := w.Form.Check
	if w.Finished {
		check = w.Form.CheckFinish
	}
	if err := w.Form.told(check(merged, c.Env), role); err != nil {
		return err
	}
	look := w.Form.Look(merged, c.Env)
	w.Urgent = w.Form.newlyUrgent(w.Form.Look(newest, c.Env).Answers, look.Answers)
	w.Answers = merged
	if w.Finished {
		w.Answers = look.Finished()
	}
	return nil
}

// told leaves of a fault only the places that a role may write; for the others it
// says once that somebody else has to answer.
func (f *Form) told(err error, role string) error {
	var c fault.Check
	others := false
	for _, wrong := range fault.FieldsOf(err) {
		top, _, _ := strings.Cut(wrong.Name, ".")
		if s := f.in[top]; s == nil || s.MayWrite(role) {
			c.Reject(wrong.Name, wrong.Code)
		} else {
			others = true
		}
	}
	c.Require(!others, "form", "others-answer")
	return c.Err()
}

// Write stores a revision that was made ready. If the record was saved by
// somebody else since, it is a Conflict: prepare it again.
func (r *Room) Write(ctx context.Context, p *access.Pass, w *Ready) (Revision, error) {
	seal, err := p.Sealer(ctx)
	if err != nil {
		return Revision{}, err
	}
	rev := w.Revision
	if rev.Record.IsZero() {
		rev.Record = ident.New[ident.Record]()
	}
	var last int64
	err = p.Tx().QueryRow(ctx, sqlLastRevision, p.Case(), rev.Record).Scan(&last)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return rev, fmt.Errorf("read record: %w", err)
	}
	if last != rev.Number-1 {
		return rev, fault.New(fault.Conflict, "changed-meanwhile")
	}
	rev.At, rev.Author = clock.FromMicros(p.Tx().Micros()), p.Caller().Staff()
	s := stored{
		number: rev.Number, at: p.Tx().Micros(), version: int64(rev.Form.Version), record: rev.Record,
		id: ident.New[ident.Revision](), form: rev.Form.ID, state: stateOpen, author: rev.Author,
	}
	if rev.Finished {
		s.state = stateFinished
	}
	if s.blob, err = seal.Seal(revisionTable, s.id[:], 1, &content{rev.Answers}); err != nil {
		return rev, fmt.Errorf("seal record: %w", err)
	}
	s.mac = seal.MAC(revisionTable, s.id[:], 1, s.columns(p.Case())...)
	err = p.Tx().Put(ctx, sqlInsertRevision, s.number, s.at, s.version, s.record, s.id, s.form, s.state, s.author,
		s.blob, s.mac, p.Case())
	if err != nil {
		return rev, fmt.Errorf("write record: %w", err)
	}
	p.Wrote(revisionTable, s.id[:], 1, s.mac)
	return rev, nil
}
