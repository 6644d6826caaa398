package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
)

// The events of what is told to people who do not work on the case, and of what they
// tell.
const (
	KindDisclosed         = "disclosed"
	KindDisclosureEnded   = "disclosure-ended"
	KindDisclosureTold    = "disclosure-told"  // the child was told of it
	KindTellingPostponed  = "disclosure-later" // the child is told later than was said
	KindDisclosureAsked   = "disclosure-asked"
	KindDisclosureRefused = "disclosure-refused"
	KindCircleJoined      = "circle-joined"
	KindCircleLeft        = "circle-left"
	KindCircleWish        = "circle-wish"
	KindReportedBack      = "reported-back"
)

// Addressed is what of a case's timeline is somebody's own who does not work on it.
type Addressed struct {
	Reports  []Event  // what they told, newest first
	Meetings []Agenda // the conferences they were asked to, newest first
}

// Agenda is a conference as somebody sees it who was asked to it: what it was about, and
// what was agreed that they do. Nothing of what was said.
type Agenda struct {
	Event  ident.Event
	Day    sealed.Date
	Place  sealed.Text
	Absent bool
	Topics []sealed.Text
	Agreed []sealed.Text // that they do
}

// StoredAddressed is the same as it is stored: sealed.
type StoredAddressed struct {
	room   *Room
	events []storedEvent
}

// FetchAddressed reads it while the entry of the look is being committed.
func (r *Room) FetchAddressed(ctx context.Context, p *access.Pass) (*StoredAddressed, error) {
	events, err := readEvents(ctx, p, sqlSelectAddressed, p.Case())
	return &StoredAddressed{r, events}, err
}

// Open opens what is addressed to one person, or comes from them.
func (s *StoredAddressed) Open(p *access.Pass, in *Case, who ident.Staff) (out Addressed, err error) {
	o, err := p.Opener(in.ID)
	if err != nil {
		return out, err
	}
	events, err := s.room.openSome(o, in, s.events, p)
	for i := range events {
		switch e := &events[i]; {
		case e.Kind == KindReportedBack && e.Author == who:
			out.Reports = append(out.Reports, *e)
		case e.Conference != nil:
			if a := e.agenda(who); a != nil {
				out.Meetings = append(out.Meetings, *a)
			}
		}
	}
	return out, err
}

// agenda is a conference as one person sees it, nil where they were not asked to it.
func (e *Event) agenda(who ident.Staff) *Agenda {
	h := e.Conference
	i := slices.IndexFunc(h.Attended, func(a Attendee) bool { return string(a.Staff) == string(who[:]) })
	if i < 0 {
		return nil
	}
	out := &Agenda{Event: e.ID, Day: h.Day, Place: h.Place, Absent: h.Attended[i].Absent}
	for j := range h.Points {
		out.Topics = append(out.Topics, h.Points[j].Topic)
		for _, a := range e.Agreed {
			if int(a.Point) == j && string(a.Staff) == string(who[:]) {
				out.Agreed = append(out.Agreed, h.Points[j].Decision)
			}
		}
	}
	return out
}

// Agreed says who of a conference does what was decided at one of its points.
type Agreed struct {
	_     struct{} `cbor:",toarray"`
	Point int64
	Staff []byte
}

// Beside opens a case and what another room keeps beside it in one look, under an
// action of that room: fetch reads it sealed, open opens it once the look is entered.
func (r *Room) Beside(ctx context.Context, c *access.Caller, id ident.Case, action string, fetch func(*access.Pass) error,
	open func(*access.Pass, *Child) error,
) (*Child, error) {
	return r.besides(ctx, c, id, action, fetch, func(p *access.Pass, _ *keys.Opener, child *Child) error { return open(p, child) })
}
