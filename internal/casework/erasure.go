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

// Erasing a case takes three people: one writes down who wishes it and on what ground,
// a supervisor who reads the case agrees, and somebody of the oversight, who reads
// nothing of it, confirms. What the pack's gate for the ground needs is looked at each
// time. With the confirmation everything of the case is gone but the tombstone.

// The events of a wish. Of names the wish, To the ground, From whose wish it is; of a
// refusal, Reasons is the code of erasure_refusal.
const (
	KindErasureAsked   = "erasure-asked"
	KindErasureAgreed  = "erasure-agreed"
	KindErasureRefused = "erasure-refused"
)

// The states of a wish.
const (
	ErasureAsked   = "asked"
	ErasureAgreed  = "agreed" // by the first of two people
	ErasureRefused = "refused"
)

// dueErasure is the deadline of a wish (code list deadline_kind).
const dueErasure = "erasure"

// Erasure is a wish that a case be erased, and what became of it.
type Erasure struct {
	ID      ident.Erasure
	Ground  string // code list erasure_ground
	Wish    string // whose wish it is, code list request_by
	State   string
	Refusal string // code list erasure_refusal, once it is refused
	Asked   time.Time
	Agreed  time.Time // zero: not yet
	Decided time.Time // zero: not refused
	Asker   ident.Staff
	First   ident.Staff // who agreed; none: nobody yet
	Refuser ident.Staff

	Why, Answer sealed.Text // as the events have it

	stamp
}

// Waits reports whether somebody has to look at it.
func (e *Erasure) Waits() bool { return e.State != ErasureRefused }

func (e *Erasure) columns() []any {
	return []any{
		e.Asked.UnixMicro(), optTime(e.Agreed), optTime(e.Decided), e.Ground, e.Wish, e.State, optCode(e.Refusal),
		e.Asker[:], optStaff(e.First), optStaff(e.Refuser),
	}
}

func (e *Erasure) scan(scan func(...any) error) error {
	var asked int64
	var agreed, decided *int64
	var refusal *string
	err := scan(&e.Case, &e.ID, &e.Version, &e.MAC, &asked, &agreed, &decided, &e.Ground, &e.Wish, &e.State, &refusal,
		&e.Asker, &e.First, &e.Refuser)
	if err != nil {
		return err
	}
	e.Asked, e.Agreed, e.Decided, e.Refusal = clock.FromMicros(asked), fromOpt(agreed), fromOpt(decided), fromCode(refusal)
	return nil
}

func (e *Erasure) check(c checker) error {
	return erasureRows.Check(c, e.ID[:], &e.stamp, e.columns())
}

func (e *Erasure) write(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	return erasureRows.Write(ctx, p, s, e.ID[:], &e.stamp, e.columns())
}

// Wish is what somebody writes down who asks that a case be erased.
type Wish struct {
	Ground string // code list erasure_ground
	By     string // code list request_by
	Why    sealed.Text
}

// AskErasure writes down a wish that a case be erased. It can always be written down,
// whatever stands against it: a refusal is an answer too.
func (r *Room) AskErasure(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, w Wish) error {
	var chk fault.Check
	chk.Require(r.codes.Valid(pack.ErasureGrounds, w.Ground), "erasure_ground", "required")
	chk.Require(r.codes.Valid(pack.RequestBy, w.By), "request_by", "required")
	chk.Require(!w.Why.IsZero(), "reason", "required")
	text(&chk, "reason", w.Why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "erasure.ask", PurposeChild, 0, func(p *access.Pass, row *Case) (*Event, error) {
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		before, err := erasuresOf(ctx, p, s)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(before, (*Erasure).Waits) {
			return nil, fault.New(fault.Conflict, "erasure-waits")
		}
		e := &Erasure{
			ID: ident.New[ident.Erasure](), Ground: w.Ground, Wish: w.By, State: ErasureAsked, Asked: p.Now(), Asker: p.Caller().Staff(),
		}
		if err := e.write(ctx, p, s); err != nil {
			return nil, err
		}
		if err := r.setDue(ctx, p, row, dueErasure, [16]byte(e.ID), r.codes.Clock(pack.RequestAnswer).After(p.Now())); err != nil {
			return nil, err
		}
		return &Event{Kind: KindErasureAsked, Content: Content{Of: e.ID[:], From: w.By, To: w.Ground, Text: w.Why}}, nil
	})
}

// erasuresOf reads the wishes of the pass's case, the oldest first.
func erasuresOf(ctx context.Context, p *access.Pass, s checker) ([]*Erasure, error) {
	found, err := readLedger(ctx, p.Tx(), sqlSelectErasures, (*Erasure).scan, p.Case())
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		if err := e.check(s); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// parties returns who asked for an erasure and who agreed: the floor has to know before
// it lets somebody decide. The command compares them again.
func (r *Room) parties(ctx context.Context, c *access.Caller, id ident.Case, wish ident.Erasure) (asker, first ident.Staff, err error) {
	err = r.gate.View(ctx, c, access.Act{Action: "erasure.list", Purpose: PurposeOversight, Case: id}, func(p *access.Pass) error {
		return p.Tx().QueryRow(ctx, sqlErasureParties, id, wish).Scan(&asker, &first)
	})
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return asker, first, err
}

// waiting reads a wish that waits, for a command, and refuses one that changed since
// the floor was asked.
func waiting(ctx context.Context, p *access.Pass, wish ident.Erasure, asker, first ident.Staff) (*Erasure, error) {
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	all, err := erasuresOf(ctx, p, s)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(e *Erasure) bool { return e.ID == wish })
	switch {
	case i < 0:
		return nil, fault.New(fault.NotFound, "no-such-page")
	case !all[i].Waits() || all[i].Asker != asker || all[i].First != first:
		return nil, fault.New(fault.Conflict, "erasure-over")
	}
	return all[i], nil
}

// AgreeErasure is what the first of two people says, who has read the case. The floor
// refuses whoever asked; the room refuses while something stands against it.
func (r *Room) AgreeErasure(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, wish ident.Erasure, why sealed.Text) error {
	var chk fault.Check
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	asker, first, err := r.parties(ctx, c, id, wish)
	if err != nil {
		return err
	}
	act := access.Act{Action: "erasure.agree", Purpose: PurposeSupervision, Case: id, Staff: asker, Command: cmd}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, 0, func(row *Case) (*Event, error) {
			e, err := waiting(ctx, p, wish, asker, first)
			if err != nil {
				return nil, err
			}
			if e.State != ErasureAsked {
				return nil, fault.New(fault.Conflict, "erasure-over")
			}
			s, err := r.erasable(ctx, p, row, e)
			if err != nil {
				return nil, err
			}
			e.State, e.Agreed, e.First = ErasureAgreed, p.Now(), p.Caller().Staff()
			if err := e.write(ctx, p, s); err != nil {
				return nil, err
			}
			return &Event{Kind: KindErasureAgreed, Content: Content{Of: e.ID[:], To: e.Ground, Text: why}}, nil
		})
	})
	return err
}

// Refused is why a wish is not carried out.
type Refused struct {
	Ground string // code list erasure_refusal
	Answer sealed.Text
}

// RefuseErasure refuses a wish, at either step, with a ground and an answer. The ground
// is recorded; whoever asked is told how to complain.
func (r *Room) RefuseErasure(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, wish ident.Erasure, f Refused) error {
	var chk fault.Check
	chk.Require(r.codes.Valid(pack.ErasureRefusals, f.Ground), "erasure_refusal", "required")
	chk.Require(!f.Answer.IsZero(), "rights_answer", "required")
	text(&chk, "rights_answer", f.Answer, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	asker, first, err := r.parties(ctx, c, id, wish)
	if err != nil {
		return err
	}
	act := access.Act{Action: "erasure.refuse", Purpose: PurposeOversight, Case: id, Staff: asker, Command: cmd}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, 0, func(*Case) (*Event, error) {
			e, err := waiting(ctx, p, wish, asker, first)
			if err != nil {
				return nil, err
			}
			s, err := p.Sealer(ctx)
			if err != nil {
				return nil, err
			}
			e.State, e.Refusal, e.Decided, e.Refuser = ErasureRefused, f.Ground, p.Now(), p.Caller().Staff()
			if err := e.write(ctx, p, s); err != nil {
				return nil, err
			}
			out := &Event{Kind: KindErasureRefused, Content: Content{Of: e.ID[:], To: e.Ground, Reasons: []string{f.Ground}, Text: f.Answer}}
			return out, r.meetDueOf(ctx, p, dueErasure, [16]byte(e.ID))
		})
	})
	return err
}

// ConfirmErasure is what the second of two people says, and erases the case: every row
// of it in every room, every right to it, and its key. The floor refuses whoever asked
// and whoever agreed.
func (r *Room) ConfirmErasure(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, wish ident.Erasure) error {
	asker, first, err := r.parties(ctx, c, id, wish)
	if err != nil {
		return err
	}
	act := access.Act{Action: "erasure.confirm", Purpose: PurposeOversight, Case: id, Staff: asker, Also: first, Command: cmd}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		s, err := p.Sealer(ctx)
		if err != nil {
			return "", err
		}
		row, err := readCase(ctx, p.Tx(), id)
		if err != nil {
			return "", err
		}
		if err := row.checkWith(ctx, p, s); err != nil {
			return "", err
		}
		e, err := waiting(ctx, p, wish, asker, first)
		if err != nil {
			return "", err
		}
		if e.State != ErasureAgreed || first.IsZero() {
			return "", fault.New(fault.Conflict, "erasure-over")
		}
		if _, err := r.erasable(ctx, p, row, e); err != nil {
			return "", err
		}
		if err := p.Erase(ctx); err != nil {
			return "", err
		}
		p.Tx().OnCommit(func() { r.index.Forget(id) })
		return "", p.Tx().Put(ctx, sqlInsertErased, p.Tx().Micros(), id, e.Asker, e.Ground)
	})
	return err
}

// erasable refuses an erasure while something stands against it, and returns the
// sealer it looked with.
func (r *Room) erasable(ctx context.Context, p *access.Pass, row *Case, e *Erasure) (*keys.Sealer, error) {
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	stands, err := r.standing(ctx, p, row, p.Now())
	if err != nil {
		return nil, err
	}
	k, err := retentionOf(ctx, p, s)
	if err != nil {
		return nil, err
	}
	holds, err := holdsOf(ctx, p, s)
	if err != nil {
		return nil, err
	}
	against := r.againstErasure(e.Ground, row, stands, k, holds, p.Now())
	if len(against) > 0 {
		return nil, fault.New(fault.Invalid, "erasure-"+against[0])
	}
	return s, nil
}

// What can stand against erasing a case: codes of the list erasure_refusal.
const (
	againstOpen        = "case_open"
	againstHold        = "legal_hold"
	againstProceedings = "open_proceedings"
	againstRetention   = "retention"
)

// againstErasure returns what stands against erasing a case on a ground, as the pack's
// gate for it asks.
func (r *Room) againstErasure(ground string, row *Case, stands Standing, k *Retention, holds []*Hold, now time.Time) []string {
	var out []string
	g := r.codes.EraseGate(ground)
	for _, need := range g.Needs {
		switch {
		case need == pack.NeedCaseClosed && !row.Closed():
			out = append(out, againstOpen)
		case need == pack.NeedNoHold && slices.ContainsFunc(holds, (*Hold).InForce):
			out = append(out, againstHold)
		case need == pack.NeedRetentionOver && row.Closed() && !r.keptEnough(row, k, now):
			out = append(out, againstRetention)
		}
	}
	if len(stands.Shut(g)) > 0 {
		out = append(out, againstProceedings)
	}
	return out
}

// keptEnough reports whether a closed case was kept for its time. One that was closed
// before files had classes counts as of the pack's class for most.
func (r *Room) keptEnough(row *Case, k *Retention, now time.Time) bool {
	if k == nil {
		k = &Retention{Review: r.keptUntil(r.codes.RetentionFor(""), row.ClosedAt)}
	}
	return k.Over(now)
}
