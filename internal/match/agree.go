package match

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/matching"
)

// Proposal is what an officer fills in.
type Proposal struct {
	Purpose      Purpose
	Peer         identity.NodeID
	Side         Side // which of the two we are
	Basis        string
	SizeClass    int
	PerDay       int
	PerOfficer   int
	UrgentPerDay int
	EpochDays    int
}

// Usual is what stands in a proposal before anybody changed it (DESIGN section 8).
func Usual() Proposal {
	return Proposal{Purpose: Children, Side: Asker, SizeClass: 1_000, PerDay: 50, PerOfficer: 10, UrgentPerDay: 5, EpochDays: 30}
}

// Check names the fields that are not as they must be.
func (f *Proposal) Check() error {
	var c fault.Check
	c.Require(f.Purpose == Children || f.Purpose == Selectors, "match_purpose", "not-in-list")
	c.Require(f.Side == Asker || f.Side == Holder, "match_side", "not-in-list")
	c.Require(strings.TrimSpace(f.Basis) != "", "match_basis", "required")
	c.Require(len([]rune(f.Basis)) <= 200 && !strings.ContainsAny(f.Basis, "\r\n\t"), "match_basis", "too-long")
	c.Require(slices.Contains(matching.Sizes(), f.SizeClass), "match_size", "not-in-list")
	c.Require(f.PerDay >= 1 && f.PerDay <= 1_000, "match_day", "out-of-range")
	c.Require(f.PerOfficer >= 1 && f.PerOfficer <= f.PerDay, "match_officer", "out-of-range")
	c.Require(f.UrgentPerDay >= 0 && f.UrgentPerDay <= f.PerDay, "match_urgent", "out-of-range")
	c.Require(f.EpochDays >= 7 && f.EpochDays <= 90, "match_epoch", "out-of-range")
	return c.Err()
}

// Prepare is the first of our two officers: it writes an agreement that a second one must
// agree to before the other node hears of it. Where one with the same peer, purpose and
// direction has not ended it is a Conflict ("match-there").
func (r *Room) Prepare(ctx context.Context, c *access.Caller, cmd ident.Command, f Proposal) (AgreementID, error) {
	f.Basis = strings.TrimSpace(f.Basis)
	if err := f.Check(); err != nil {
		return AgreementID{}, err
	}
	if err := r.paired(ctx, f.Peer); err != nil {
		return AgreementID{}, err
	}
	act := access.Act{Action: "match.propose", Purpose: purposeOffice, Command: cmd}
	made, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		if err := r.free(ctx, p.Tx(), f.Peer, f.Purpose, f.Side); err != nil {
			return "", err
		}
		a := &Agreement{
			ID: ident.New[AgreementID](), Purpose: f.Purpose, Peer: f.Peer, Side: f.Side, Basis: f.Basis, SizeClass: f.SizeClass, PerDay: f.PerDay,
			PerOfficer: f.PerOfficer, UrgentPerDay: f.UrgentPerDay, EpochDays: f.EpochDays, State: Prepared, First: c.Staff(), FirstAt: p.Now(),
		}
		t := a.said(r.Partners.Own())
		var err error
		if a.terms, err = t.Text(); err != nil {
			return "", fault.Wrap(fault.Invalid, "match-terms", err)
		}
		return a.ID.String(), r.write(ctx, p, a)
	})
	if err != nil {
		return AgreementID{}, err
	}
	return ident.Parse[AgreementID](made)
}

// paired refuses a node with which nothing can be agreed on.
func (r *Room) paired(ctx context.Context, node identity.NodeID) error {
	all, err := r.Partners.Partners(ctx)
	if err == nil && !slices.ContainsFunc(all, func(p Partner) bool { return p.Node == node }) {
		err = fault.InvalidField("match_peer", "not-in-list")
	}
	return err
}

// free refuses a second agreement about the same.
func (r *Room) free(ctx context.Context, tx *store.Tx, peer identity.NodeID, purpose Purpose, side Side) error {
	all, err := r.agreements(ctx, tx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Peer == peer && a.Purpose == purpose && a.Side == side && a.State != Ended {
			return fault.New(fault.Conflict, "match-there")
		}
	}
	return nil
}

// Agree is an officer of ours who says yes: the second one to what the first prepared or
// took up, the first one to what the other node proposes. seen is the version that was on
// the page. The second officer is never the first.
func (r *Room) Agree(ctx context.Context, c *access.Caller, cmd ident.Command, id AgreementID, seen int64) error {
	var was *Agreement
	err := r.gate.Own(ctx, c, func(p *access.Pass) (err error) {
		was, err = r.agreement(ctx, p.Tx(), id)
		return err
	})
	if err != nil {
		return err
	}
	act := access.Act{Action: "match.propose", Purpose: purposeOffice, Command: cmd}
	if was.State == Prepared || was.State == Taken {
		act.Action, act.Staff, act.Apart = "match.agree", was.First, []ident.Staff{was.First}
	}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		a, err := r.agreement(ctx, p.Tx(), id)
		if err != nil {
			return "", err
		}
		if a.Version != seen || a.State != was.State {
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		}
		return "", r.agreed(ctx, p, a)
	})
	return err
}

// agreed takes an agreement one step on, on our side.
func (r *Room) agreed(ctx context.Context, p *access.Pass, a *Agreement) error {
	who := p.Caller().Staff()
	switch a.State {
	case Asked:
		a.State, a.First, a.FirstAt = Taken, who, p.Now()
	case Prepared:
		a.State, a.Second, a.SecondAt = Offered, who, p.Now()
		if err := r.tell(ctx, p, a, matching.Propose, 0); err != nil {
			return err
		}
	case Taken:
		a.State, a.Second, a.SecondAt = Force, who, p.Now()
		from := p.Now().Unix()
		a.From = fromMicros(from * 1_000_000)
		if err := r.tell(ctx, p, a, matching.Accept, from); err != nil {
			return err
		}
	default:
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	return r.write(ctx, p, a)
}

// End says that an agreement is over, or that we do not agree to one: at once, by one
// officer. The secrets of its epochs are destroyed.
func (r *Room) End(ctx context.Context, c *access.Caller, cmd ident.Command, id AgreementID) error {
	_, err := r.gate.Do(ctx, c, access.Act{Action: "match.end", Purpose: purposeOffice, Command: cmd}, func(p *access.Pass) (string, error) {
		a, err := r.agreement(ctx, p.Tx(), id)
		switch {
		case err != nil:
			return "", err
		case a.State == Ended:
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		case a.State != Prepared: // the other node knows of it
			if err := r.tell(ctx, p, a, matching.End, 0); err != nil {
				return "", err
			}
		}
		return "", r.over(ctx, p, a, "here")
	})
	if err != nil {
		return err
	}
	return r.forget(ctx, id)
}

// over writes that an agreement has ended, and deletes what there is under it.
func (r *Room) over(ctx context.Context, p *access.Pass, a *Agreement, by string) error {
	a.State, a.Ended, a.EndedBy = Ended, p.Now(), by
	if err := r.write(ctx, p, a); err != nil {
		return err
	}
	return r.dropTables(ctx, p.Tx(), a, endOfEpochs)
}

// forget destroys the secrets of an agreement that has ended. [Room.Tend] does so again
// where this was cut short.
func (r *Room) forget(ctx context.Context, id AgreementID) error {
	var a *Agreement
	err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = r.agreement(ctx, tx, id)
		return err
	})
	if err != nil || a.State != Ended {
		return err
	}
	r.unload(a.ID, endOfEpochs)
	return r.Secrets.Destroy(a.Purpose, a.ID, endOfEpochs)
}

// tell sends a step of an agreement.
func (r *Room) tell(ctx context.Context, p *access.Pass, a *Agreement, step string, from int64) error {
	body, err := (&matching.Agree{V: matching.Version, Step: step, Terms: a.said(r.Partners.Own()), From: from}).Encode()
	if err != nil {
		return fault.Wrap(fault.Invalid, "match-terms", err)
	}
	_, err = r.send(ctx, p.Tx(), a, threadOf(a.ID, "agree", 0), cx.MatchAgree, matching.SchemaAgree, body, r.Partners.Officer(p.Caller().Staff()))
	return err
}

// agreeCame takes a step of the other node.
func (r *Room) agreeCame(ctx context.Context, m *cx.Message, settle Settle) error {
	said, err := matching.ReadAgree(m.Payload)
	if err != nil || m.Schema != matching.SchemaAgree {
		return r.refuse(ctx, settle, cx.BadFormat)
	}
	id, err := hex.DecodeString(said.Terms.ID)
	if err != nil {
		return r.refuse(ctx, settle, cx.BadFormat)
	}
	err = r.job(ctx, func(p *access.Pass) error {
		code, err := r.hear(ctx, p, m, said, AgreementID(id))
		if err != nil {
			return err
		}
		return settle(ctx, p.Tx(), cx.Opened{Refused: code})
	})
	if err != nil {
		return err
	}
	if err := r.forget(ctx, AgreementID(id)); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return nil
}

// hear acts on a step of the other node, or returns the code by which it is refused.
func (r *Room) hear(ctx context.Context, p *access.Pass, m *cx.Message, said *matching.Agree, id AgreementID) (cx.Code, error) {
	text, err := said.Terms.Text()
	if err != nil {
		return cx.BadFormat, nil
	}
	a, err := r.agreement(ctx, p.Tx(), id)
	if fault.Is(err, fault.NotFound) {
		if said.Step != matching.Propose {
			return cx.Conflict, nil
		}
		return r.asked(ctx, p, m, &said.Terms, text)
	}
	if err != nil {
		return "", err
	}
	if a.Peer != m.From || string(text) != string(a.terms) {
		return cx.Conflict, nil // another node's, or other terms
	}
	switch {
	case said.Step == matching.End && a.State == Ended:
		return "", nil
	case said.Step == matching.End:
		return "", r.over(ctx, p, a, "there")
	case said.Step == matching.Accept && a.State == Offered:
		from := fromMicros(said.From * 1_000_000)
		if d := p.Now().Sub(from); d < -cx.SkewLimit || d > cx.ExpiryLimit {
			return cx.BadFormat, nil
		}
		a.State, a.From, a.theirs = Force, from, text
		return "", r.write(ctx, p, a)
	}
	return cx.Conflict, nil
}

// asked keeps what the other node proposes, for two officers of ours.
func (r *Room) asked(ctx context.Context, p *access.Pass, m *cx.Message, t *matching.Terms, text []byte) (cx.Code, error) {
	a := &Agreement{State: Asked, terms: text, theirs: text}
	if a.take(t, r.Partners.Own()) != nil || a.Peer != m.From {
		return cx.BadFormat, nil
	}
	if err := r.free(ctx, p.Tx(), a.Peer, a.Purpose, a.Side); err != nil {
		if fault.CodeOf(err) == "match-there" {
			return cx.Conflict, nil
		}
		return "", err
	}
	return "", r.write(ctx, p, a)
}
