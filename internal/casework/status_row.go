package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

type statusKind struct{}

// StatusID names one status.
type StatusID = ident.ID[statusKind]

const statusTable = "casework_status"

// Status is one fact of where a child stands with courts, authorities and the law.
// It is never changed: a correction is a new one.
type Status struct {
	ID     StatusID
	Seq    int64     // of its event
	At     time.Time // when it was written down
	From   time.Time // since when it holds
	Until  time.Time // zero: no end
	Appeal time.Time // until when it can be appealed; zero: not known, or never
	Kind   string    // code list status_kind
	State  string    // code list status_state
	Author ident.Staff
	StatusDetails

	blob, mac []byte
}

// StatusDetails are what a status rests on; they are sealed.
type StatusDetails struct {
	Body      sealed.Text `cbor:"1,keyasint,omitzero"` // court, authority or office
	Grounds   sealed.Text `cbor:"2,keyasint,omitzero"`
	Method    string      `cbor:"3,keyasint,omitempty"` // of an age assessment, code list age_method
	Doubt     string      `cbor:"4,keyasint,omitempty"` // whether doubt about the age remains: one of [Doubts]
	Reference sealed.Text `cbor:"5,keyasint,omitzero"`  // number of the paper, or where it lies
}

// columns returns the stored columns that the row's digest covers.
func (t *Status) columns(in ident.Case) []any {
	var author any
	if !t.Author.IsZero() {
		author = t.Author[:]
	}
	return []any{t.At.UnixMicro(), t.Seq, t.From.UnixMicro(), optTime(t.Until), optTime(t.Appeal), in[:], t.Kind, t.State, author, t.blob}
}

// note makes the event of a status and stores the status beside it, under the
// number the event will have. Whoever calls it writes the event.
func (t *Status) note(ctx context.Context, p *access.Pass, s *keys.Sealer, c *Case) (*Event, error) {
	t.ID, t.Seq, t.At, t.Author = ident.New[StatusID](), c.Events+1, p.Now(), p.Caller().Staff()
	var err error
	if t.blob, err = s.Seal(statusTable, t.ID[:], 1, &t.StatusDetails); err != nil {
		return nil, fmt.Errorf("seal status: %w", err)
	}
	t.mac = s.MAC(statusTable, t.ID[:], 1, t.columns(c.ID)...)
	if err := p.Tx().Put(ctx, sqlInsertStatus, c.ID, t.At.UnixMicro(), t.Seq, t.From.UnixMicro(), optTime(t.Until),
		optTime(t.Appeal), t.ID, t.Kind, t.State, t.Author, t.blob, t.mac); err != nil {
		return nil, fmt.Errorf("write status: %w", err)
	}
	p.Wrote(statusTable, t.ID[:], 1, t.mac)
	return &Event{Kind: KindStatus, Content: Content{From: t.Kind, To: t.State, Since: t.From.UnixMicro()}}, nil
}

// scan reads a row of statusColumns.
func (t *Status) scan(scan func(...any) error) error {
	var at, from int64
	var until, appeal *int64
	if err := scan(&at, &t.Seq, &from, &until, &appeal, &t.ID, &t.Kind, &t.State, &t.Author, &t.blob, &t.mac); err != nil {
		return err
	}
	t.At, t.From = clock.FromMicros(at), clock.FromMicros(from)
	t.Until, t.Appeal = fromMicros(until), fromMicros(appeal)
	return nil
}

// fromMicros reads a stored time, zero for NULL.
func fromMicros(at *int64) time.Time {
	if at == nil {
		return time.Time{}
	}
	return clock.FromMicros(*at)
}

func fetchStatuses(ctx context.Context, tx *store.Tx, in ident.Case) ([]Status, error) {
	var out []Status
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		var t Status
		if err := t.scan(scan); err != nil {
			return err
		}
		out = append(out, t)
		return nil
	}, sqlSelectStatuses, in)
	if err != nil {
		return nil, fmt.Errorf("read statuses: %w", err)
	}
	return out, nil
}

// eventSeq is the number and the kind of an event.
type eventSeq struct {
	seq  int64
	kind string
}

// checkStatuses compares statuses with their digests and with the events that go
// with them, newest first: one that was deleted in the database is missed.
func checkStatuses(k checker, in ident.Case, all []Status, events []eventSeq) error {
	var want []int64
	for _, e := range events {
		if e.kind == KindStatus || e.kind == KindStatusEnded {
			want = append(want, e.seq)
		}
	}
	got := make([]int64, len(all))
	for i := range all {
		t := &all[i]
		if err := k.CheckMAC(t.mac, statusTable, t.ID[:], 1, t.columns(in)...); err != nil {
			return err
		}
		got[i] = t.Seq
	}
	if !slices.Equal(got, want) {
		return errAltered()
	}
	return nil
}

// standing returns where the child of the pass's case stands at a time, for a
// command that a gate may refuse. The whole timeline is checked, so that no gate
// opens because a row was taken out of the database.
func (r *Room) standing(ctx context.Context, p *access.Pass, row *Case, at time.Time) (Standing, error) {
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := fetchEvents(ctx, p, row.ID)
	if err != nil {
		return nil, err
	}
	events, err := vouched(s, row, stored)
	if err != nil {
		return nil, err
	}
	all, err := fetchStatuses(ctx, p.Tx(), row.ID)
	if err != nil {
		return nil, err
	}
	if err := checkStatuses(s, row.ID, all, events); err != nil {
		return nil, err
	}
	return StandingAt(all, at), nil
}

// openStatuses checks and opens all statuses of a case.
func openStatuses(o *keys.Opener, c *Case, all []Status, events []Event) ([]Status, error) {
	if err := checkStatuses(o, c.ID, all, eventSeqs(events)); err != nil {
		return nil, err
	}
	for i := range all {
		t := &all[i]
		if err := o.Open(statusTable, t.ID[:], 1, t.blob, &t.StatusDetails); err != nil {
			return nil, err
		}
	}
	return all, nil
}
