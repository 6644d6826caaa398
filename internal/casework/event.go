package casework

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
)

// The kinds of events, the words of the timeline.
const (
	KindRegistered = "registered"
	KindNote       = "note"
	KindRisk       = "risk"
	KindStage      = "stage"
	KindContact    = "contact"
	KindAssigned   = "assigned"
	KindWithheld   = "withheld"
	KindPerson     = "person"
	KindClosed     = "closed"
	KindReopened   = "reopened"
	KindConfirmed  = "confirmed"
)

const eventTable = "casework_event"

// Event is one thing that happened in a case. Events are never changed: a
// correction is a new one.
type Event struct {
	Seq    int64 // 1 is the registration
	ID     ident.Event
	At     time.Time
	Kind   string
	Author ident.Staff
	Content
}

// Content is the sealed part of an event. What a child said, what was asked,
// what the worker saw and what the worker thinks are four fields and stay four.
type Content struct {
	Question sealed.Text `cbor:"1,keyasint,omitzero"`
	Words    sealed.Text `cbor:"2,keyasint,omitzero"`
	Seen     sealed.Text `cbor:"3,keyasint,omitzero"`
	Thought  sealed.Text `cbor:"4,keyasint,omitzero"`
	Text     sealed.Text `cbor:"5,keyasint,omitzero"` // reason or explanation of a decision
	NoteKind string      `cbor:"6,keyasint,omitempty"`
	From     string      `cbor:"7,keyasint,omitempty"` // code before
	To       string      `cbor:"8,keyasint,omitempty"` // code after
	Reasons  []string    `cbor:"9,keyasint,omitempty"`
	Language string      `cbor:"10,keyasint,omitempty"` // of the child's words
	Who      []byte      `cbor:"11,keyasint,omitempty"` // staff or unit the event is about
	Due      int64       `cbor:"12,keyasint,omitempty"` // UTC microseconds of the next contact
	Place    sealed.Text `cbor:"13,keyasint,omitzero"`
	// Emergency: permitted only because the author stated an emergency.
	Emergency bool `cbor:"14,keyasint,omitempty"`
	// Of notes; older ones have neither.
	On         sealed.Date `cbor:"15,keyasint,omitzero"`  // day of the contact
	Alone      string      `cbor:"16,keyasint,omitempty"` // whether the child was seen alone
	Of         []byte      `cbor:"55,keyasint,omitempty"` // the flag, task, conference or event this one is about
	Conference *Conference `cbor:"57,keyasint,omitempty"`
	State      *State      `cbor:"56,keyasint,omitempty"` // the case as it stood after this event
	// Of a need or a plan.
	Service string      `cbor:"46,keyasint,omitempty"` // code list service
	Whom    sealed.Text `cbor:"47,keyasint,omitzero"`  // who gives it
	// Of a record: which form, which revision, and what its answers ask for at once.
	Record   []byte   `cbor:"66,keyasint,omitempty"`
	Form     string   `cbor:"67,keyasint,omitempty"`
	Revision int64    `cbor:"68,keyasint,omitempty"`
	Urgent   []string `cbor:"69,keyasint,omitempty"`
	// Of a deadline: the steps it took.
	Taken []StepTaken `cbor:"30,keyasint,omitempty"`
	// Of strands: which one the event is about, and which one ended with it.
	Strand  []byte       `cbor:"35,keyasint,omitempty"`
	Ended   []byte       `cbor:"36,keyasint,omitempty"`
	Other   *Other       `cbor:"37,keyasint,omitempty"` // of a person: what is known from now on
	Care    *Care        `cbor:"38,keyasint,omitempty"` // of where the child lives
	Tracing *TracingStep `cbor:"39,keyasint,omitempty"` // of a search for the family
	// Of a group intake: how the child arrived, and what is arranged for now.
	Arrival *Arrival `cbor:"40,keyasint,omitempty"`
	// Of talks and visits; older notes have none.
	Interpreter     string      `cbor:"41,keyasint,omitempty"` // code list interpreter
	InterpreterName sealed.Text `cbor:"42,keyasint,omitzero"`
	Present         []string    `cbor:"43,keyasint,omitempty"` // code list present: who else was there
	Together        int64       `cbor:"44,keyasint,omitempty"` // with how many other children it was written at once
	// Of the life of a case: what the event is about, and what was said of it.
	About     []byte      `cbor:"20,keyasint,omitempty"` // an act, or a time the child was missing
	Since     int64       `cbor:"21,keyasint,omitempty"` // UTC microseconds of when it happened, or holds from
	Told      sealed.Text `cbor:"22,keyasint,omitzero"`  // who was told of a missing child
	Reference sealed.Text `cbor:"23,keyasint,omitzero"`  // the number they gave
	Ends      sealed.Text `cbor:"24,keyasint,omitzero"`  // what closing ends
	Continues sealed.Text `cbor:"25,keyasint,omitzero"`  // and what goes on
	Declined  string      `cbor:"26,keyasint,omitempty"` // who declined: one of [DeclinedBy]
	Why       sealed.Text `cbor:"27,keyasint,omitzero"`  // why it could not wait
	// Of a check: what was answered.
	Answers []Answered `cbor:"65,keyasint,omitempty"`
	// Of an import: what the file said.
	Source *Source `cbor:"80,keyasint,omitempty"`
	// Of what another program kept: where it stood there, and of a need what had become of it.
	Origin *Origin   `cbor:"81,keyasint,omitempty"`
	Past   *PastNeed `cbor:"82,keyasint,omitempty"`
	// Of a withholding: who decided it.
	Decided sealed.Text `cbor:"90,keyasint,omitzero"`
	// Safety: it keeps the child safe from somebody, so that lifting it takes two people.
	Safety bool `cbor:"92,keyasint,omitempty"`
	// Of a conference: what people of the child's circle do of what was agreed.
	Agreed []Agreed `cbor:"91,keyasint,omitempty"`
	// Written earlier, without a network.
	Captured *Captured `cbor:"70,keyasint,omitempty"`
}

// Captured says of an event that it was written earlier, without a network.
type Captured struct {
	At   int64  `cbor:"1,keyasint"` // UTC microseconds, by the clock of the phone
	By   []byte `cbor:"2,keyasint"` // staff
	Sent []byte `cbor:"3,keyasint"` // staff: whose session brought it in
}

// captured returns where an event comes from, nil for what is written here and now.
func captured(c *access.Caller) *Captured {
	w, ok := c.Carried()
	if !ok {
		return nil
	}
	return &Captured{At: w.At.UnixMicro(), By: w.By[:], Sent: w.Sent[:]}
}

// DueAt returns the next contact an event set, zero for none.
func (c Content) DueAt() time.Time {
	if c.Due == 0 {
		return time.Time{}
	}
	return clock.FromMicros(c.Due)
}

// SinceAt returns when what an event tells of happened or began, zero where only
// the event's own time is known.
func (c Content) SinceAt() time.Time {
	if c.Since == 0 {
		return time.Time{}
	}
	return clock.FromMicros(c.Since)
}

// columns returns the stored columns that the row's digest covers.
func (e *Event) columns(in ident.Case, blob []byte) []any {
	var author any
	if !e.Author.IsZero() {
		author = e.Author[:]
	}
	return []any{in[:], e.Seq, e.At.UnixMicro(), e.Kind, author, blob}
}

// write stores the event and counts it in the case row, which the caller writes.
func (e *Event) write(ctx context.Context, p *access.Pass, s *keys.Sealer, c *Case) error {
	e.Seq, e.ID = c.Events+1, ident.New[ident.Event]()
	e.State = stateOf(c)
	e.At, e.Author, e.Captured = p.Now(), p.Caller().Staff(), captured(p.Caller())
	blob, err := s.Seal(eventTable, e.ID[:], 1, &e.Content)
	if err != nil {
		return fmt.Errorf("seal event: %w", err)
	}
	mac := s.MAC(eventTable, e.ID[:], 1, e.columns(c.ID, blob)...)
	if err := p.Tx().Put(ctx, sqlInsertEvent, c.ID, e.Seq, e.ID, e.At.UnixMicro(), e.Kind, e.Author, blob, mac); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	p.Wrote(eventTable, e.ID[:], 1, mac)
	c.Events = e.Seq
	return nil
}

// storedEvent is an event's row: what it holds is sealed.
type storedEvent struct {
	event     Event
	blob, mac []byte
}

// fetchEvents returns a case's events, newest first, sealed.
func fetchEvents(ctx context.Context, p *access.Pass, in ident.Case) ([]storedEvent, error) {
	return readEvents(ctx, p, sqlSelectEvents, in)
}

func readEvents(ctx context.Context, p *access.Pass, query string, args ...any) ([]storedEvent, error) {
	rows, err := p.Tx().Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	defer rows.Close()
	var out []storedEvent
	for rows.Next() {
		var s storedEvent
		var at int64
		e := &s.event
		if err := rows.Scan(&e.Seq, &e.ID, &at, &e.Kind, &e.Author, &s.blob, &s.mac); err != nil {
			return nil, err
		}
		e.At = clock.FromMicros(at)
		out = append(out, s)
	}
	return out, rows.Err()
}

// openEvents checks and opens all of a case's events, as far as the reader of a look may read them.
func (r *Room) openEvents(o *keys.Opener, c *Case, stored []storedEvent, p *access.Pass) ([]Event, error) {
	if int64(len(stored)) != c.Events {
		return nil, errAltered()
	}
	return r.openSome(o, c, stored, p)
}

// openSome checks and opens some of a case's events, as far as the reader of a look may read them.
func (r *Room) openSome(o *keys.Opener, c *Case, stored []storedEvent, p *access.Pass) ([]Event, error) {
	out := make([]Event, len(stored))
	for i, s := range stored {
		e := s.event
		if err := o.CheckMAC(s.mac, eventTable, e.ID[:], 1, e.columns(c.ID, s.blob)...); err != nil {
			return nil, err
		}
		if err := o.Open(eventTable, e.ID[:], 1, s.blob, &e.Content); err != nil {
			return nil, err
		}
		if e.Source != nil {
			e.Source = e.Source.readable(r.forms, p)
		}
		out[i] = e
	}
	return out, nil
}
