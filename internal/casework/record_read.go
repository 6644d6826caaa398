package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
)

// RecordList is what was filled in about a case, as far as its reader may read it.
type RecordList struct {
	Child
	Records []forms.Revision // the newest of each record, newest first
}

// Records returns the records of a case. With on it returns what was known then:
// the records as they were at that moment.
func (r *Room) Records(ctx context.Context, c *access.Caller, id ident.Case, on time.Time) (*RecordList, error) {
	var list RecordList
	var f fetched
	var had *forms.Fetched
	err := r.gate.Open(ctx, c, access.Act{Action: "case.open", Purpose: PurposeCare, Case: id}, func(p *access.Pass) (err error) {
		if f, err = r.fetch(ctx, p, id); err != nil {
			return err
		}
		had, err = r.forms.FetchCase(ctx, p, on)
		return err
	}, func(p *access.Pass) error {
		child, err := f.open(ctx, p)
		if err != nil {
			return err
		}
		list.Child = *child
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
	Revisions []forms.Revision // oldest first; at least one
}

// OpenRecord returns one record of a case, with its revisions.
func (r *Room) OpenRecord(ctx context.Context, c *access.Caller, id ident.Case, record ident.Record) (*RecordPage, error) {
	var page RecordPage
	var f fetched
	var had *forms.Fetched
	err := r.gate.Open(ctx, c, access.Act{Action: "case.open", Purpose: PurposeCare, Case: id}, func(p *access.Pass) (err error) {
		if f, err = r.fetch(ctx, p, id); err != nil {
			return err
		}
		had, err = r.forms.FetchRecord(ctx, p, record)
		return err
	}, func(p *access.Pass) error {
		child, err := f.open(ctx, p)
		if err != nil {
			return err
		}
		page.Child = *child
		if err := checkRecords(child.Events, had.Last(), func(e *Event) bool { return ident.Record(e.Record) == record }); err != nil {
			return err
		}
		page.Revisions, err = had.Open(p)
		return err
	})
	if err == nil && (len(page.Revisions) == 0 || !page.Revisions[0].Form.MayRead(c.Role())) {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return &page, err
}
