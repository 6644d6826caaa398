package casework

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/facts"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// factNeed is the kind of fact that a need leaves.
const factNeed = "need"

// Need is something a child needs and what became of it.
type Need struct {
	ID        ident.Need
	Service   string // code list service
	State     string
	Outcome   string // code list need_outcome, once it has ended
	Unmet     string // code list unmet_reason, while it is unmet
	Asked     time.Time
	Requested time.Time   // zero: not yet
	Due       time.Time   // by when it is to be there; zero: not requested
	Delivered time.Time   // zero: not yet
	Ended     time.Time   // zero: open
	Staff     ident.Staff // who gives it; none: Provider, or nobody yet

	// What was written lies in the events about the need, the newest of each here.
	Provider sealed.Text // who gives it, where that is somebody outside
	Words    sealed.Text // what the child says of it
	Note     sealed.Text

	stamp
}

// Open reports whether something is still to be done about the need.
func (n *Need) Open() bool { return n.State != NeedEnded }

func (n *Need) columns() []any {
	return []any{
		n.Asked.UnixMicro(), optTime(n.Requested), optTime(n.Due), optTime(n.Delivered), optTime(n.Ended),
		n.Service, n.State, optCode(n.Outcome), optCode(n.Unmet), optStaff(n.Staff),
	}
}

func (n *Need) scan(scan func(...any) error) error {
	var asked int64
	var requested, due, delivered, ended *int64
	var outcome, unmet *string
	err := scan(&n.Case, &n.ID, &n.Version, &n.MAC, &asked, &requested, &due, &delivered, &ended, &n.Service, &n.State,
		&outcome, &unmet, &n.Staff)
	if err != nil {
		return err
	}
	n.Asked = clock.FromMicros(asked)
	n.Requested, n.Due, n.Delivered, n.Ended = fromOpt(requested), fromOpt(due), fromOpt(delivered), fromOpt(ended)
	n.Outcome, n.Unmet = fromCode(outcome), fromCode(unmet)
	return nil
}

// fromOpt reads what optTime stored.
func fromOpt(at *int64) time.Time {
	if at == nil {
		return time.Time{}
	}
	return clock.FromMicros(*at)
}

// fromCode reads what optCode stored.
func fromCode(code *string) string {
	if code == nil {
		return ""
	}
	return *code
}

// oneNeed reads a need of the pass's case for a command.
func oneNeed(ctx context.Context, p *access.Pass, id ident.Need) (*Need, error) {
	var n Need
	err := n.scan(p.Tx().QueryRow(ctx, sqlSelectNeed, p.Case(), id).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	if err := needs.Check(s, n.ID[:], &n.stamp, n.columns()); err != nil {
		return nil, err
	}
	return &n, nil
}

// writeNeed stores the next version of a need and the fact that follows from it.
func (r *Room) writeNeed(ctx context.Context, p *access.Pass, row *Case, n *Need) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	if err := needs.Write(ctx, p, s, n.ID[:], &n.stamp, n.columns()); err != nil {
		return err
	}
	return facts.Put(ctx, p.Tx(), s, facts.Fact{
		Kind: factNeed, Record: n.ID[:], Month: n.Asked, Area: row.Region, Codes: map[string]string{
			"service": n.Service, "state": n.State, "outcome": n.Outcome, "unmet": n.Unmet, "sex": row.Sex, "age": row.AgeBand,
			"waited": n.waited(),
		},
	})
}

// waited is how many days a child waited for what it received, "" while it waits.
func (n *Need) waited() string {
	if n.Delivered.IsZero() {
		return ""
	}
	return strconv.Itoa(int(n.Delivered.Sub(n.Asked).Hours() / 24))
}

// tell fills in what the events about a need say, newest first.
func (n *Need) tell(events []Event) {
	for i := range events {
		e := &events[i]
		if !bytes.Equal(e.Of, n.ID[:]) {
			continue
		}
		if n.Words.IsZero() {
			n.Words = e.Words
		}
		if n.Note.IsZero() {
			n.Note = e.Text
		}
		if n.Staff.IsZero() && n.Provider.IsZero() { // of a request, or of what came from elsewhere
			n.Provider = e.Whom
		}
	}
}

// NeedList is what a child needs and received.
type NeedList struct {
	Case   Case
	Person person.Record
	Needs  []*Need // oldest first
	May    map[string]bool
	Entry  ident.Entry
}

// fetchNeeds reads the needs of a case as they are stored, oldest first.
func fetchNeeds(ctx context.Context, p *access.Pass, id ident.Case) ([]*Need, error) {
	return readLedger(ctx, p.Tx(), sqlSelectNeeds, (*Need).scan, id)
}

// openNeeds checks needs of a case, and adds what its events say of them.
func openNeeds(o *keys.Opener, list []*Need, events []Event) error {
	for _, n := range list {
		if err := needs.Check(o, n.ID[:], &n.stamp, n.columns()); err != nil {
			return err
		}
		n.tell(events)
	}
	return nil
}

// Needs returns what a child needs and received.
func (r *Room) Needs(ctx context.Context, c *access.Caller, id ident.Case) (*NeedList, error) {
	var list NeedList
	child, err := r.besides(ctx, c, id, "case.open", func(p *access.Pass) (err error) {
		list.Needs, err = fetchNeeds(ctx, p, id)
		return err
	}, func(_ *access.Pass, o *keys.Opener, child *Child) error {
		return openNeeds(o, list.Needs, child.Events)
	})
	if err != nil {
		return nil, err
	}
	list.Case, list.Person, list.May, list.Entry = child.Case, child.Person, child.May, child.Entry
	return &list, nil
}

// beside opens a case and what lies beside it in one look: fetch reads it sealed, open
// opens it once the look is in the journal.
func (r *Room) beside(ctx context.Context, c *access.Caller, id ident.Case, fetch func(*access.Pass) error,
	open func(*access.Pass, *keys.Opener) error,
) (*Child, error) {
	return r.besides(ctx, c, id, "case.open", fetch, func(p *access.Pass, o *keys.Opener, _ *Child) error { return open(p, o) })
}

// besides is [Room.beside] for an action of its own, and for what the case itself must
// vouch for.
func (r *Room) besides(ctx context.Context, c *access.Caller, id ident.Case, action string, fetch func(*access.Pass) error,
	open func(*access.Pass, *keys.Opener, *Child) error,
) (*Child, error) {
	var f fetched
	var child *Child
	act := access.Act{Action: action, Purpose: PurposeCare, Case: id}
	if action == "rights.copy" {
		act.Purpose = PurposeChild
	}
	err := r.gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		if f, err = r.fetch(ctx, p, id); err != nil {
			return err
		}
		return fetch(p)
	}, func(p *access.Pass) (err error) {
		if child, err = f.open(ctx, p); err != nil {
			return err
		}
		o, err := p.Opener(id)
		if err != nil {
			return err
		}
		return open(p, o, child)
	})
	return child, err
}
