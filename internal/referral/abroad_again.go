package referral

import (
	"context"
	"crypto/aes"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// Names gives the threads of this node names from which it can tell, after a restore, of
// which case they are. Key is kept outside every backup. Without it names are random, and
// what comes back finds no case.
func (r *Room) Names(key [32]byte) { r.names = &key }

// caseBytes is how much of a case's identifier is in the name of a thread: no two cases
// share it, and what is left tells the threads of a case apart.
const caseBytes = 14

// thread names a new thread of a case: to everybody else it is random.
func (r *Room) thread(of ident.Case) cx.Thread {
	if r.names == nil {
		return cx.NewThread()
	}
	var out cx.Thread
	copy(out[:caseBytes], of[:])
	_, _ = rand.Read(out[caseBytes:]) // never fails
	block, err := aes.NewCipher(r.names[:])
	if err != nil {
		return cx.NewThread()
	}
	block.Encrypt(out[:], out[:])
	return out
}

// caseOf returns of which case a thread of this node is; NotFound where no case here has
// that name.
func (r *Room) caseOf(ctx context.Context, wire cx.Thread) (of ident.Case, err error) {
	if r.names == nil {
		return of, errNotTheirs()
	}
	block, err := aes.NewCipher(r.names[:])
	if err != nil {
		return of, fault.Wrap(fault.Internal, "keyring", err)
	}
	var from, to ident.Case
	block.Decrypt(from[:], wire[:])
	to = from
	from[14], from[15], to[14], to[15] = 0, 0, 0xff, 0xff
	err = r.gate.Work(ctx, r.gate.Job("referrals"), access.Act{Action: "referral.due", Purpose: "maintenance"}, func(p *access.Pass) error {
		of, err = r.cases.Between(ctx, p, from, to)
		return err
	})
	return of, err
}

// remake writes a thread that this node offered and a restore took, from the offer that
// came back: in its case or, where there is none, in one without a name, on the list of
// the unit that answers the other country.
func (r *Room) remake(ctx context.Context, m *cx.Message, said *payload.Payload, told BackTold) error {
	unit := ident.Unit{}
	country := m.To.Country()
	if n, err := r.partner(ctx, m.To); err == nil {
		unit, country = n.Unit, n.Country
	}
	of, err := r.caseOf(ctx, m.Thread)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	act := access.Act{Action: "referral.mirror", Purpose: "maintenance", Case: of}
	if of.IsZero() {
		if unit.IsZero() {
			return fault.New(fault.Unavailable, "abroad-no-focal-point") // kept until somebody names one
		}
		act = access.Act{Action: "referral.receive", Purpose: "maintenance", Case: ident.Beside[ident.Case](), NewCase: true}
	}
	t, a, err := r.ownThread(m, said.Card)
	if err != nil {
		return err
	}
	a.Country = country
	_, err = r.gate.Do(ctx, r.gate.Job("post"), act, func(p *access.Pass) (string, error) {
		t, a := *t, *a // each try begins anew
		t.Case = p.Case()
		if act.NewCase {
			t.From = unit
			err = r.remadeAnew(ctx, p, &t, &a, m, said)
		} else {
			err = r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
				t.From, t.FromStaff = row.Unit, row.Worker
				return r.remade(ctx, p, row, &t, &a, m, said)
			})
		}
		if err != nil {
			return "", err
		}
		return "", told(ctx, p.Tx())
	})
	return err
}

// ownThread is a thread as an offer of this node makes it.
func (r *Room) ownThread(m *cx.Message, card *payload.Card) (*Thread, *Abroad, error) {
	about, ok := r.abroad.Abroad(card.Purpose)
	kind := handover.Referral
	if ok && about.Kind == pack.AbroadTransfer || m.Type == cx.TransferOffer {
		kind = handover.Transfer
	}
	start, err := handover.Thread{Kind: kind}.Step(handover.Offer, handover.Sender)
	if err != nil {
		return nil, nil, err
	}
	t := &Thread{
		ID: ident.New[ThreadID](), Thread: start, To: Office(m.To), Purpose: abroadPurpose, Basis: card.Basis, Service: card.Service,
		Urgency: card.Urgency, Language: card.Language, Sex: card.Sex, AgeBand: card.AgeBand, OfferedAt: m.Created,
		RespondBy: m.Created.Add(time.Duration(card.Respond) * time.Second),
	}
	a := &Abroad{
		ID: t.ID, Wire: m.Thread, Peer: m.To, Side: sideSent, Purpose: card.Purpose, Care: card.Care, Origin: true,
		Asked: string(handover.Offer), AskedID: m.ID, SentAt: m.Created, Approved: m.Created,
	}
	return t, a, nil
}

// remade writes the thread and its first step.
func (r *Room) remade(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, m *cx.Message, said *payload.Payload) (*casework.Event, error) {
	s := Step{Event: handover.Offer, Said: Said{Wire: m.Payload, Norm: sealed.NewText(said.Card.Norm), Flags: flags(&m.Labels)}}
	if err := errors.Join(r.store(ctx, p, row, t, a, &s), termFrom(&m.Labels, t.ID).begin(ctx, p, false)); err != nil {
		return nil, err
	}
	came := Step{Event: CameBack, Code: string(handover.Offer)}
	if err := came.write(ctx, p, t); err != nil {
		return nil, err
	}
	return backEvent(t, &came), r.tellUnit(ctx, p, t.From, t.FromStaff, true)
}

// remadeAnew makes a case without a name of a child of whom there is nothing here but what
// this node told another.
func (r *Room) remadeAnew(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, m *cx.Message, said *payload.Payload) error {
	card := said.Card
	row, err := r.cases.Announce(ctx, p, casework.Announced{
		AgeBand: card.AgeBand, Sex: card.Sex, Language: card.Language, Risk: risk(card), Unit: t.From,
	}, backEvent(t, &Step{Code: string(handover.Offer)}))
	if err != nil {
		return err
	}
	if _, err := r.remade(ctx, p, row, t, a, m, said); err != nil {
		return err
	}
	b := &Back{Peer: a.Peer, Wire: a.Wire, Side: sideSent, At: p.Now(), State: t.State, Taken: true, Case: p.Case(), ID: t.ID}
	return r.deal(ctx, p, row, t, b)
}

// receiveAgain takes an offer that this node answered before a restore took both: the
// child's card, and the package if it was accepted, are here again, and the thread stands
// where the answers say. What nobody here took on and is over stays away.
func (r *Room) receiveAgain(ctx context.Context, n *Partner, about *pack.Abroad, m *cx.Message, said *payload.Payload, settle Settle) error {
	if n.Unit.IsZero() {
		return fault.New(fault.Unavailable, "abroad-no-focal-point") // kept until somebody names one
	}
	var back *Back
	err := r.bare(ctx, func(p *access.Pass) (err error) {
		if back, err = readBack(ctx, p.Tx(), m.From, m.Thread); err != nil {
			return err
		}
		switch {
		case back == nil || !back.Case.IsZero(): // it is known to be over, or was taken again
		case back.State.Final() && !back.Taken:
			err = p.Tx().Put(ctx, sqlInsertOver, p.Now().UnixMicro(), int64(back.Revision), m.Thread[:], string(m.From), string(back.State))
			err = errors.Join(err, dropBack(ctx, p.Tx(), m.From, m.Thread))
		default:
			return errNotYet
		}
		return errors.Join(err, settle(ctx, p.Tx(), cx.Opened{}))
	})
	if !errors.Is(err, errNotYet) {
		return err
	}
	act := access.Act{Action: "referral.receive", Purpose: "maintenance", Case: ident.Beside[ident.Case](), NewCase: true}
	_, err = r.gate.Do(ctx, r.gate.Job("post"), act, func(p *access.Pass) (string, error) {
		if err := r.arrive(ctx, p, n, about, m, said, back); err != nil {
			return "", err
		}
		return "", settle(ctx, p.Tx(), cx.Opened{})
	})
	return err
}

// arriveAgain writes the thread of an offer that was answered before, as it stands.
func (r *Room) arriveAgain(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, s *Step, back *Back) error {
	if err := r.store(ctx, p, row, t, a, s); err != nil {
		return err
	}
	if back.State != "" {
		t.Thread = handover.Thread{Kind: t.Kind, State: back.State, Accepted: back.Accepted, Assumed: back.Assumed}
	}
	if t.State != handover.Offered {
		t.Answered = back.At
	}
	a.Revision = back.Revision
	came := Step{Event: CameBack, Code: string(handover.Offer)}
	err := errors.Join(r.store(ctx, p, row, t, a, &came), r.tellUnit(ctx, p, t.To, ident.Staff{}, true))
	if err != nil {
		return err
	}
	if back.Taken || back.State == "" { // otherwise the unit goes on where it was
		b := *back
		b.At, b.Case, b.ID = p.Now(), p.Case(), t.ID
		err = r.deal(ctx, p, row, t, &b)
	} else {
		err = dropBack(ctx, p.Tx(), a.Peer, a.Wire)
	}
	return errors.Join(err, p.Reach(ctx, access.RelationReceiver, [16]byte(t.To)))
}

// TakeUpAgain lets somebody deal with a thread of which a restore took something. Where the
// child has no record any more they take the child up from what was sent, and lead the
// case; where there is one, they have seen it.
func (r *Room) TakeUpAgain(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID) error {
	v, err := r.Thread(ctx, c, of, id)
	if err != nil {
		return err
	}
	if !slices.Contains(v.May, TakeUp) {
		return errNotTheirs()
	}
	purpose := purposeHelp
	if !v.Back.Taken { // of a case that is worked on
		purpose = purposeCare
	}
	act := access.Act{Action: v.action(TakeUp), Purpose: purpose, Case: of, Command: cmd}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			t, a, err := r.ours(ctx, p, id)
			if err != nil {
				return nil, err
			}
			b, err := backOf(ctx, p, a)
			if err != nil {
				return nil, err
			}
			if b == nil {
				return nil, fault.New(fault.Conflict, "referral-moved")
			}
			if b.Taken {
				if err := r.takenUp(ctx, p, row, t, a, v); err != nil {
					return nil, err
				}
			}
			s := Step{Event: TakeUp}
			err = errors.Join(dropBack(ctx, p.Tx(), a.Peer, a.Wire), r.cases.Await(ctx, p, row, casework.DueReferralTurn, backDue(id), time.Time{}),
				t.write(ctx, p), a.write(ctx, p), s.write(ctx, p, t))
			return t.event(TakeUp, sealed.Text{}), err
		})
	})
	return err
}

// takenUp registers the child from what was sent: whoever does it leads the case.
func (r *Room) takenUp(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, v *View) error {
	if v.Payload == nil || v.Payload.Package == nil {
		return fault.New(fault.Conflict, "referral-moved")
	}
	if t.Received() {
		return r.takeOn(ctx, p, row, t, a, &Answer{brought: brought(v.Term.copied(v.Payload))})
	}
	who := p.Caller().Staff()
	if away, err := p.IsWithheld(ctx, [16]byte(who)); err != nil || away {
		return errors.Join(err, errNotTheirs())
	}
	b := brought(v.Payload)
	a.Origin = comesFrom(a.Country, b.Nationalities)
	t.FromStaff, a.Asker = who, who
	if err := r.cases.TakeOn(ctx, p, row, b, who, t.From); err != nil || !t.Assumed {
		return err
	}
	return r.handedOver(ctx, p, row, t, t.MovedAt)
}

// answersAbroad reports whether somebody is of a unit that answers other countries.
func (r *Room) answersAbroad(ctx context.Context, c *access.Caller) (bool, error) {
	all, err := r.Offices(ctx)
	return slices.ContainsFunc(all, func(n Partner) bool { return c.Unit() == n.Unit || slices.Contains(c.Supervises(), n.Unit) }), err
}

// Missing returns the threads of which nothing is left here but where they stand, for the
// unit that answers other countries. It names no child and makes no entry.
func (r *Room) Missing(ctx context.Context, c *access.Caller) (out []Back, err error) {
	if answers, err := r.answersAbroad(ctx, c); err != nil || !answers || !r.gate.May(c, "referral.missing") {
		return nil, err
	}
	err = r.gate.Own(ctx, c, func(p *access.Pass) error {
		out = nil
		return eachRow(ctx, p.Tx(), func(scan func(...any) error) error {
			var b Back
			err := b.scan(scan)
			if err == nil && b.Lost() {
				out = append(out, b)
			}
			return err
		}, sqlSelectMissing, listMost)
	})
	return out, err
}

// Found says that a missing thread was dealt with: the other office told again of the
// child, or there is no child to look for.
func (r *Room) Found(ctx context.Context, c *access.Caller, cmd ident.Command, b Back) error {
	if answers, err := r.answersAbroad(ctx, c); err != nil || !answers {
		return errors.Join(err, errNotTheirs())
	}
	act := access.Act{Action: "referral.missing", Purpose: purposeHelp, Command: cmd}
	_, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		n, err := p.Tx().Exec(ctx, sqlFoundBack, string(b.Peer), b.Wire[:])
		if err == nil && n != 1 {
			err = fault.New(fault.NotFound, "no-such-page")
		}
		return "", err
	})
	return err
}
