package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// The events of what people ask for by right. Of names the request, To its kind, From
// who asks; of an answer, Reasons is the code of request_refusal.
const (
	KindRequested = "right-asked"
	KindAnswered  = "right-answered"
)

// The states of a request. What is erased is decided by others ([Room.AskErasure]): to
// grant that means that the wish was passed on.
const (
	RequestOpen    = "open"
	RequestGranted = "granted"
	RequestPartly  = "partly"
	RequestRefused = "refused"
)

// dueRequest is the deadline of a request (code list deadline_kind).
const dueRequest = "rights_request"

// unchecked are the answers to who asks with which nothing is handed out.
var unchecked = []string{"not_yet", "failed"}

// Right is what somebody asked for by right about a child's data.
type Right struct {
	ID       ident.Request
	Kind     string // code list request_kind
	By       string // code list request_by
	How      string // code list received_how
	Identity string // code list identity_checked
	State    string
	Refusal  string // code list request_refusal
	Received time.Time
	Due      time.Time
	Decided  time.Time // zero: not yet
	Event    int64     // the event that corrected, 0 for none
	Receiver ident.Staff
	Decider  ident.Staff

	Words, Answer sealed.Text // as the events have it

	stamp
}

// Waits reports whether somebody has to answer it.
func (q *Right) Waits() bool { return q.State == RequestOpen }

func (q *Right) columns() []any {
	var event any
	if q.Event != 0 {
		event = q.Event
	}
	return []any{
		q.Received.UnixMicro(), q.Due.UnixMicro(), optTime(q.Decided), event, q.Kind, q.By, q.How, q.Identity, q.State,
		optCode(q.Refusal), q.Receiver[:], optStaff(q.Decider),
	}
}

func (q *Right) scan(scan func(...any) error) error {
	var received, due int64
	var decided, event *int64
	var refusal *string
	err := scan(&q.Case, &q.ID, &q.Version, &q.MAC, &received, &due, &decided, &event, &q.Kind, &q.By, &q.How, &q.Identity,
		&q.State, &refusal, &q.Receiver, &q.Decider)
	if err != nil {
		return err
	}
	q.Received, q.Due, q.Decided, q.Refusal = clock.FromMicros(received), clock.FromMicros(due), fromOpt(decided), fromCode(refusal)
	if event != nil {
		q.Event = *event
	}
	return nil
}

func (q *Right) check(c checker) error {
	return requestRows.Check(c, q.ID[:], &q.stamp, q.columns())
}

func (q *Right) write(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	return requestRows.Write(ctx, p, s, q.ID[:], &q.stamp, q.columns())
}

// Asked is what somebody asks for by right.
type Asked struct {
	Kind, By, How, Identity string
	On                      time.Time // when it was received; zero: now
	Words                   sealed.Text
}

// ReceiveRequest writes down what somebody asks for by right. The clock for the answer
// runs from the day it was received.
func (r *Room) ReceiveRequest(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, a Asked) error {
	var chk fault.Check
	chk.Require(r.codes.Valid(pack.RequestKinds, a.Kind), "request_kind", "required")
	chk.Require(r.codes.Valid(pack.RequestBy, a.By), "request_by", "required")
	chk.Require(r.codes.Valid(pack.ReceivedHow, a.How), "received_how", "required")
	chk.Require(r.codes.Valid(pack.IdentityChecked, a.Identity), "identity_checked", "required")
	chk.Require(!a.Words.IsZero(), "request_words", "required")
	text(&chk, "request_words", a.Words, mostReason)
	chk.Require(!a.On.After(r.clk.Now()), "received_on", "in-the-future")
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "rights.receive", PurposeChild, 0, func(p *access.Pass, row *Case) (*Event, error) {
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		q := &Right{
			ID: ident.New[ident.Request](), Kind: a.Kind, By: a.By, How: a.How, Identity: a.Identity, State: RequestOpen,
			Received: a.On, Receiver: p.Caller().Staff(),
		}
		if q.Received.IsZero() {
			q.Received = p.Now()
		}
		q.Due = r.codes.Clock(pack.RequestAnswer).After(q.Received)
		if err := q.write(ctx, p, s); err != nil {
			return nil, err
		}
		if err := r.setDue(ctx, p, row, dueRequest, [16]byte(q.ID), q.Due); err != nil {
			return nil, err
		}
		return &Event{Kind: KindRequested, Content: Content{
			Of: q.ID[:], From: a.By, To: a.Kind, Since: q.Received.UnixMicro(), Text: a.Words,
		}}, nil
	})
}

// requestsOf reads the requests of the pass's case, the oldest first.
func requestsOf(ctx context.Context, p *access.Pass, s checker) ([]*Right, error) {
	found, err := readLedger(ctx, p.Tx(), sqlSelectRequests, (*Right).scan, p.Case())
	if err != nil {
		return nil, err
	}
	for _, q := range found {
		if err := q.check(s); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Granted is the answer to a request.
type Granted struct {
	State    string // one of the states but open
	Identity string // as it is known now
	Refusal  string // code list request_refusal, where not all of it is granted
	Event    int64  // of a correction that is granted: the event that corrects
	Answer   sealed.Text
}

func (g *Granted) check(codes Codes) error {
	var c fault.Check
	given := g.State == RequestGranted || g.State == RequestPartly
	c.Require(given || g.State == RequestRefused, "request_state", "required")
	c.Require(codes.Valid(pack.IdentityChecked, g.Identity), "identity_checked", "required")
	c.Require(!given || !slices.Contains(unchecked, g.Identity), "identity_checked", "identity-first")
	c.Require(g.State == RequestGranted || codes.Valid(pack.RequestRefusals, g.Refusal), "request_refusal", "required")
	c.Require(!g.Answer.IsZero(), "rights_answer", "required")
	text(&c, "rights_answer", g.Answer, mostReason)
	if g.State == RequestGranted {
		g.Refusal = ""
	}
	return c.Err()
}

// correcting are the events that can correct what was written.
var correcting = []string{KindCorrected, KindPerson, KindRecordSaved, KindRecordFinished}

// AnswerRequest decides about a request, with the answer that whoever asked is given. A
// correction that is granted names the event that corrects: it is made first.
func (r *Room) AnswerRequest(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, request ident.Request, g Granted) error {
	if err := g.check(r.codes); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "rights.decide", PurposeChild, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		all, err := requestsOf(ctx, p, s)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(q *Right) bool { return q.ID == request })
		switch {
		case i < 0:
			return nil, fault.New(fault.NotFound, "no-such-page")
		case !all[i].Waits():
			return nil, fault.New(fault.Conflict, "request-over")
		}
		q := all[i]
		if q.Kind == "correction" && g.State != RequestRefused {
			var kind string
			err := p.Tx().QueryRow(ctx, sqlCorrecting, id, g.Event, q.Received.UnixMicro()).Scan(&kind)
			if fault.Is(err, fault.NotFound) || err == nil && !slices.Contains(correcting, kind) {
				err = fault.InvalidField("correcting_event", "required")
			}
			if err != nil {
				return nil, err
			}
			q.Event = g.Event
		}
		q.State, q.Identity, q.Refusal, q.Decided, q.Decider = g.State, g.Identity, g.Refusal, p.Now(), p.Caller().Staff()
		if err := q.write(ctx, p, s); err != nil {
			return nil, err
		}
		e := &Event{Kind: KindAnswered, Content: Content{Of: q.ID[:], From: g.State, To: q.Kind, Text: g.Answer}}
		if g.Refusal != "" {
			e.Reasons = []string{g.Refusal}
		}
		return e, r.meetDueOf(ctx, p, dueRequest, [16]byte(q.ID))
	})
}
