package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
)

// RecordList is what was filled in about a case, as far as its reader may read it.
type RecordList struct {
	Child
	Records []forms.Revision // the newest of each record, newest first
	Needs   []*Need          // of a whole case that is exported, oldest first
}

// Records returns the records of a case. With on it returns what was known then:
// the records as they were at that moment.
func (r *Room) Records(ctx context.Context, c *access.Caller, id ident.Case, on time.Time) (*RecordList, error) {
	return r.records(ctx, c, id, "case.open", on)
}

// Whole returns a case to be exported with all that can be written of it: its records
// and its needs. It is an entry of its own.
func (r *Room) Whole(ctx context.Context, c *access.Caller, id ident.Case) (*RecordList, error) {
	return r.records(ctx, c, id, wholeAction, time.Time{})
}

// wholeAction is the action of a whole case that is read to be exported.
const wholeAction = "case.export"

func (r *Room) records(ctx context.Context, c *access.Caller, id ident.Case, action string, on time.Time) (*RecordList, error) {
	var list RecordList
	var f fetched
	var had *forms.Fetched
	err := r.gate.Open(ctx, c, access.Act{Action: action, Purpose: PurposeCare, Case: id}, func(p *access.Pass) (err error) {
		if f, err = r.fetch(ctx, p, id); err != nil {
			return err
		}
		if action == wholeAction {
			if list.Needs, err = fetchNeeds(ctx, p, id); err != nil {
				return err
			}
		}
		had, err = r.forms.FetchCase(ctx, p, on)
		return err
	}, func(p *access.Pass) error {
		child, err := f.open(ctx, p)
		if err != nil {
			return err
		}
		list.Child = *child
		o, err := p.Opener(id)
		if err != nil {
			return err
		}
		if err := openNeeds(o, list.Needs, child.Events); err != nil {
			return err
		}
		then := func(e *Event) bool { return on.IsZero() || !e.At.After(on) }
		if err := checkRecords(child.Events, had.Last(), then); err != nil {
			return err
		}
		all, err := had.Open(p)
		if err != nil {
			return err
		}
		role := p.Caller().Role()
		list.Records = slices.DeleteFunc(all, func(v forms.Revision) bool { return !v.Form.MayRead(role) })
		return nil
	})
	return &list, err
}

// RecordPage is one record with all its revisions.
type RecordPage struct {
	Child
	Revisions []forms.Revision    // oldest first; none of a record that is only begun
	Documents []document.Document // of the case: what a question for a file offers
}

// Newest returns the newest revision.
func (p *RecordPage) Newest() *forms.Revision { return &p.Revisions[len(p.Revisions)-1] }

// OpenRecord returns one record of a case, with its revisions.
func (r *Room) OpenRecord(ctx context.Context, c *access.Caller, id ident.Case, record ident.Record) (*RecordPage, error) {
	return r.openRecord(ctx, c, id, record, "case.open")
}

// PrintRecord returns a record for paper: an entry of its own.
func (r *Room) PrintRecord(ctx context.Context, c *access.Caller, id ident.Case, record ident.Record) (*RecordPage, error) {
	return r.openRecord(ctx, c, id, record, "case.print")
}

func (r *Room) openRecord(ctx context.Context, c *access.Caller, id ident.Case, record ident.Record, action string) (*RecordPage, error) {
	page, err := r.recordPage(ctx, c, id, record, action)
	if err == nil && (len(page.Revisions) == 0 || !page.Newest().Form.MayRead(c.Role())) {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return page, err
}

// RecordToBegin returns what the page of a form that is not begun yet needs.
func (r *Room) RecordToBegin(ctx context.Context, c *access.Caller, id ident.Case) (*RecordPage, error) {
	return r.recordPage(ctx, c, id, ident.Record{}, "case.open")
}

func (r *Room) recordPage(ctx context.Context, c *access.Caller, id ident.Case, record ident.Record, action string) (*RecordPage, error) {
	var page RecordPage
	var f fetchedRecord
	err := r.gate.Open(ctx, c, access.Act{Action: action, Purpose: PurposeCare, Case: id}, func(p *access.Pass) (err error) {
		f, err = r.fetchRecord(ctx, p, id, record)
		return err
	}, func(p *access.Pass) error {
		child, err := f.open(ctx, p)
		if err != nil {
			return err
		}
		page = RecordPage{Child: *child}
		if page.Documents, err = f.documents(p); err != nil {
			return err
		}
		page.Revisions, err = f.revisions.Open(p)
		return err
	})
	return &page, err
}

// fetchedRecord is a case with one of its records and its documents, sealed.
type fetchedRecord struct {
	fetched
	record    ident.Record
	revisions *forms.Fetched
	docs      *document.Fetched // nil where the node keeps none
}

func (r *Room) fetchRecord(ctx context.Context, p *access.Pass, id ident.Case, record ident.Record) (f fetchedRecord, err error) {
	f.record = record
	if f.fetched, err = r.fetch(ctx, p, id); err != nil {
		return f, err
	}
	if f.revisions, err = r.forms.FetchRecord(ctx, p, record); err != nil || r.docs == nil {
		return f, err
	}
	f.docs, err = r.docs.FetchAll(ctx, p)
	return f, err
}

// open opens the case, and misses revisions that were taken away.
func (f *fetchedRecord) open(ctx context.Context, p *access.Pass) (*Child, error) {
	child, err := f.fetched.open(ctx, p)
	if err != nil {
		return nil, err
	}
	about := func(e *Event) bool { return ident.Record(e.Record) == f.record }
	return child, checkRecords(child.Events, f.revisions.Last(), about)
}

func (f *fetchedRecord) documents(p *access.Pass) ([]document.Document, error) {
	if f.docs == nil {
		return nil, nil
	}
	return f.docs.Open(p)
}
