package referral

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// Letters is the part of the post office that keeps what was said.
type Letters interface {
	// TellDue tells the sender of what began a thread what became of it here.
	TellDue(ctx context.Context, tx *store.Tx, to identity.NodeID, thread cx.Thread, what cx.RetentionDueBody) (cx.ID, error)
	// Began returns the message that began a thread: ours or theirs.
	Began(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread, ours bool) (cx.ID, error)
	// Unsay destroys what was said in a thread and was handled, and returns how many messages
	// that were.
	Unsay(ctx context.Context, p *access.Pass, with identity.NodeID, thread cx.Thread) (int, error)
	// Delay keeps a thread until a later day; Shorten until an earlier one.
	Delay(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread, until time.Time) error
	Shorten(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread, until time.Time) error
}

// The answers of a node about what it was sent, when its time is over (retention.due).
const (
	doneErased     = "erased"
	doneAnonymised = "anonymised"
	doneExtended   = "extended"

	reasonHold = "legal_hold" // of an extension
)

// holdLooks is for how long a legal hold keeps something before it is looked at again.
const holdLooks = 30 * 24 * time.Hour

// ExpireSent destroys what was said in a thread whose time is over: the letters on this side,
// and what of them came into the steps. A legal hold on the case stops it, and the sender is
// told so. It is the work of the named job "referrals", and may be run again. Known is false
// where the time of no thread of a case here is over: then the post office destroys the message
// by itself.
func (r *Room) ExpireSent(ctx context.Context, peer identity.NodeID, wire cx.Thread) (known bool, err error) {
	of, id, err := r.byWire(ctx, peer, wire, sideReceived)
	if fault.Is(err, fault.NotFound) {
		of, id, err = r.byWire(ctx, peer, wire, sideSent)
	}
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	act := access.Act{Action: "referral.unsay", Purpose: "maintenance", Case: of}
	_, err = r.gate.Do(ctx, r.gate.Job("referrals"), act, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) { return r.expireSent(ctx, p, id) })
	})
	switch {
	case errors.Is(err, errAlone):
		return false, nil
	case errors.Is(err, errNotYet):
		return true, nil
	case fault.Is(err, fault.NotFound): // erased meanwhile, and its letters with it
		return true, nil
	}
	return true, err
}

// errAlone is that the time of one message is over and not that of its thread: it was refused.
var errAlone = errors.New("one message alone")

func (r *Room) expireSent(ctx context.Context, p *access.Pass, id ThreadID) (*casework.Event, error) {
	t, err := readThread(ctx, p, id)
	if err != nil {
		return nil, err
	}
	a, err := checkedAbroad(ctx, p, t)
	if err != nil {
		return nil, err
	}
	m, err := checkedTerm(ctx, p, t)
	if err != nil {
		return nil, err
	}
	if a == nil || m == nil || m.Until.IsZero() || p.Now().Before(m.Until) {
		return nil, errAlone
	}
	held, err := r.cases.Held(ctx, p)
	if err != nil {
		return nil, err
	}
	if held {
		return r.holdSent(ctx, p, t, a, m)
	}
	n, err := r.post.Unsay(ctx, p, a.Peer, a.Wire)
	if err == nil && n == 0 {
		err = errNotYet // nothing of it is left, or it is on its way still
	}
	if err != nil {
		return nil, err
	}
	done := doneErased
	if m.Expiry == cx.Anonymise {
		done = doneAnonymised
	}
	m.Ended, m.Outcome = p.Now(), done
	if t.Received() {
		if err := emptySteps(ctx, p, t); err != nil {
			return nil, err
		}
	}
	return r.toldDue(ctx, p, t, a, m, cx.RetentionDueBody{Done: done}, time.Time{})
}

// holdSent keeps what was said although its time is over.
func (r *Room) holdSent(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, m *Term) (*casework.Event, error) {
	m.Until = p.Now().Add(holdLooks).UTC().Truncate(time.Second)
	if err := r.post.Delay(ctx, p.Tx(), a.Peer, a.Wire, m.Until); err != nil {
		return nil, err
	}
	due := cx.RetentionDueBody{Done: doneExtended, Reason: reasonHold, Until: m.Until.Format(time.RFC3339)}
	return r.toldDue(ctx, p, t, a, m, due, m.Until)
}

// toldDue writes what became of what was said, and tells whoever sent it.
func (r *Room) toldDue(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, m *Term, due cx.RetentionDueBody, until time.Time) (*casework.Event, error) {
	if t.Received() {
		if _, err := r.post.TellDue(ctx, p.Tx(), a.Peer, a.Wire, due); err != nil && fault.KindOf(err) == fault.Internal {
			return nil, err
		}
	}
	s := Step{Event: KeptHere, Code: due.Done, Said: Said{When: micros(until)}}
	e := t.event(KeptHere, sealed.Text{})
	e.Due, e.Reasons = micros(until), []string{due.Done}
	if due.Reason != "" {
		e.Reasons = append(e.Reasons, due.Reason)
	}
	return e, errors.Join(m.write(ctx, p), s.write(ctx, p, t))
}

// emptySteps takes out of the steps of a thread everything that was said. That they happened,
// when, and in which state they left it, stays.
func emptySteps(ctx context.Context, p *access.Pass, t *Thread) error {
	sealer, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	steps, err := readSteps(ctx, p, t.ID)
	if err != nil {
		return err
	}
	for i := range steps {
		if err := steps[i].empty(ctx, p.Tx(), sealer); err != nil {
			return err
		}
		p.Wrote(stepTable, steps[i].id[:], 1, steps[i].mac)
	}
	return nil
}

func (s *Step) empty(ctx context.Context, tx *store.Tx, sealer *keys.Sealer) (err error) {
	if s.blob, err = sealer.Seal(stepTable, s.id[:], 1, &Said{}); err != nil {
		return fmt.Errorf("seal step: %w", err)
	}
	s.mac = sealer.MAC(stepTable, s.id[:], 1, s.columns()...)
	if _, err := tx.Exec(ctx, sqlEmptyStep, s.of, s.id[:], s.blob, s.mac); err != nil {
		return fmt.Errorf("empty step: %w", err)
	}
	return nil
}

// EmptyAgain takes out of the steps of a thread, before a restored node opens, what had been
// taken out of them after the backup was made. seal gives the sealer of a case. What the
// database does not know is no error.
func EmptyAgain(ctx context.Context, tx *store.Tx, seal func(ident.Subject) (*keys.Sealer, error), j *journal.Journal, wire cx.Thread, then time.Time) error {
	var of ident.Case
	var id ThreadID
	err := tx.QueryRow(ctx, sqlCameByWire, wire[:]).Scan(&of, &id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find a thread: %w", err)
	}
	subject := ident.SubjectOf(of)
	sealer, err := seal(subject)
	if fault.Is(err, fault.NotFound) || fault.CodeOf(err) == "key-destroyed" {
		return nil
	}
	if err != nil {
		return err
	}
	defer sealer.Close()
	var steps []Step
	err = eachStored(ctx, tx, func(scan func(...any) error) error {
		var s Step
		err := s.scan(scan)
		steps = append(steps, s)
		return err
	}, sqlSelectSteps, of, id)
	if err != nil {
		return err
	}
	e := journal.Entry{
		Action: journal.Restore, What: "referral.unsay", Strength: "shell", Role: "node", Via: "cli", Zone: "loopback",
		Purpose: "maintenance", Subjects: []ident.Subject{subject, subject}, Outcome: journal.OK,
	}
	for i := range steps {
		if steps[i].At.After(then) {
			continue
		}
		if err := steps[i].empty(ctx, tx, sealer); err != nil {
			return err
		}
		e.Rows = append(e.Rows, journal.RowState{Table: stepTable, Row: steps[i].id[:], Version: 1, MAC: steps[i].mac})
	}
	if len(e.Rows) == 0 {
		return nil
	}
	_, err = j.Append(ctx, tx, e)
	return err
}
