package referral

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

const bookingTable = "referral_booking"

var bookingLedger = access.Ledger{Table: bookingTable, Insert: sqlInsertBooking, Update: sqlUpdateBooking, Of: sqlCaseBookings}

// ServiceInterpreter is the service (code list service) of a booking.
const ServiceInterpreter = "interpreter"

// Modes returns how an interpreter comes, in the order forms offer it.
func Modes() []string { return []string{"in_person", "phone", "video"} }

// InterpreterGenders returns who may be wished for.
func InterpreterGenders() []string { return []string{"any", "female", "male"} }

// Excluded returns who must not be the interpreter: all of it, unless somebody says
// otherwise. None of it says anything of the child.
func Excluded() []string { return []string{"kin", "community", "involved"} }

// The shortest and the longest booking, in minutes.
const (
	shortestBooking = 15
	longestBooking  = 8 * 60
)

// Booking is the booking of an interpreter. It is a referral of its own kind: the other
// side reads it, and nothing of the child, before acceptance and after.
type Booking struct {
	Starts     time.Time
	Minutes    int
	Proposed   time.Time // another time that the other side proposed; zero: none
	Sign       bool      // a sign language
	Undertaken bool      // the interpreter signed to keep what is heard to themselves
	Mode       string    // one of [Modes]
	Gender     string    // one of [InterpreterGenders]
	Excludes   []string  // of [Excluded]
	BookingBody

	thread ThreadID
	stamp
	blob []byte
}

// BookingBody is the sealed part of a booking.
type BookingBody struct {
	Place sealed.Text `cbor:"1,keyasint,omitzero"`
}

// NewBooking asks somebody for an interpreter.
type NewBooking struct {
	To       ident.Unit
	Service  ident.Service // of the directory; none: whoever the unit sends
	Language string        // code list language
	Booking
}

// Ends returns when the interpreter is not needed any more.
func (b *Booking) Ends() time.Time { return b.Starts.Add(time.Duration(b.Minutes) * time.Minute) }

func (b *NewBooking) check(ctx context.Context, r *Room) error {
	var c fault.Check
	takes, err := r.houses.Receives(ctx, b.To, false)
	if err != nil {
		return err
	}
	now := r.clk.Now()
	c.Require(takes, "referral_unit", "required")
	c.Require(r.codes.Valid(pack.Languages, b.Language), "language", "required")
	c.Require(!b.Starts.IsZero(), "starts_at", "required")
	c.Require(b.Starts.IsZero() || b.Starts.After(now), "starts_at", "in-the-past")
	c.Require(b.Starts.Before(now.Add(farthest)), "starts_at", "out-of-range")
	c.Require(b.Minutes >= shortestBooking && b.Minutes <= longestBooking, "booking_minutes", "required")
	c.Require(slices.Contains(Modes(), b.Mode), "booking_mode", "required")
	c.Require(slices.Contains(InterpreterGenders(), b.Gender), "booking_gender", "required")
	for i, code := range b.Excludes {
		c.Require(slices.Contains(Excluded(), code) && !slices.Contains(b.Excludes[:i], code), "booking_not", "not-in-list")
	}
	c.Require(b.Mode != "in_person" || !b.Place.IsZero(), "booking_place", "required")
	text(&c, "booking_place", b.Place, mostLaw)
	return c.Err()
}

// urgency follows from how soon the interpreter is needed.
func (b *Booking) urgency(now time.Time) string {
	switch in := b.Starts.Sub(now); {
	case in < 24*time.Hour:
		return "at_once"
	case in < 7*24*time.Hour:
		return "soon"
	}
	return "planned"
}

// Book asks a unit for an interpreter for a child. They are told the language, when, for
// how long, how, and who must not come; of the child they are told nothing.
func (r *Room) Book(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, b NewBooking) (ThreadID, error) {
	if err := b.check(ctx, r); err != nil {
		return ThreadID{}, err
	}
	a := access.Act{Action: "referral.offer", Purpose: purposeCare, Case: of, Command: cmd}
	out, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		id := ident.New[ThreadID]()
		return id.String(), r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			return r.book(ctx, p, row, &b, id)
		})
	})
	if err != nil {
		return ThreadID{}, err
	}
	return ident.Parse[ThreadID](out)
}

func (r *Room) book(ctx context.Context, p *access.Pass, row *casework.Case, b *NewBooking, id ThreadID) (*casework.Event, error) {
	if row.Closed() {
		return nil, fault.New(fault.Invalid, "case-closed")
	}
	if just, err := r.cases.JustChecked(ctx, p); err != nil || just {
		return nil, errors.Join(err, fault.New(fault.Invalid, "case-not-registered"))
	}
	if away, err := p.IsWithheld(ctx, [16]byte(b.To)); err != nil || away {
		return nil, errors.Join(err, fault.InvalidField("referral_unit", "withheld-from"))
	}
	f := Offer{To: b.To, Service: ServiceInterpreter, Destination: Destination{Service: b.Service}}
	if err := r.aim(ctx, p, &f, nil); err != nil {
		return nil, err
	}
	start, err := handover.Thread{Kind: handover.Referral}.Step(handover.Offer, handover.Sender)
	if err != nil {
		return nil, err
	}
	urgency := b.urgency(p.Now())
	t := &Thread{
		ID: id, Case: p.Case(), Thread: start, From: row.Unit, FromStaff: p.Caller().Staff(), To: b.To, Service: ServiceInterpreter,
		Urgency: urgency, Language: b.Language, OfferedAt: p.Now(), RespondBy: r.codes.Clock(answerClock(urgency)).After(p.Now()),
	}
	if b.Starts.Before(t.RespondBy) {
		t.RespondBy = b.Starts
	}
	one := b.Booking
	one.thread, one.stamp, one.Proposed, one.Undertaken = id, stamp{}, time.Time{}, false
	if err := r.settle(ctx, p, row, t); err != nil {
		return nil, err
	}
	s := Step{Event: handover.Offer}
	if err := errors.Join(one.write(ctx, p), f.Destination.write(ctx, p, id), s.write(ctx, p, t)); err != nil {
		return nil, err
	}
	if err := r.tell(ctx, p, t, handover.Sender); err != nil {
		return nil, err
	}
	return t.event(handover.Offer, sealed.Text{}), p.Reach(ctx, access.RelationReceiver, [16]byte(b.To))
}

// checkedBooking reads the booking of a thread for a command; nil for a thread that is
// none.
func checkedBooking(ctx context.Context, p *access.Pass, t *Thread) (*Booking, error) {
	b, err := readBooking(ctx, p, t.Case, t.ID)
	if err != nil || b == nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	return b, b.checkRow(s)
}

// rebook takes over into a booking what a step says of it: another time, whoever agrees
// to it, and that the interpreter signed. A thread that is no booking has none.
func (b *Booking) rebook(ctx context.Context, p *access.Pass, t *Thread, a *Answer) error {
	if b == nil {
		return nil
	}
	t.until = b.Ends()
	switch a.Event {
	case handover.Accept:
		var c fault.Check
		c.Require(a.Undertaken, "booking_undertaken", "required")
		c.Require(!a.Agency.IsZero(), "booking_agency", "required")
		text(&c, "booking_agency", a.Agency, mostLaw)
		if err := c.Err(); err != nil {
			return err
		}
		b.Undertaken = true
	case handover.AskInfo:
		if a.At.IsZero() {
			return nil
		}
		if !a.At.After(p.Now()) {
			return fault.InvalidField("proposed_at", "in-the-past")
		}
		b.Proposed = a.At
	case handover.Info:
		if !a.Agrees {
			return nil
		}
		if b.Proposed.IsZero() {
			return fault.New(fault.Conflict, "referral-moved")
		}
		b.Starts, b.Proposed = b.Proposed, time.Time{}
		t.until = b.Ends()
	default:
		return nil
	}
	return b.write(ctx, p)
}

func (b *Booking) columns() []any {
	return []any{
		b.Starts.UnixMicro(), int64(b.Minutes), optTime(b.Proposed), b.Sign, b.Undertaken, b.Mode, b.Gender, strings.Join(b.Excludes, " "), b.blob,
	}
}

func (b *Booking) scan(scan func(...any) error) error {
	var starts, minutes int64
	var proposed *int64
	var excludes string
	err := scan(&b.Case, &b.thread, &b.Version, &b.MAC, &starts, &minutes, &proposed, &b.Sign, &b.Undertaken, &b.Mode, &b.Gender, &excludes, &b.blob)
	b.Starts, b.Minutes, b.Proposed, b.Excludes = clock.FromMicros(starts), int(minutes), fromOpt(proposed), strings.Fields(excludes)
	return err
}

func (b *Booking) write(ctx context.Context, p *access.Pass) error {
	return bookingLedger.Keep(ctx, p, b.thread[:], &b.stamp, &b.blob, &b.BookingBody, b.columns)
}

// checkRow refuses a row that this program did not write as it is.
func (b *Booking) checkRow(k digests) error {
	return bookingLedger.Check(k, b.thread[:], &b.stamp, b.columns())
}

func (b *Booking) open(o *keys.Opener) error {
	if err := b.checkRow(o); err != nil {
		return err
	}
	return o.Open(bookingTable, b.thread[:], 1, b.blob, &b.BookingBody)
}

// readBooking reads the booking of a thread, sealed and unchecked; nil for a thread that
// is none.
func readBooking(ctx context.Context, p *access.Pass, of ident.Case, id ThreadID) (*Booking, error) {
	var b Booking
	err := b.scan(p.Tx().QueryRow(ctx, sqlSelectBooking, of, id).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &b, err
}

// booked are the events of a booking among those of a referral: it is done or it fell
// through, and nothing is put on hold.
func booked(events []handover.Event) []handover.Event {
	var out []handover.Event
	for _, e := range events {
		switch e {
		case handover.Start:
			out = append(out, handover.Complete)
		case handover.Hold, handover.Fail:
		default:
			out = append(out, e)
		}
	}
	return out
}

// Unkept returns how many interpreters, booked for the cases in the caller's care, do not
// come: somebody else is to be found. It names nobody and makes no entry.
func (r *Room) Unkept(ctx context.Context, c *access.Caller) (n int, err error) {
	if !r.gate.May(c, "referral.list") {
		return 0, nil
	}
	err = r.gate.Own(ctx, c, func(p *access.Pass) error {
		if c.Role() == access.RoleSupervisor {
			return p.Tx().QueryRow(ctx, sqlNobody, append(c.People(), p.Now().UnixMicro(), c.Unit())...).Scan(&n)
		}
		return p.Tx().QueryRow(ctx, sqlNobodyOwn, append(c.Holders(), p.Now().UnixMicro())...).Scan(&n)
	})
	return n, err
}
