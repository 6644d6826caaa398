package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// CheckPage is a check as the page of its result shows it.
type CheckPage struct {
	Check    Check
	Said     Said
	Number   ident.CaseNumber
	Risk     string
	AgeBand  string
	Region   string
	Language string // of the child, "" not recorded
	Version  int64  // of the case row
	Lead     ident.Staff
	May      map[string]bool
	Urgent   []Urgent // what cannot wait, the nearest first
	Report   *Event   // nil: it is a check as any other ([KindReported])
	Entry    ident.Entry
}

// checkActions are the actions the page of a result may offer.
var checkActions = []string{"check.handover", "check.accept", "check.register", "check.seeto", "case.open"}

// CheckResult opens a check for whoever is responsible for it. The journal entry is
// committed before anything is opened.
func (r *Room) CheckResult(ctx context.Context, c *access.Caller, id ident.Case) (*CheckPage, error) {
	act := access.Act{Action: "check.result", Purpose: PurposeCare, Case: id}
	var f fetched
	var k *Check
	var page *CheckPage
	err := r.gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		if k, err = readCheck(ctx, p.Tx(), id); err != nil {
			return err
		}
		f, err = r.fetch(ctx, p, id)
		return err
	}, func(p *access.Pass) (err error) {
		page, err = f.result(ctx, p, k)
		return err
	})
	return page, err
}

// UrgentPage is what cannot wait in a case, for whoever says what was done.
type UrgentPage struct {
	Case    ident.Case
	Checked bool // the case began as a check
	Urgent  []Urgent
	May     map[string]bool
	Entry   ident.Entry
}

// UrgentIn opens a case, whether it began as a check or not, for whoever is
// responsible for what cannot wait in it.
func (r *Room) UrgentIn(ctx context.Context, c *access.Caller, id ident.Case) (*UrgentPage, error) {
	var f fetched
	var page *UrgentPage
	checked := false
	err := r.gate.Open(ctx, c, access.Act{Action: "check.result", Purpose: PurposeCare, Case: id}, func(p *access.Pass) (err error) {
		switch _, err = readCheck(ctx, p.Tx(), id); {
		case err == nil:
			checked = true
		case !fault.Is(err, fault.NotFound):
			return err
		}
		f, err = r.fetch(ctx, p, id)
		return err
	}, func(p *access.Pass) error {
		child, err := f.open(ctx, p)
		if err != nil {
			return err
		}
		page = &UrgentPage{Case: id, Checked: checked, Urgent: child.Urgent, Entry: p.Entry()}
		page.May, err = p.May(ctx, "check.seeto")
		return err
	})
	return page, err
}

// result opens what was fetched.
func (f *fetched) result(ctx context.Context, p *access.Pass, k *Check) (*CheckPage, error) {
	child, err := f.open(ctx, p)
	if err != nil {
		return nil, err
	}
	o, err := p.Opener(k.Case)
	if err != nil {
		return nil, err
	}
	row := child.Case
	page := &CheckPage{
		Check: *k, Number: row.Number, Risk: row.Risk, AgeBand: row.AgeBand, Region: row.Region,
		Version: row.Version, Lead: row.Worker, Urgent: child.Urgent, Entry: p.Entry(),
	}
	if i := slices.IndexFunc(child.Events, func(e Event) bool { return e.Kind == KindReported }); i >= 0 {
		page.Report = &child.Events[i]
	}
	if len(child.Person.Details.Languages) > 0 {
		page.Language = child.Person.Details.Languages[0]
	}
	if err := k.check(o); err != nil {
		return nil, err
	}
	if err := o.Open(checkTable, k.Case[:], 1, k.blob, &page.Said); err != nil {
		return nil, err
	}
	page.May, err = p.May(ctx, checkActions...)
	return page, err
}

// receiptsMost is how many receipts the page of them shows.
const receiptsMost = 50

// Receipts returns the checks that the caller made, newest first: whether somebody
// took over, and who, and nothing of the child.
func (r *Room) Receipts(ctx context.Context, c *access.Caller) ([]Check, error) {
	return r.receipts(ctx, c, sqlSelectReceipts, c.Staff(), receiptsMost)
}

// Receipt returns the receipt of one check that the caller made.
func (r *Room) Receipt(ctx context.Context, c *access.Caller, id ident.Case) (*Check, error) {
	all, err := r.receipts(ctx, c, sqlSelectReceipt, c.Staff(), id)
	if err != nil {
		return nil, err
	}
	if len(all) != 1 {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return &all[0], nil
}

func (r *Room) receipts(ctx context.Context, c *access.Caller, query string, args ...any) ([]Check, error) {
	out, _, err := r.listChecks(ctx, c, "check.receipt", func(p *access.Pass) ([]*Check, error) {
		return readChecks(ctx, p.Tx(), query, args...)
	}, nil)
	return out, err
}

// Waiting is a check on a duty list.
type Waiting struct {
	Check
	Said    Said
	Number  ident.CaseNumber
	Risk    string
	AgeBand string
	Region  string
	Late    bool
}

// dutyMost is how many checks a duty list shows.
const dutyMost = pageMost

// Duty returns what waits on the duty list of the caller's unit, urgent ones first:
// what was handed over to the unit, and what is late in the units below it. A
// supervisor who stands in for another sees that one's list too.
func (r *Room) Duty(ctx context.Context, c *access.Caller) ([]Waiting, ident.Entry, error) {
	var cases map[ident.Case]*Case
	var out []Waiting
	checks, entry, err := r.listChecks(ctx, c, "check.duty", func(p *access.Pass) ([]*Check, error) {
		found, err := readChecks(ctx, p.Tx(), sqlSelectDuty, c.Unit(), p.Now().UnixMicro(), dutyMost)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		rows, err := readRows(ctx, p.Tx(), checkIDs(found))
		cases = make(map[ident.Case]*Case, len(rows))
		for _, row := range rows {
			cases[row.ID] = row
		}
		return found, err
	}, func(p *access.Pass, k *Check) error {
		w := Waiting{Check: *k, Late: k.Late(r.clk.Now())}
		o, err := p.Opener(k.Case)
		if err != nil {
			return err
		}
		if err := o.Open(checkTable, k.Case[:], 1, k.blob, &w.Said); err != nil {
			return err
		}
		if row := cases[k.Case]; row != nil {
			if err := o.CheckMAC(row.mac, caseTable, row.ID[:], row.Version, row.columns()...); err != nil {
				return err
			}
			w.Number, w.Risk, w.AgeBand, w.Region = row.Number, row.Risk, row.AgeBand, row.Region
		}
		out = append(out, w)
		return nil
	})
	if err != nil {
		return nil, entry, fmt.Errorf("duty list of %d: %w", len(checks), err)
	}
	return out, entry, nil
}

// dutyWaits counts what the caller's duty list would show, and what of it cannot
// wait. It opens nothing and names nobody.
func (r *Room) dutyWaits(ctx context.Context, p *access.Pass) (n, urgent int, err error) {
	if !r.gate.May(p.Caller(), "check.duty") {
		return 0, 0, nil
	}
	found, err := readChecks(ctx, p.Tx(), sqlSelectDuty, p.Caller().Unit(), p.Now().UnixMicro(), dutyMost)
	if err != nil || len(found) == 0 {
		return 0, 0, err
	}
	seen, err := p.Visible(ctx, checkIDs(found))
	for i, ok := range seen {
		if ok {
			n++
			if found[i].Urgent {
				urgent++
			}
		}
	}
	return n, urgent, err
}

func checkIDs(checks []*Check) []ident.Case {
	out := make([]ident.Case, len(checks))
	for i, k := range checks {
		out[i] = k.Case
	}
	return out
}

// listChecks is the frame of the lists of checks: what pick finds and the caller
// may see, entered by name, with each row's digest checked. each may be nil.
func (r *Room) listChecks(ctx context.Context, c *access.Caller, action string, pick func(*access.Pass) ([]*Check, error),
	each func(*access.Pass, *Check) error,
) ([]Check, ident.Entry, error) {
	var found []*Check
	var out []Check
	var entry ident.Entry
	err := r.gate.List(ctx, c, access.Act{Action: action, Purpose: PurposeCare},
		func(p *access.Pass) ([]ident.Case, error) {
			all, err := pick(p)
			if err != nil {
				return nil, err
			}
			seen, err := p.Visible(ctx, checkIDs(all))
			if err != nil {
				return nil, err
			}
			found = found[:0]
			for i, k := range all {
				if seen[i] {
					found = append(found, k)
				}
			}
			return checkIDs(found), nil
		},
		func(p *access.Pass) error {
			entry, out = p.Entry(), nil
			for _, k := range found {
				o, err := p.Opener(k.Case)
				if err != nil {
					return err
				}
				if err := k.check(o); err != nil {
					return err
				}
				if each != nil {
					if err := each(p, k); err != nil {
						return err
					}
				}
				out = append(out, *k)
			}
			return nil
		})
	return out, entry, err
}

// NextStep says what a responder can expect of a check, as the code of a sentence.
func (k *Check) NextStep(now time.Time) string {
	switch {
	case !k.RegisteredAt.IsZero():
		return "registered"
	case !k.TakenAt.IsZero():
		return "taken"
	case k.Late(now):
		return "late"
	case k.Waits():
		return "waits"
	}
	return "yours"
}
