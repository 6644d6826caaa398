package referral

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

const requestTable = "referral_request"

// The states of a request.
const (
	requestAsked   = "asked"
	requestGranted = "granted"
	requestRefused = "refused"
)

// Reasons are why a request is refused, as the asker is told. What was written about it
// stays in the case.
func Reasons() []string {
	return []string{"no_law", "too_much", "safety", "child_objects", "elsewhere", "other"}
}

// Request is what police or prosecution asked to be told of a child.
type Request struct {
	ID      RequestID
	At      time.Time
	Decided time.Time // zero: it waits
	Asker   ident.Staff
	Decider ident.Staff
	Purpose string // code list consent_purpose
	State   string
	Reason  string // one of [Reasons], of a refusal
	RequestBody

	stamp
	blob []byte
}

// RequestBody is the sealed part of a request.
type RequestBody struct {
	Law  sealed.Text `cbor:"1,keyasint"`          // the law it rests on
	Want sealed.Text `cbor:"2,keyasint"`          // what is asked for, and why
	File sealed.Text `cbor:"3,keyasint,omitzero"` // number of the investigation or proceeding
}

// Waits reports whether nobody decided yet.
func (q *Request) Waits() bool { return q.State == requestAsked }

// Refused reports whether it was refused.
func (q *Request) Refused() bool { return q.State == requestRefused }

func (q *Request) columns() []any {
	return []any{
		q.At.UnixMicro(), optTime(q.Decided), q.Asker[:], optStaff(q.Decider), q.Purpose, q.State, optCode(q.Reason), q.blob,
	}
}

func (q *Request) scan(scan func(...any) error) error {
	var at int64
	var decided *int64
	var reason *string
	err := scan(&q.Case, &q.ID, &q.Version, &q.MAC, &at, &decided, &q.Asker, &q.Decider, &q.Purpose, &q.State, &reason, &q.blob)
	q.At, q.Decided, q.Reason = clock.FromMicros(at), fromOpt(decided), fromCode(reason)
	return err
}

func (q *Request) write(ctx context.Context, p *access.Pass) error {
	return requestLedger.Keep(ctx, p, q.ID[:], &q.stamp, &q.blob, &q.RequestBody, q.columns)
}

func (q *Request) open(p *access.Pass) error {
	return requestLedger.Show(p, q.ID[:], &q.stamp, q.blob, &q.RequestBody, q.columns())
}

func fetchRequests(ctx context.Context, tx *store.Tx, query string, args ...any) (out []Request, err error) {
	err = eachRow(ctx, tx, func(scan func(...any) error) error {
		out = append(out, Request{})
		return out[len(out)-1].scan(scan)
	}, query, args...)
	return out, err
}

// Question is what somebody asks to be told of the child whose case has a number.
type Question struct {
	Number  string
	Purpose string
	RequestBody
}

// Ask asks whoever answers for a case for parts of it. The caller is never told whether
// there is such a case: an answer comes only from the person who decides.
func (r *Circle) Ask(ctx context.Context, c *access.Caller, cmd ident.Command, q Question) error {
	number, err := ident.ParseCaseNumber(q.Number)
	var chk fault.Check
	for _, f := range fault.FieldsOf(err) {
		chk.Reject(f.Name, f.Code)
	}
	chk.Require(r.codes.Valid(pack.ConsentPurposes, q.Purpose), "share_purpose", "required")
	chk.Require(!q.Law.IsZero(), "ask_law", "required")
	chk.Require(!q.Want.IsZero(), "ask_want", "required")
	err = errOr(chk.Err(), checkTexts(map[string]sealed.Text{"ask_law": q.Law, "ask_file": q.File}, mostNorm), checkTexts(map[string]sealed.Text{"ask_want": q.Want}, mostText))
	if err != nil {
		return err
	}
	return r.gate.Blind(ctx, c, func() error { return r.ask(ctx, c, cmd, number, &q) })
}

func (r *Circle) ask(ctx context.Context, c *access.Caller, cmd ident.Command, n ident.CaseNumber, q *Question) error {
	a := access.Act{Action: "circle.ask", Purpose: q.Purpose}
	found, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		id, err := r.cases.ByNumber(ctx, p, n)
		if fault.Is(err, fault.NotFound) {
			return "", nil
		}
		return id.String(), err
	})
	if err != nil || found == "" {
		return err
	}
	if a.Case, err = ident.Parse[ident.Case](found); err != nil {
		return err
	}
	a.Command = cmd
	_, err = r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
			one := Request{ID: ident.New[RequestID](), At: p.Now(), Asker: c.Staff(), Purpose: q.Purpose, State: requestAsked, RequestBody: q.RequestBody}
			who := c.Staff()
			return &casework.Event{Kind: casework.KindDisclosureAsked, Content: casework.Content{
				To: q.Purpose, Who: who[:], Of: one.ID[:], Text: q.Want,
			}}, one.write(ctx, p)
		})
	})
	switch fault.KindOf(err) {
	case fault.Denied, fault.NotFound: // withheld from the asker: they learn nothing of it
		return nil
	}
	return err
}

// Refuse answers a request with no, and why.
func (r *Circle) Refuse(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id RequestID, reason string, why sealed.Text) error {
	var chk fault.Check
	chk.Require(slices.Contains(Reasons(), reason), "circle_refusal", "required")
	chk.Require(!why.IsZero(), "reason", "required")
	if err := errOr(chk.Err(), checkTexts(map[string]sealed.Text{"reason": why}, mostText)); err != nil {
		return err
	}
	a := access.Act{Action: "circle.decide", Purpose: purposeCare, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
			return &casework.Event{Kind: casework.KindDisclosureRefused, Content: casework.Content{
				To: reason, Of: id[:], Text: why,
			}}, r.answer(ctx, p, id, requestRefused, reason)
		})
	})
	return err
}

// answer decides a request of the pass's case; none is none to decide.
func (r *Circle) answer(ctx context.Context, p *access.Pass, id RequestID, state, reason string) error {
	if id.IsZero() {
		return nil
	}
	all, err := fetchRequests(ctx, p.Tx(), sqlSelectRequests, p.Case())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(q Request) bool { return q.ID == id })
	if i < 0 {
		return fault.New(fault.NotFound, "no-such-page")
	}
	q := &all[i]
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	if err := requestLedger.Check(s, q.ID[:], &q.stamp, q.columns()); err != nil {
		return err
	}
	if !q.Waits() {
		return fault.New(fault.Invalid, "decided-already")
	}
	q.State, q.Reason, q.Decided, q.Decider = state, reason, p.Now(), p.Caller().Staff()
	return q.write(ctx, p)
}
