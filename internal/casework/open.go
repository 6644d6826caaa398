package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/person"
)

// Child is a case as its page shows it.
type Child struct {
	Case   Case
	Person person.Record
	Events []Event // newest first
	People []access.Reached
	May    map[string]bool // actions of this room the reader could do
	Entry  ident.Entry
}

// caseActions are the actions a case page may offer.
var caseActions = []string{"case.note", "case.contact", "case.risk", "case.stage", "case.assign", "case.withhold",
	"case.close", "case.reopen", "case.update", "case.print", "case.wholooked"}

// Open reads a case. The journal entry is committed before anything is opened.
func (r *Room) Open(ctx context.Context, c *access.Caller, id ident.Case) (*Child, error) {
	return r.open(ctx, c, id, "case.open")
}

// Print reads a case for paper: an entry of its own.
func (r *Room) Print(ctx context.Context, c *access.Caller, id ident.Case) (*Child, error) {
	return r.open(ctx, c, id, "case.print")
}

func (r *Room) open(ctx context.Context, c *access.Caller, id ident.Case, action string) (*Child, error) {
	var child *Child
	err := r.gate.View(ctx, c, access.Act{Action: action, Purpose: PurposeCare, Case: id}, func(p *access.Pass) error {
		row, err := readCase(ctx, p.Tx(), id)
		if err != nil {
			return err
		}
		o, err := p.Opener(id)
		if err != nil {
			return err
		}
		if err := o.CheckMAC(row.mac, caseTable, row.ID[:], row.Version, row.columns()...); err != nil {
			return err
		}
		if n, err := p.ChainLength(ctx, id); err != nil || n != row.Version {
			return orAltered(err)
		}
		who, err := r.persons.Read(ctx, p, id, row.Person)
		if err != nil {
			return err
		}
		if who.Version != row.PersonVersion {
			return errAltered()
		}
		events, err := readEvents(ctx, p, o, row)
		if err != nil {
			return err
		}
		people, err := p.Reached(ctx)
		if err != nil {
			return err
		}
		may, err := p.May(ctx, caseActions...)
		if err != nil {
			return err
		}
		child = &Child{Case: *row, Person: *who, Events: events, People: people, May: may, Entry: p.Entry()}
		return err
	})
	return child, err
}

// orAltered returns err, or that the record was altered.
func orAltered(err error) error {
	if err != nil {
		return err
	}
	return errAltered()
}

// LookedPage is one page of who looked at a case.
type LookedPage struct {
	Case  Case
	Lines []journal.Line
	Entry ident.Entry
	Next  int64 // 0: this is the last page
}

// lookedLines is how many lines a page of "who looked" has.
const lookedLines = 50

// WhoLooked returns who opened, changed or was refused a case, newest first. The
// look at this page is an entry too. Nothing sealed is read.
func (r *Room) WhoLooked(ctx context.Context, c *access.Caller, id ident.Case, before int64) (*LookedPage, error) {
	var page LookedPage
	purpose := PurposeCare
	if c != nil && c.Role() == access.RoleAuditor {
		purpose = "audit"
	}
	err := r.gate.View(ctx, c, access.Act{Action: "case.wholooked", Purpose: purpose, Case: id}, func(p *access.Pass) error {
		row, err := readCase(ctx, p.Tx(), id)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "no-such-page")
		}
		if err != nil {
			return err
		}
		lines, err := p.Looked(ctx, before, lookedLines)
		page = LookedPage{Case: *row, Lines: lines, Entry: p.Entry()}
		if len(lines) == lookedLines {
			page.Next = max(lines[len(lines)-1].Index, 0)
		}
		return err
	})
	return &page, err
}
