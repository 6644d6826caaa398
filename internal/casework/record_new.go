package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/person"
)

// BeginRecord saves a new record without reading anything first, as what runs in
// a group must (an import, many children at once). d is the child as far as the
// form works with it.
func (r *Room) BeginRecord(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, in RecordInput, d *person.Details) (ident.Record, error) {
	change := forms.Change{
		Form: in.Form, Version: in.Version, Answers: in.Answers, Finish: in.Finish, Env: RecordEnv(r.dayOf(in.Today), d),
	}
	action := "record.save"
	if in.Finish {
		action = "record.finish"
	}
	out, err := r.gate.Do(ctx, c, access.Act{Action: action, Purpose: PurposeCare, Case: id, Command: cmd}, func(p *access.Pass) (string, error) {
		ready, err := r.forms.PrepareNew(p.Caller().Role(), change)
		if err != nil {
			return "", err
		}
		if in.Finish { // what was signed is sealed and stays unread: what was ticked decides
			if err := r.panelDecides(ready, nil); err != nil {
				return "", err
			}
		}
		var record ident.Record
		_, err = r.change(ctx, p, 0, func(row *Case) (*Event, error) {
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
