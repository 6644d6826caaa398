package referral

import (
	"context"
	"errors"
	"slices"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// View is a thread as one of its parties sees it.
type View struct {
	Thread
	Steps       []Step           // oldest first; before acceptance the receiver reads questions and answers only
	Destination Destination      // without the need, for the receiver
	Booking     *Booking         // of an interpreter; nil: it is none
	Show        *Package         // what the offer carried; nil for the receiver before acceptance
	As          []handover.Party // whom the reader speaks for
	May         []handover.Event // what the reader can do now
	Closed      bool             // the receiver's: the consent it rests on is gone, and with it what was shown
	Number      ident.CaseNumber // of the case, for its own team only
	Entry       ident.Entry

	// Of a thread between two nodes.
	Abroad  *Abroad
	Term    *Term            // under which conditions what passed is kept
	Apart   bool             // it came for other roles than the reader's: nothing of it is shown
	Back    *Back            // a restore took something of it, and somebody has to deal with that; nil: none did
	Payload *payload.Payload // of the offer; without the package before acceptance
	Unknown []payload.Code   // codes of it that are in no list here
	Node    Partner          // the other one, as far as it is a partner still
	Posted  []Posted         // what of ours did not go through
	Files   []File           // documents that went along; none for the receiver before acceptance
	Unfiled int              // how many of them are no documents of the case here yet
}

// Sends reports whether the reader speaks for the sender.
func (v *View) Sends() bool { return slices.Contains(v.As, handover.Sender) }

// Receives reports whether the reader speaks for the receiver.
func (v *View) Receives() bool { return slices.Contains(v.As, handover.Receiver) }

// Thread shows a thread to one of its parties: a card of codes to the receiver until
// it is accepted, then also what the offer carried, in a look of its own, for as long as
// the consent holds that it may rest on.
func (r *Room) Thread(ctx context.Context, c *access.Caller, of ident.Case, id ThreadID) (*View, error) {
	v, err := r.look(ctx, c, of, id, "referral.card", func(v *View) func(*Step) bool {
		return func(s *Step) bool { return s.Event == handover.AskInfo || s.Event == handover.Info }
	})
	if err != nil || !v.Sends() && !v.Opened() {
		return v, err
	}
	if !v.Sends() && v.Basis == basisConsent {
		err := r.gate.View(ctx, c, access.Act{Action: "referral.card", Purpose: purposeHelp, Case: of}, func(p *access.Pass) error {
			holds, err := v.consented(ctx, p)
			v.Closed = !holds
			return err
		})
		if err != nil {
			return nil, err
		}
		if v.Closed { // the questions and answers too: an answer may say more than codes
			for i := range v.Steps {
				v.Steps[i].Said = Said{}
			}
			return v, nil
		}
	}
	return r.look(ctx, c, of, id, "referral.open", func(v *View) func(*Step) bool {
		whole := v.Sends() || v.Opened() // it may have been withdrawn between the two looks
		return func(*Step) bool { return whole }
	})
}

// look reads a thread under an action, and opens the steps that the reader may read.
func (r *Room) look(ctx context.Context, c *access.Caller, of ident.Case, id ThreadID, action string, reads func(*View) func(*Step) bool) (*View, error) {
	var v View
	var row *casework.Case
	var came casework.Came
	err := r.gate.Open(ctx, c, access.Act{Action: action, Purpose: purposeHelp, Case: of}, func(p *access.Pass) (err error) {
		if err = v.fetch(ctx, p, id); err != nil {
			return err
		}
		if v.Posted, err = r.posted(ctx, p.Tx(), v.Abroad); err != nil {
			return err
		}
		if v.Received() {
			if came, err = r.cases.FetchCame(ctx, p); err != nil {
				return err
			}
		}
		row, err = r.cases.Head(ctx, p)
		return err
	}, func(p *access.Pass) error {
		o, err := p.Opener(of)
		if err != nil {
			return err
		}
		if err := v.checkRow(o); err != nil {
			return err
		}
		if err := errors.Join(v.Destination.checkRow(o), v.Abroad.check(o), v.Term.check(o)); err != nil {
			return err
		}
		if len(v.As) == 0 {
			return errNotTheirs()
		}
		if v.Booking != nil {
			if err := v.Booking.open(o); err != nil {
				return err
			}
		}
		if !v.Sends() {
			v.Destination.Need = ident.Need{}
		}
		if err := v.open(o, reads(&v)); err != nil {
			return err
		}
		v.setApart(p)
		if v.Show != nil {
			r.cases.LeaveOut(p, v.Show.Parts)
		}
		if p.HidesRecord(access.AllDocuments) {
			v.Files = nil
		}
		if err := v.unfiled(p, came); err != nil {
			return err
		}
		if v.Sends() && !v.Assumed || v.Receives() && v.Assumed {
			v.Number = row.Number
		}
		v.Entry = p.Entry()
		return v.may(ctx, p)
	})
	if err != nil {
		return nil, err
	}
	return &v, r.known(ctx, &v)
}

// fetch reads a thread and what stands beside it, sealed and unchecked.
func (v *View) fetch(ctx context.Context, p *access.Pass, id ThreadID) error {
	t, err := readThread(ctx, p, id)
	if err != nil {
		return err
	}
	v.Thread = *t
	if v.Steps, err = readSteps(ctx, p, id); err != nil {
		return err
	}
	if v.Destination, err = readDestination(ctx, p, t.Case, id); err != nil {
		return err
	}
	if v.Booking, err = readBooking(ctx, p, t.Case, id); err != nil {
		return err
	}
	if v.Abroad, err = readAbroad(ctx, p, t); err != nil {
		return err
	}
	if v.Term, err = readTerm(ctx, p, t); err != nil {
		return err
	}
	if v.Back, err = backOf(ctx, p, v.Abroad); err != nil {
		return err
	}
	v.As, err = parties(ctx, p, t)
	return err
}

// consented reports whether what a thread rests on is in force now: where it is not
// consent, it is.
func (t *Thread) consented(ctx context.Context, p *access.Pass) (bool, error) {
	if t.Basis != basisConsent || t.Received() || t.Sent() { // there it is asked before anything leaves
		return true, nil
	}
	basis, _, err := consent.Permitted(ctx, p, t.Purpose, consent.Recipient(t.To))
	return basis == consent.BasisConsent, err
}

// Told returns who received something of a case for a purpose by a referral
// (consent.Teller). It opens nothing.
func (r *Room) Told(ctx context.Context, p *access.Pass, of ident.Case, purpose string) ([]consent.Receipt, error) {
	all, err := readThreads(ctx, p, sqlSelectThreads, of)
	var out []consent.Receipt
	for _, t := range all {
		if t.Accepted && t.Purpose == purpose {
			out = append(out, consent.Receipt{ID: consent.ID(t.ID), To: consent.Recipient(t.To), Basis: t.Basis, Purpose: purpose, At: t.Answered})
		}
	}
	return out, err
}

// open checks every step and opens those that may be read.
func (v *View) open(o *keys.Opener, reads func(*Step) bool) error {
	for i := range v.Steps {
		s := &v.Steps[i]
		if err := s.open(o); err != nil {
			return err
		}
		whole := reads(s)
		v.carried(s, whole)
		if !whole {
			s.Said = Said{}
			continue
		}
		if s.Show != nil {
			v.Show = s.Show
		}
		if len(s.Files) > 0 {
			v.Files = s.Files
		}
	}
	return nil
}

// may asks what the reader can do with the thread now.
func (v *View) may(ctx context.Context, p *access.Pass) error {
	var events []handover.Event
	for _, by := range v.As {
		events = append(events, handover.May(v.State, by, v.Kind)...)
	}
	if v.Booking != nil {
		events = booked(events)
	}
	events = append(events, v.mayAbroad()...)
	if v.Sends() && v.State.Final() && !v.Due.IsZero() {
		events = append(events, Noted)
	}
	var actions []string
	for _, e := range events {
		if a := v.action(e); a != "" && !slices.Contains(actions, a) {
			actions = append(actions, a)
		}
	}
	may, err := p.May(ctx, actions...)
	if err != nil {
		return err
	}
	for _, e := range events {
		if may[v.action(e)] {
			v.May = append(v.May, e)
		}
	}
	return nil
}

// Sent is what a case was referred for.
type Sent struct {
	Threads []*Thread // newest first
	Claims  []Claim   // that wait for an answer, oldest first
	Number  ident.CaseNumber
	Closed  bool
	May     map[string]bool
	Entry   ident.Entry
}

// Sent returns what a case was referred for, to whom, and what came of it.
func (r *Room) Sent(ctx context.Context, c *access.Caller, of ident.Case) (*Sent, error) {
	var out Sent
	var row *casework.Case
	err := r.gate.Open(ctx, c, access.Act{Action: "referral.sent", Purpose: purposeCare, Case: of}, func(p *access.Pass) (err error) {
		if out.Threads, err = readThreads(ctx, p, sqlSelectThreads, of); err != nil {
			return err
		}
		if out.Claims, err = readClaims(ctx, p, sqlSelectClaims, of); err != nil {
			return err
		}
		out.Claims = slices.DeleteFunc(out.Claims, func(q Claim) bool { return !q.Waits() })
		row, err = r.cases.Head(ctx, p)
		return err
	}, func(p *access.Pass) error {
		if err := r.cases.CheckHead(p, row); err != nil {
			return err
		}
		o, err := p.Opener(of)
		if err != nil {
			return err
		}
		for _, t := range out.Threads {
			if err := t.checkRow(o); err != nil {
				return err
			}
		}
		for i := range out.Claims {
			if err := out.Claims[i].open(p); err != nil {
				return err
			}
		}
		out.Number, out.Closed, out.Entry = row.Number, row.Closed(), p.Entry()
		out.May, err = p.May(ctx, "referral.offer", "referral.refuse", "referral.send")
		return err
	})
	return &out, err
}

// listMost is how many threads a page shows.
const listMost = 50

// Line is a thread in a list.
type Line struct {
	*Thread
	Number ident.CaseNumber // of the case, for its own team only
}

// Lines is a list of threads: those that wait longest first.
type Lines struct {
	Lines []Line
	More  bool
	Entry ident.Entry
}

// Inbox returns what was offered to the caller's unit and is not over.
func (r *Room) Inbox(ctx context.Context, c *access.Caller) (*Lines, error) {
	return r.list(ctx, c, purposeHelp, func(p *access.Pass) ([]*Thread, error) {
		return readThreads(ctx, p, sqlInbox, c.Unit(), fetchMost)
	}, false)
}

// Outbox returns what was sent out of the cases in the caller's care, and is not over or
// was not taken note of.
func (r *Room) Outbox(ctx context.Context, c *access.Caller) (*Lines, error) {
	return r.list(ctx, c, purposeCare, func(p *access.Pass) ([]*Thread, error) {
		if c.Role() == access.RoleSupervisor {
			return readThreads(ctx, p, sqlOutbox, c.Unit(), fetchMost)
		}
		return readThreads(ctx, p, sqlOutboxOwn, append(c.Holders(), p.Now().UnixMicro(), fetchMost)...)
	}, true)
}

// fetchMost is how many threads are looked at for a page: some may not be the reader's.
const fetchMost = 4 * listMost

func (r *Room) list(ctx context.Context, c *access.Caller, purpose string, read func(*access.Pass) ([]*Thread, error), numbers bool) (*Lines, error) {
	var out Lines
	err := r.gate.List(ctx, c, access.Act{Action: "referral.list", Purpose: purpose}, func(p *access.Pass) (ids []ident.Case, err error) {
		found, err := read(p)
		if err != nil {
			return nil, err
		}
		out, ids, err = visible(ctx, p, found)
		return ids, err
	}, func(p *access.Pass) error {
		out.Entry = p.Entry()
		return r.open(ctx, p, &out, numbers)
	})
	return &out, err
}

// visible leaves of some threads those that the caller may see in a list, and names their
// cases.
func visible(ctx context.Context, p *access.Pass, found []*Thread) (out Lines, ids []ident.Case, err error) {
	of := make([]ident.Case, len(found))
	for i, t := range found {
		of[i] = t.Case
	}
	seen, err := p.Visible(ctx, of)
	if err != nil {
		return out, nil, err
	}
	for i, t := range found {
		if !seen[i] {
			continue
		}
		if len(out.Lines) == listMost {
			out.More = true
			break
		}
		out.Lines = append(out.Lines, Line{Thread: t})
		if !slices.Contains(ids, t.Case) {
			ids = append(ids, t.Case)
		}
	}
	return out, ids, nil
}

// open checks the rows of a list, and names the cases of the reader's own team.
func (r *Room) open(ctx context.Context, p *access.Pass, out *Lines, numbers bool) error {
	var ids []ident.Case
	for _, l := range out.Lines {
		o, err := p.Opener(l.Case)
		if err != nil {
			return err
		}
		if err := l.checkRow(o); err != nil {
			return err
		}
		if !slices.Contains(ids, l.Case) {
			ids = append(ids, l.Case)
		}
	}
	if !numbers || len(ids) == 0 {
		return nil
	}
	rows, err := r.cases.Heads(ctx, p, ids)
	if err != nil {
		return err
	}
	for i := range out.Lines {
		for _, row := range rows {
			if row.ID == out.Lines[i].Case && !out.Lines[i].Assumed {
				out.Lines[i].Number = row.Number
			}
		}
	}
	return nil
}

// Waiting returns how many offers wait for the caller's unit, for the menu. It names
// nobody and makes no entry.
func (r *Room) Waiting(ctx context.Context, c *access.Caller) (n int, err error) {
	if !r.gate.May(c, "referral.list") {
		return 0, nil
	}
	err = r.gate.Own(ctx, c, func(p *access.Pass) error {
		return p.Tx().QueryRow(ctx, sqlCountIn, append(c.People(), p.Now().UnixMicro(), c.Unit())...).Scan(&n)
	})
	return n, err
}
