package casework

import (
	"bytes"
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/person"
)

// approvalAsker returns who asked for an approval: the floor has to know before it
// lets somebody decide. It is a look at the case, in the journal as every other. The
// command compares it again.
func (r *Room) approvalAsker(ctx context.Context, c *access.Caller, id ident.Case, approval ident.Approval) (who ident.Staff, err error) {
	err = r.gate.View(ctx, c, access.Act{Action: "case.open", Purpose: PurposeCare, Case: id}, func(p *access.Pass) error {
		return p.Tx().QueryRow(ctx, sqlApprovalAsker, id, approval).Scan(&who)
	})
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return who, err
}

// ApprovalList is what waits, or waited, for a second person in a case.
type ApprovalList struct {
	Case      Case
	Person    person.Record
	Approvals []*Approval // newest first, without those that were replaced
	replaced  []*Approval
	May       map[string]bool
	Entry     ident.Entry
}

// Approvals returns what was approved, returned or waits in a case.
func (r *Room) Approvals(ctx context.Context, c *access.Caller, id ident.Case) (*ApprovalList, error) {
	var list ApprovalList
	child, err := r.beside(ctx, c, id, func(p *access.Pass) (err error) {
		list.Approvals, err = readLedger(ctx, p.Tx(), sqlSelectApprovals, (*Approval).scan, id)
		return err
	}, func(p *access.Pass, o *keys.Opener) (err error) {
		for _, a := range list.Approvals {
			if err := a.check(o); err != nil {
				return err
			}
		}
		list.May, err = p.May(ctx, "case.approve")
		return err
	})
	if err != nil {
		return nil, err
	}
	all := list.Approvals
	list.Approvals = nil
	slices.Reverse(all)
	for _, a := range all {
		a.tell(child.Events)
		if a.State == ApprovalReplaced {
			list.replaced = append(list.replaced, a)
		} else {
			list.Approvals = append(list.Approvals, a)
		}
	}
	list.Case, list.Person, list.Entry = child.Case, child.Person, child.Entry
	return &list, nil
}

// Before returns what was said of the same thing earlier, newest first.
func (l *ApprovalList) Before(a *Approval) (out []*Approval) {
	for _, b := range l.replaced {
		if b.About == a.About && !b.Decided.IsZero() {
			out = append(out, b)
		}
	}
	return out
}

// tell fills in what the events say, newest first.
func (a *Approval) tell(events []Event) {
	for i := range events {
		if e := &events[i]; bytes.Equal(e.Of, a.ID[:]) && (e.Kind == KindApproved || e.Kind == KindApprovalReturned) {
			a.Comment = e.Text
			return
		}
	}
}

// Awaited is an approval on somebody's page of the day.
type Awaited struct {
	Row
	Approval *Approval
}

// waits are the approvals that a list will show.
type waits struct {
	rows []*Case
	mine []*Approval // what the reader asked for: it waits for others, or came back
	ours []*Approval // what waits for the reader
}

// waitsMost is how many approvals of either sort a page of the day shows.
const waitsMost = 25

// pickWaits chooses the approvals that a list may show.
func pickWaits(ctx context.Context, p *access.Pass) (out waits, err error) {
	c := p.Caller()
	out.mine, err = readLedger(ctx, p.Tx(), sqlMyApprovals, (*Approval).scan, c.Staff(), waitsMost)
	if err != nil {
		return out, err
	}
	if c.Role() == access.RoleSupervisor {
		args := append(c.Holders(), p.Now().UnixMicro(), waitsMost)
		if out.ours, err = readLedger(ctx, p.Tx(), sqlApprovalsWaiting, (*Approval).scan, args...); err != nil {
			return out, err
		}
		out.ours = slices.DeleteFunc(out.ours, func(a *Approval) bool { return a.Asker == c.Staff() })
	}
	var ids []ident.Case
	for _, a := range slices.Concat(out.mine, out.ours) {
		if !slices.Contains(ids, a.Case) {
			ids = append(ids, a.Case)
		}
	}
	if ids, err = visible(ctx, p, ids, pageMost); err != nil {
		return out, err
	}
	hidden := func(a *Approval) bool { return !slices.Contains(ids, a.Case) }
	out.mine, out.ours = slices.DeleteFunc(out.mine, hidden), slices.DeleteFunc(out.ours, hidden)
	out.rows, err = readRows(ctx, p.Tx(), ids)
	return out, err
}

// showWaits opens the persons of what was picked.
func (r *Room) showWaits(ctx context.Context, p *access.Pass, picked waits) (mine, ours []Awaited, err error) {
	if len(picked.rows) == 0 {
		return nil, nil, nil
	}
	rows, err := r.show(ctx, p, picked.rows)
	if err != nil {
		return nil, nil, err
	}
	of := func(list []*Approval) (out []Awaited, err error) {
		for _, a := range list {
			i := slices.IndexFunc(rows, func(row Row) bool { return row.Case.ID == a.Case })
			if i < 0 {
				continue
			}
			o, err := p.Opener(a.Case)
			if err != nil {
				return nil, err
			}
			if err := a.check(o); err != nil {
				return nil, err
			}
			out = append(out, Awaited{rows[i], a})
		}
		return out, nil
	}
	if mine, err = of(picked.mine); err != nil {
		return nil, nil, err
	}
	ours, err = of(picked.ours)
	return mine, ours, err
}
