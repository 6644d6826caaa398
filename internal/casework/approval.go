package casework

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// The events of approvals. The sealed part of each names the approval (Of), what is
// approved (From "record" or "act", To the form or the act) and who asked (Who). That
// it was asked for, the event of the record or the act says.
const (
	KindApproved         = "approved"
	KindApprovalReturned = "approval-returned"
)

// The states of an approval.
const (
	ApprovalAsked    = "asked"
	ApprovalApproved = "approved"
	ApprovalReturned = "returned" // with a comment: to be changed and asked for again
	ApprovalReplaced = "replaced" // what it was about was changed, and asked for anew
)

// Approval is something that waits, or waited, for a second person.
type Approval struct {
	ID      ident.Approval
	What    string   // [pack.ApproveRecord] or [pack.ApproveAct]
	Code    string   // the form, or the kind of act
	About   [16]byte // the record or the act
	State   string
	Asker   ident.Staff
	Decider ident.Staff // none: nobody yet
	Asked   time.Time
	Due     time.Time
	Decided time.Time // zero: not yet

	// What was written lies in the events.
	Comment sealed.Text // of who decided

	stamp
}

// Waits reports whether somebody has to look at it.
func (a *Approval) Waits() bool { return a.State == ApprovalAsked }

func (a *Approval) columns() []any {
	return []any{
		a.Asked.UnixMicro(), a.Due.UnixMicro(), optTime(a.Decided), a.About[:], a.What, a.Code, a.State,
		a.Asker[:], optStaff(a.Decider),
	}
}

func (a *Approval) scan(scan func(...any) error) error {
	var asked, due int64
	var decided *int64
	var about []byte
	err := scan(&a.Case, &a.ID, &a.Version, &a.MAC, &asked, &due, &decided, &about, &a.What, &a.Code, &a.State, &a.Asker, &a.Decider)
	if err != nil {
		return err
	}
	copy(a.About[:], about)
	a.Asked, a.Due, a.Decided = clock.FromMicros(asked), clock.FromMicros(due), fromOpt(decided)
	return nil
}

func (a *Approval) check(c checker) error {
	return approvals.Check(c, a.ID[:], &a.stamp, a.columns())
}

func (a *Approval) write(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	return approvals.Write(ctx, p, s, a.ID[:], &a.stamp, a.columns())
}

// approvalsOf reads the approvals of a query inside a command, the oldest first.
func approvalsOf(ctx context.Context, p *access.Pass, s *keys.Sealer, query string, args ...any) ([]*Approval, error) {
	all, err := readLedger(ctx, p.Tx(), query, (*Approval).scan, args...)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if err := a.check(s); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// askApproval asks for an approval of something in the pass's case, where the pack
// wants one at the case's risk. Asked for again about the same, the request before is
// replaced: what is approved is what is there now. It reports whether one waits.
func (r *Room) askApproval(ctx context.Context, p *access.Pass, row *Case, what, code string, about [16]byte) (bool, error) {
	s, err := p.Sealer(ctx)
	if err != nil {
		return false, err
	}
	before, err := approvalsOf(ctx, p, s, sqlApprovalsOf, p.Case(), about[:])
	if err != nil {
		return false, err
	}
	wanted, ok := r.codes.Approval(what, code, row.Risk)
	if !ok || !sampled(about, wanted.Share) && len(before) == 0 {
		return false, nil
	}
	for _, a := range before {
		if a.State == ApprovalReplaced {
			continue
		}
		a.State = ApprovalReplaced
		if err := a.write(ctx, p, s); err != nil {
			return false, err
		}
	}
	clock := pack.ApprovalDays
	if row.Risk == "high" {
		clock = pack.ApprovalHigh
	}
	a := &Approval{
		ID: ident.New[ident.Approval](), What: what, Code: code, About: about, State: ApprovalAsked,
		Asker: p.Caller().Staff(), Asked: p.Now(), Due: r.codes.Clock(clock).After(p.Now()),
	}
	if err := a.write(ctx, p, s); err != nil {
		return false, err
	}
	return true, r.setDue(ctx, p, row, dueApproval, about, a.Due)
}

// sampled says whether something is among the share that is looked at. It is the same
// for the same record at all times, and nobody can choose it: identifiers are random.
func sampled(about [16]byte, share int) bool {
	sum := sha256.Sum256(append([]byte("causeway/approval/1"), about[:]...))
	return int(binary.BigEndian.Uint64(sum[:8])%100) < share
}

// Answer is what a second person says of something that waits for them.
type Answer struct {
	Approve bool // false: it is returned, with a comment
	Comment sealed.Text
}

// Decide approves something, or returns it with a comment. The floor refuses whoever
// asked for it.
func (r *Room) Decide(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, approval ident.Approval, answer Answer) error {
	var chk fault.Check
	chk.Require(answer.Approve || !answer.Comment.IsZero(), "comment", "required")
	text(&chk, "comment", answer.Comment, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	asker, err := r.approvalAsker(ctx, c, id, approval)
	if err != nil {
		return err
	}
	act := access.Act{Action: "case.approve", Purpose: PurposeSupervision, Case: id, Staff: asker, Command: cmd}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, 0, func(row *Case) (*Event, error) {
			return r.decide(ctx, p, row, approval, asker, answer)
		})
	})
	return err
}

func (r *Room) decide(ctx context.Context, p *access.Pass, row *Case, approval ident.Approval, asker ident.Staff, answer Answer) (*Event, error) {
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	found, err := approvalsOf(ctx, p, s, sqlSelectApproval, row.ID, approval)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Asker != asker { // changed since the floor was asked
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	a := found[0]
	if !a.Waits() {
		return nil, fault.New(fault.Conflict, "approval-over")
	}
	e := &Event{Kind: KindApproved, Content: Content{
		Of: a.ID[:], From: a.What, To: a.Code, Text: answer.Comment, Who: a.Asker[:],
	}}
	if answer.Approve {
		if err := r.approved(ctx, p, s, row, a); err != nil {
			return nil, err
		}
	}
	a.State, a.Decider, a.Decided = ApprovalApproved, p.Caller().Staff(), p.Now()
	if !answer.Approve {
		a.State, e.Kind = ApprovalReturned, KindApprovalReturned
	}
	if err := a.write(ctx, p, s); err != nil {
		return nil, err
	}
	return e, r.meetDueOf(ctx, p, dueApproval, a.About)
}
