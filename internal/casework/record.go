package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/person"
)

// The events of records. The sealed part of each names form, record and revision.
const (
	KindRecordSaved    = "record-saved"
	KindRecordFinished = "record-finished"
)

// Fill names the room that keeps forms and what is answered on them. It is called
// once, before the room is used.
func (r *Room) Fill(f *forms.Room) { r.forms = f }

// Forms returns the room that keeps forms; nil where there is none.
func (r *Room) Forms() *forms.Room { return r.forms }

// RecordInput is what a person saves of a form about a case: see [forms.Change].
type RecordInput struct {
	Form    string
	Version int // of a new record: the version on the page; 0: the one in force
	Record  ident.Record
	Base    int64
	Answers forms.Answers
	Take    []string
	Finish  bool
	Today   time.Time // the day where the people are; zero: the day in UTC
}

// recordTries is how often a record that others save at the same moment is merged
// anew.
const recordTries = 3

// errMoved says that a record was saved by somebody else since it was read.
var errMoved = errors.New("casework: the record has moved")

// SaveRecord saves a form about a case, or finishes it, and returns its record.
// What others saved since Base is kept; a [forms.Clash] says what the person has
// to choose.
func (r *Room) SaveRecord(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, in RecordInput) (ident.Record, error) {
	for try := 1; ; try++ {
		record, err := r.saveRecord(ctx, c, cmd, id, in)
		if !errors.Is(err, errMoved) {
			return record, err
		}
		if try == recordTries {
			return record, fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
}

func (r *Room) saveRecord(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, in RecordInput) (ident.Record, error) {
	ready, refused, err := r.prepareRecord(ctx, c, id, in)
	if err != nil {
		return ident.Record{}, err
	}
	a := access.Act{Action: "record.save", Purpose: PurposeCare, Case: id, Command: cmd}
	if in.Finish || ready != nil && ready.Finished {
		a.Action = "record.finish"
	}
	out, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		if refused != nil {
			return "", refused // unless the command was carried out before
		}
		var record ident.Record
		_, err := r.change(ctx, p, 0, func(row *Case) (*Event, error) {
			e, err := r.writeRecord(ctx, p, row, ready)
			if err == nil {
				record = ident.Record(e.Record)
			}
			return e, err
		})
		return record.String(), err
	})
	if err != nil {
		return ident.Record{}, err
	}
	return ident.Parse[ident.Record](out)
}

// prepareRecord reads what a record holds now, under an entry of its own, and
// merges a change with it. refused is what is wrong with the change; err is
// everything else.
func (r *Room) prepareRecord(ctx context.Context, c *access.Caller, id ident.Case, in RecordInput) (ready *forms.Ready, refused, err error) {
	var f fetchedRecord
	signed := &recordsLook{} // reads nothing
	if in.Form == FormBID {
		signed = r.recordsBeside(FormUndertaking)
		signed.whole = true
	}
	err = r.gate.Open(ctx, c, access.Act{Action: "case.open", Purpose: PurposeCare, Case: id}, func(p *access.Pass) (err error) {
		if f, err = r.fetchRecord(ctx, p, id, in.Record); err != nil {
			return err
		}
		return signed.fetch(ctx, p)
	}, func(p *access.Pass) error {
		child, err := f.open(ctx, p)
		if err != nil {
			return err
		}
		if err := signed.open(p, child); err != nil {
			return err
		}
		docs, err := f.documents(p)
		if err != nil {
			return err
		}
		if refused = checkDocuments(in.Answers, docs); refused != nil {
			return nil
		}
		ready, refused = r.forms.Prepare(f.revisions, p, forms.Change{
			Form: in.Form, Version: in.Version, Record: in.Record, Base: in.Base, Answers: in.Answers, Take: in.Take,
			Finish: in.Finish, Env: RecordEnv(r.dayOf(in.Today), &child.Person.Details),
		})
		if refused == nil && ready.Finished {
			refused = r.panelDecides(ready, signed.records)
		}
		return nil
	})
	return ready, refused, err
}

// checkDocuments refuses an answer that names a document of another case.
func checkDocuments(as forms.Answers, docs []document.Document) error {
	var c fault.Check
	as.Documents(func(at string, id ident.Document) {
		known := slices.ContainsFunc(docs, func(d document.Document) bool { return d.ID == id })
		c.Require(known, at, "not-in-list")
	})
	return c.Err()
}

// dayOf returns the day where the people are, which is never far from ours.
func (r *Room) dayOf(said time.Time) time.Time {
	now := r.clk.Now()
	if said.IsZero() || said.After(now.Add(aheadOfUTC)) || said.Before(now.Add(-36*time.Hour)) {
		return now
	}
	return said
}

// RecordEnv returns what a form about a child is worked out with.
func RecordEnv(today time.Time, d *person.Details) forms.Env {
	env := forms.Env{Today: today}
	env.Youngest, env.Oldest, env.AgeKnown = d.Birth.Years(today)
	return env
}

// writeRecord writes what was made ready and what follows from it.
func (r *Room) writeRecord(ctx context.Context, p *access.Pass, row *Case, ready *forms.Ready) (*Event, error) {
	rev, err := r.forms.Write(ctx, p, ready)
	if fault.Is(err, fault.Conflict) {
		return nil, errMoved
	}
	if err != nil {
		return nil, err
	}
	e := &Event{Kind: KindRecordSaved, Content: Content{
		Record: rev.Record[:], Form: rev.Form.ID, Revision: rev.Number, Urgent: ready.Urgent,
	}}
	if len(ready.Urgent) > 0 {
		if err := r.recordUrgent(ctx, p, row, ready.Urgent); err != nil {
			return nil, err
		}
	}
	if !rev.Finished {
		return e, nil
	}
	e.Kind = KindRecordFinished
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	if !ready.Again {
		if err := r.formDone(ctx, p, row, e); err != nil {
			return nil, err
		}
	}
	return e, r.recordFinished(ctx, p, s, row, rev.Form.ID, rev.Record, rev.Answers)
}

// checkRecords compares the revisions that are there with those that the case's
// events tell of: one that was taken away behind the program's back is missed.
func checkRecords(events []Event, last map[ident.Record]int64, about func(*Event) bool) error {
	told := map[ident.Record]int64{}
	for i := range events {
		if e := &events[i]; len(e.Record) > 0 && about(e) {
			id := ident.Record(e.Record)
			told[id] = max(told[id], e.Revision)
		}
	}
	if len(told) != len(last) {
		return errAltered()
	}
	for id, n := range told {
		if last[id] != n {
			return errAltered()
		}
	}
	return nil
}
