package casework

import (
	"context"
	"errors"
	"time"

	"causeway/internal/access"
	"causeway/internal/deadline"
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
	Flags  []Item  // open ones first
	Tasks  []Item  // open ones first, earliest due first
	// Urgent is what a check found that could not wait, the nearest first.
	Urgent []Urgent
	// Strands are what goes on in the case and what has ended, oldest first.
	Strands []Strand
	People  []access.Reached
	May     map[string]bool // actions of this room the reader could do
	// MayReopenInEmergency: the reader could reopen the case by stating an
	// emergency ([Decision.Emergency]), and not without.
	MayReopenInEmergency bool
	// Unconfirmed is since when a reopening in an emergency waits for a
	// supervisor ([Room.Confirm]), and ConfirmBy until when; zero for none.
	Unconfirmed, ConfirmBy time.Time
	Life
	Entry ident.Entry

	permits  []string // purposes: see [Child.DataUse]
	withheld []string // parts of the record, from the reader: see [Child.Withholds]
}

// caseActions are the actions a case page may offer.
var caseActions = []string{
	"case.note", "case.contact", "case.risk", "case.stage", "case.assign", "case.withhold", "case.lift", "case.liftagree",
	"case.people", "case.group", "case.care", "case.tracing",
	"record.save", "record.finish",
	"consent.view", "consent.withheld", "consent.disclose",
	"case.same",
	"case.need", "case.open", "case.approve", "case.plan",
	"case.close", "case.reopen", "case.confirm", "case.update", "case.print", "case.wholooked", "case.flag", "case.task", "case.confer",
	"case.export", "case.exportplain", "circle.sent",
	"check.seeto",
	"referral.sent", "referral.offer", "referral.send", "referral.protect", "match.asked",
	"case.status", "case.authorise", "case.happened", "case.review", "case.missing",
	"document.add", "document.open",
}

// Open reads a case. The journal entry is committed before anything is opened.
func (r *Room) Open(ctx context.Context, c *access.Caller, id ident.Case) (*Child, error) {
	return r.open(ctx, c, id, "case.open")
}

// Print reads a case for paper: an entry of its own.
func (r *Room) Print(ctx context.Context, c *access.Caller, id ident.Case) (*Child, error) {
	return r.open(ctx, c, id, "case.print")
}

func (r *Room) open(ctx context.Context, c *access.Caller, id ident.Case, action string) (*Child, error) {
	act := access.Act{Action: action, Purpose: PurposeCare, Case: id}
	var f fetched
	var child *Child
	err := r.gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		f, err = r.fetch(ctx, p, id)
		return err
	}, func(p *access.Pass) (err error) {
		child, err = f.open(ctx, p)
		return err
	})
	if err == nil {
		r.stand(child)
	}
	if err == nil && !child.Unconfirmed.IsZero() {
		child.ConfirmBy = r.confirmBy(child.Unconfirmed)
	}
	return child, err
}

// fetched is all that is stored of a case, sealed.
type fetched struct {
	room    *Room
	row     *Case
	chain   int64 // entries of the journal that changed the case
	person  *person.Fetched
	events  []storedEvent
	flags   []Item
	tasks   []Item
	strands []Strand // vouched for like the row, and by the events about them
	people  []access.Reached
	dues    []deadline.Deadline
	pairs   map[ident.Case]bool // the other cases of pairs that the reader may open
	at      time.Time           // when they were read
	life    Life
}

func (r *Room) fetch(ctx context.Context, p *access.Pass, id ident.Case) (f fetched, err error) {
	f.room, f.at = r, p.Now()
	if f.row, err = readCase(ctx, p.Tx(), id); err != nil {
		return f, err
	}
	if f.chain, err = p.ChainLength(ctx, id); err != nil {
		return f, err
	}
	// A row that names nobody was altered: open says so.
	if f.person, err = r.persons.Fetch(ctx, p, f.row.Person); err != nil && !fault.Is(err, fault.NotFound) {
		return f, err
	}
	if f.events, err = fetchEvents(ctx, p, id); err != nil {
		return f, err
	}
	if f.life, err = fetchLife(ctx, p.Tx(), id); err != nil {
		return f, err
	}
	if f.strands, err = readStrands(ctx, p.Tx(), sqlSelectStrands, id); err != nil {
		return f, err
	}
	if f.flags, err = fetchItems(ctx, p, flagTable); err != nil {
		return f, err
	}
	if f.tasks, err = fetchItems(ctx, p, taskTable); err != nil {
		return f, err
	}
	if f.dues, err = deadline.Of(ctx, p); err != nil {
		return f, err
	}
	if f.pairs, err = seenPairs(ctx, p); err != nil {
		return f, err
	}
	f.people, err = p.Reached(ctx)
	return f, err
}

// open opens what was fetched, and refuses what somebody changed in the database.
func (f *fetched) open(ctx context.Context, p *access.Pass) (*Child, error) {
	row := f.row
	o, err := p.Opener(row.ID)
	if err != nil {
		return nil, err
	}
	if err := o.CheckMAC(row.mac, caseTable, row.ID[:], row.Version, row.columns()...); err != nil {
		return nil, err
	}
	if f.person == nil {
		return nil, errAltered()
	}
	who, err := f.person.Open(p, row.ID)
	if err != nil {
		return nil, err
	}
	if f.chain != row.Version || who.Version != row.PersonVersion {
		return nil, errAltered()
	}
	events, err := f.room.openEvents(o, row, f.events, p)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(checkStrands(o, f.strands, events), openItems(o, f.flags), openItems(o, f.tasks), p.CheckReached(f.people)); err != nil {
		return nil, err
	}
	urgent, err := f.urgent(o)
	if err != nil {
		return nil, err
	}
	child := &Child{Case: *row, Urgent: urgent, Person: *who, Events: events, Strands: f.strands, Flags: f.flags, Tasks: f.tasks, People: f.people, Entry: p.Entry(), Life: f.life}
	if err := child.Life.open(o, row, events); err != nil {
		return nil, err
	}
	if child.Unconfirmed, err = unconfirmed(ctx, p, events); err != nil {
		return nil, err
	}
	if child.May, err = p.May(ctx, caseActions...); err != nil {
		return nil, err
	}
	child.permits = p.PermitsNow()
	child.leaveOut(p)
	child.leavePairsOut(f.pairs)
	if !row.Closed() {
		return child, nil
	}
	child.MayReopenInEmergency, err = p.MayInEmergency(ctx, "case.reopen")
	return child, err
}

// LookedPage is one page of who looked at a case.
type LookedPage struct {
	Case  Case
	Lines []journal.Line
	Entry ident.Entry
	Next  int64 // where the next page begins; 0: this is the last page
}

// lookedLines is how many lines a page of "who looked" has.
const lookedLines = 50

// WhoLooked returns who opened, changed or was refused a case, newest first. The
// look at this page is an entry too. Nothing sealed is read.
func (r *Room) WhoLooked(ctx context.Context, c *access.Caller, id ident.Case, before int64) (*LookedPage, error) {
	var page LookedPage
	purpose := PurposeCare
	if c != nil && c.Oversees() {
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
		page = LookedPage{Case: *row, Entry: p.Entry()}
		page.Lines, page.Next, err = p.Looked(ctx, before, lookedLines)
		return err
	})
	return &page, err
}
