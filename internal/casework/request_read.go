package casework

import (
	"bytes"
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/person"
)

// RequestPage is what people asked for by right about a child's data.
type RequestPage struct {
	Case     Case
	Person   person.Record
	Requests []*Right // newest first
	Events   []Event  // newest first; for a correction, which of them corrects
	May      map[string]bool
	Entry    ident.Entry
}

// Correcting returns the events that can be what corrects: of a kind that corrects, and
// not before it was asked for; newest first.
func (page *RequestPage) Correcting(q *Right) []Event {
	return slices.DeleteFunc(slices.Clone(page.Events), func(e Event) bool {
		return !slices.Contains(correcting, e.Kind) || e.At.Before(q.Received)
	})
}

// Requests returns what people asked for by right about a child's data.
func (r *Room) Requests(ctx context.Context, c *access.Caller, id ident.Case) (*RequestPage, error) {
	var page RequestPage
	child, err := r.besides(ctx, c, id, "case.open", func(p *access.Pass) (err error) {
		page.Requests, err = readLedger(ctx, p.Tx(), sqlSelectRequests, (*Right).scan, id)
		return err
	}, func(p *access.Pass, o *keys.Opener, _ *Child) (err error) {
		for _, q := range page.Requests {
			if err := q.check(o); err != nil {
				return err
			}
		}
		page.May, err = p.May(ctx, "rights.receive", "rights.decide", "rights.copy", "erasure.ask")
		return err
	})
	if err != nil {
		return nil, err
	}
	page.Case, page.Person, page.Entry, page.Events = child.Case, child.Person, child.Entry, child.Events
	for i := range page.Events {
		e := &page.Events[i]
		for _, q := range page.Requests {
			switch {
			case !bytes.Equal(e.Of, q.ID[:]):
			case e.Kind == KindAnswered:
				q.Answer = e.Text
			default:
				q.Words = e.Text
			}
		}
	}
	slices.Reverse(page.Requests)
	return &page, nil
}

// What a copy leaves out, because others have rights to it: the words are
// "leftout.<code>" on the page.
const (
	LeftPeople   = "people"   // who is around the child, and who was searched for
	LeftChildren = "children" // which other children belong to the child
	LeftReports  = "reports"  // who told of the child
	LeftWithheld = "withheld" // from whom the case is withheld
	LeftHome     = "home"     // where the child lives: only for the child and the child's lawyer
	LeftTimes    = "missing"  // how a missing child was searched for: as LeftHome
)

// leftOut says which events a copy leaves out.
var leftOut = map[string]string{
	KindOtherAdded: LeftPeople, KindOtherChanged: LeftPeople, KindOtherEnded: LeftPeople,
	KindTracingAsked: LeftPeople, KindTracingStep: LeftPeople, KindTracingEnded: LeftPeople, KindConference: LeftPeople,
	KindGroupJoined: LeftChildren, KindGroupSeparated: LeftChildren, KindApart: LeftChildren, KindArrived: LeftChildren, KindArrivalChanged: LeftChildren,
	KindReported: LeftReports, KindImported: LeftReports, KindWithheld: LeftWithheld,
	KindPartWithheld: LeftWithheld, KindWithholdingLifted: LeftWithheld, KindLiftingAsked: LeftWithheld,
}

// leftFromOthers are left out for everybody but the child and the child's lawyer: a
// guardian or parent may be whom the child is kept safe from.
var leftFromOthers = map[string]string{
	KindCareAdded: LeftHome, KindCareChanged: LeftHome,
	KindMissing: LeftTimes, KindToldOf: LeftTimes, KindSearch: LeftTimes, KindFound: LeftTimes, KindReturnTalk: LeftTimes,
}

// ownCopy reports whether whoever asks is the child, or speaks for the child alone.
func ownCopy(by string) bool { return by == "child" || by == "lawyer" }

// LeftFor returns the sections that a copy for somebody (code list request_by) is
// without, whether or not anything stood there: what is missing tells nothing.
func LeftFor(by string) []string {
	out := []string{LeftPeople, LeftChildren, LeftReports, LeftWithheld}
	if !ownCopy(by) {
		out = append(out, LeftHome, LeftTimes)
	}
	return out
}

// copyFor leaves out of a case what others have rights to.
func (c *Child) copyFor(by string) {
	c.Paper()
	own := ownCopy(by)
	c.Events = slices.DeleteFunc(c.Events, func(e Event) bool {
		return leftOut[e.Kind] != "" || !own && leftFromOthers[e.Kind] != ""
	})
	c.Strands = slices.DeleteFunc(c.Strands, func(s Strand) bool { return s.Kind != StrandCare || !own })
	c.Missing, c.People, c.Flags, c.Tasks, c.Urgent = nil, nil, nil, nil, nil
}

// CopyOf returns the copy of a case for whoever asked for one, without what others have
// rights to, and the sections it is without. Each time is an entry, as for a print. A
// request that was not granted, or is of another kind, is NotFound.
func (r *Room) CopyOf(ctx context.Context, c *access.Caller, id ident.Case, request ident.Request) (*Child, []string, error) {
	var found []*Right
	child, err := r.besides(ctx, c, id, "rights.copy", func(p *access.Pass) (err error) {
		found, err = readLedger(ctx, p.Tx(), sqlSelectRequests, (*Right).scan, id)
		return err
	}, func(p *access.Pass, o *keys.Opener, _ *Child) error {
		for _, q := range found {
			if err := q.check(o); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(found, func(q *Right) bool { return q.ID == request })
	if i < 0 || found[i].State != RequestGranted && found[i].State != RequestPartly || found[i].Kind != "copy" && found[i].Kind != "access" {
		return nil, nil, fault.New(fault.NotFound, "no-such-page")
	}
	r.stand(child)
	child.copyFor(found[i].By)
	return child, LeftFor(found[i].By), nil
}

// DueRequest is a request that waits for an answer.
type DueRequest struct {
	Right
	Row Case
}

// RequestDesk returns what waits for an answer in the cases that the caller reaches,
// the soonest due first. It names no child: numbers, codes and days.
func (r *Room) RequestDesk(ctx context.Context, c *access.Caller) ([]DueRequest, error) {
	var out []DueRequest
	act := access.Act{Action: "rights.list", Purpose: PurposeChild}
	err := r.gate.List(ctx, c, act, func(p *access.Pass) ([]ident.Case, error) {
		out = nil
		args := slices.Concat(p.Caller().Holders(), []any{p.Now().UnixMicro(), deskMost})
		found, err := readLedger(ctx, p.Tx(), sqlRequestsOpen, (*Right).scan, args...)
		if err != nil {
			return nil, err
		}
		ids := make([]ident.Case, len(found))
		for i, q := range found {
			ids[i] = q.Case
		}
		seen, err := p.Visible(ctx, ids)
		if err != nil {
			return nil, err
		}
		var shown []ident.Case
		for i, ok := range seen {
			if ok {
				out, shown = append(out, DueRequest{Right: *found[i]}), append(shown, ids[i])
			}
		}
		return shown, nil
	}, func(p *access.Pass) error {
		for i := range out {
			o, err := p.Opener(out[i].Case)
			if err != nil {
				return err
			}
			if err := out[i].check(o); err != nil {
				return err
			}
			row, err := readCase(ctx, p.Tx(), out[i].Case)
			if err != nil {
				return err
			}
			out[i].Row = *row
		}
		return nil
	})
	return out, err
}
