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
	"causeway/protocol/handover"
)

type claimKind struct{}

// ClaimID names one request to take a case over.
type ClaimID = ident.ID[claimKind]

const claimTable = "referral_claim"

var claimLedger = access.Ledger{Table: claimTable, Insert: sqlInsertClaim, Update: sqlUpdateClaim, Of: sqlSelectClaims}

// The states of a claim.
const (
	claimAsked     = "asked"
	ClaimAccepted  = "accepted" // the case was offered: a transfer is under way
	ClaimRefused   = "refused"
	claimWithdrawn = "withdrawn"
)

// What the case's timeline says of a claim, beside the steps of a transfer.
const (
	Claimed      handover.Event = "claim"
	ClaimRefuse  handover.Event = "claim_refuse"
	ClaimDropped handover.Event = "claim_withdraw"
)

// ClaimReasons are why a claim is refused, as whoever asked is told. What was written
// about it stays in the case.
func ClaimReasons() []string {
	return []string{"stays", "later", "child_objects", "unsafe", "another_unit", "other"}
}

// Claim is a request of somebody of another unit to take a case over. It moves nothing:
// whoever answers for the case accepts it by offering them a transfer.
type Claim struct {
	ID       ClaimID
	At       time.Time
	Answered time.Time // zero: it waits
	Asker    ident.Staff
	Unit     ident.Unit // theirs
	From     ident.Unit // that answered for the case
	Decider  ident.Staff
	Thread   ThreadID // the transfer that it led to
	State    string
	Reason   string // one of [ClaimReasons], of a refusal
	ClaimBody

	stamp
	blob []byte
}

// ClaimBody is the sealed part of a claim.
type ClaimBody struct {
	Why sealed.Text `cbor:"1,keyasint"`
}

// Waits reports whether nobody answered yet.
func (q *Claim) Waits() bool { return q.State == claimAsked }

func (q *Claim) columns() []any {
	return []any{
		q.At.UnixMicro(), optTime(q.Answered), q.Asker[:], q.Unit[:], q.From[:], optStaff(q.Decider),
		optBytes(q.Thread[:], q.Thread.IsZero()), q.State, optCode(q.Reason), q.blob,
	}
}

func (q *Claim) scan(scan func(...any) error) error {
	var at int64
	var answered *int64
	var reason *string
	err := scan(&q.Case, &q.ID, &q.Version, &q.MAC, &at, &answered, &q.Asker, &q.Unit, &q.From, &q.Decider, &q.Thread, &q.State, &reason, &q.blob)
	q.At, q.Answered, q.Reason = clock.FromMicros(at), fromOpt(answered), fromCode(reason)
	return err
}

func (q *Claim) write(ctx context.Context, p *access.Pass) error {
	return claimLedger.Keep(ctx, p, q.ID[:], &q.stamp, &q.blob, &q.ClaimBody, q.columns)
}

func (q *Claim) open(p *access.Pass) error {
	return claimLedger.Show(p, q.ID[:], &q.stamp, q.blob, &q.ClaimBody, q.columns())
}

func readClaims(ctx context.Context, p *access.Pass, query string, args ...any) (out []Claim, err error) {
	err = eachRow(ctx, p.Tx(), func(scan func(...any) error) error {
		out = append(out, Claim{})
		return out[len(out)-1].scan(scan)
	}, query, args...)
	return out, err
}

// Claim asks whoever answers for the case with a number to hand it over to the caller's
// unit. The caller is never told whether there is such a case: a number that no case has,
// one that is withheld from them and one that was asked for have the same answer in the
// same time. Only whoever answers for the case already is told so ("has-it-already").
func (r *Room) Claim(ctx context.Context, c *access.Caller, cmd ident.Command, number string, why sealed.Text) error {
	n, err := claimNumber(number)
	if err != nil {
		return err
	}
	var chk fault.Check
	chk.Require(!why.IsZero(), "claim_reason", "required")
	text(&chk, "claim_reason", why, mostSaid)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.blind(ctx, c, cmd, n, func(p *access.Pass, row *casework.Case, all []Claim) (*casework.Event, error) {
		are, err := parties(ctx, p, &Thread{})
		switch {
		case err != nil:
			return nil, err
		case slices.Contains(are, handover.Sender):
			return nil, fault.InvalidField("claim_number", "has-it-already")
		case row.Closed():
			return nil, p.Refuse("case-closed")
		case row.Unit == c.Unit():
			return nil, p.Refuse("same-unit")
		case slices.ContainsFunc(all, func(q Claim) bool { return q.Waits() && q.Unit == c.Unit() }):
			return nil, p.Refuse("asked-already")
		}
		if just, err := r.cases.JustChecked(ctx, p); err != nil || just {
			return nil, orRefused(p, err, "not-registered")
		}
		q := &Claim{
			ID: ident.New[ClaimID](), At: p.Now(), Asker: c.Staff(), Unit: c.Unit(), From: row.Unit, State: claimAsked, ClaimBody: ClaimBody{Why: why},
		}
		due := r.codes.Clock(pack.ReferralClaim).After(p.Now())
		if err := r.cases.Await(ctx, p, row, casework.DueReferralTurn, [16]byte(q.ID), due); err != nil {
			return nil, err
		}
		if err := r.tellUnit(ctx, p, row.Unit, row.Worker, false); err != nil {
			return nil, err
		}
		return q.event(Claimed, why), q.write(ctx, p)
	})
}

// Unclaim takes back what the caller asked for by the number of a case, with the same
// answer whether they did.
func (r *Room) Unclaim(ctx context.Context, c *access.Caller, cmd ident.Command, number string) error {
	n, err := claimNumber(number)
	if err != nil {
		return err
	}
	return r.blind(ctx, c, cmd, n, func(p *access.Pass, row *casework.Case, all []Claim) (*casework.Event, error) {
		i := slices.IndexFunc(all, func(q Claim) bool { return q.Waits() && q.Asker == c.Staff() })
		if i < 0 {
			return nil, p.Refuse("not-asked")
		}
		q := &all[i]
		q.State = claimWithdrawn
		return q.event(ClaimDropped, sealed.Text{}), r.answerClaim(ctx, p, row, q)
	})
}

func claimNumber(number string) (ident.CaseNumber, error) {
	n, err := ident.ParseCaseNumber(number)
	var chk fault.Check
	for _, f := range fault.FieldsOf(err) {
		chk.Reject("claim_number", f.Code)
	}
	return n, chk.Err()
}

func orRefused(p *access.Pass, err error, code string) error {
	if err != nil {
		return err
	}
	return p.Refuse(code)
}

// blind lets somebody who may have nothing to do with a case do something with it by its
// number, and answers only what is wrong with what was typed.
func (r *Room) blind(ctx context.Context, c *access.Caller, cmd ident.Command, n ident.CaseNumber,
	do func(*access.Pass, *casework.Case, []Claim) (*casework.Event, error),
) error {
	return r.gate.Blind(ctx, c, func() error {
		a := access.Act{Action: "referral.claim", Purpose: purposeCare}
		found, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
			id, err := r.cases.ByNumber(ctx, p, n)
			if fault.Is(err, fault.NotFound) {
				id, err = ident.Beside[ident.Case](), nil // takes the way of one that is refused
			}
			return id.String(), err
		})
		if err != nil {
			return err
		}
		if a.Case, err = ident.Parse[ident.Case](found); err != nil {
			return err
		}
		a.Command = cmd
		_, err = r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
			if _, err := r.cases.Head(ctx, p); err != nil {
				if fault.Is(err, fault.NotFound) {
					err = p.Refuse("no-such-case")
				}
				return "", err
			}
			return "", r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
				all, err := r.checkedClaims(ctx, p)
				if err != nil {
					return nil, err
				}
				return do(p, row, all)
			})
		})
		switch fault.KindOf(err) {
		case fault.Denied, fault.NotFound:
			return nil
		}
		return err
	})
}

// checkedClaims reads the claims of the pass's case for a command.
func (r *Room) checkedClaims(ctx context.Context, p *access.Pass) ([]Claim, error) {
	all, err := readClaims(ctx, p, sqlSelectClaims, p.Case())
	if err != nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := claimLedger.Check(s, all[i].ID[:], &all[i].stamp, all[i].columns()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// RefuseClaim answers a claim with no: the reason is told, the words stay in the case.
func (r *Room) RefuseClaim(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ClaimID, reason string, why sealed.Text) error {
	var chk fault.Check
	chk.Require(slices.Contains(ClaimReasons(), reason), "claim_refusal", "required")
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostSaid)
	if err := chk.Err(); err != nil {
		return err
	}
	a := access.Act{Action: "referral.refuse", Purpose: purposeCare, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			q, err := r.waitingClaim(ctx, p, id)
			if err != nil {
				return nil, err
			}
			q.State, q.Reason, q.Decider = ClaimRefused, reason, c.Staff()
			e := q.event(ClaimRefuse, why)
			e.Reasons = []string{reason}
			return e, r.answerClaim(ctx, p, row, q)
		})
	})
	return err
}

// waitingClaim reads a claim of the pass's case that nobody answered yet.
func (r *Room) waitingClaim(ctx context.Context, p *access.Pass, id ClaimID) (*Claim, error) {
	all, err := r.checkedClaims(ctx, p)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(q Claim) bool { return q.ID == id })
	switch {
	case i < 0:
		return nil, fault.New(fault.NotFound, "no-such-page")
	case !all[i].Waits():
		return nil, fault.New(fault.Conflict, "referral-moved")
	}
	return &all[i], nil
}

// acceptClaim answers a claim with the transfer that is being offered.
func (r *Room) acceptClaim(ctx context.Context, p *access.Pass, row *casework.Case, f *Offer, id ThreadID) error {
	if f.Claim.IsZero() {
		return nil
	}
	q, err := r.waitingClaim(ctx, p, f.Claim)
	if err != nil {
		return err
	}
	if f.Kind != handover.Transfer || f.To != q.Unit {
		return fault.InvalidField("referral_unit", "not-who-asked")
	}
	q.State, q.Thread, q.Decider = ClaimAccepted, id, p.Caller().Staff()
	return r.answerClaim(ctx, p, row, q)
}

// answerClaim writes how a claim was answered, and stops its clock.
func (r *Room) answerClaim(ctx context.Context, p *access.Pass, row *casework.Case, q *Claim) error {
	q.Answered = p.Now()
	if err := r.cases.Await(ctx, p, row, casework.DueReferralTurn, [16]byte(q.ID), time.Time{}); err != nil {
		return err
	}
	if err := r.tellUnit(ctx, p, q.Unit, q.Asker, false); err != nil {
		return err
	}
	return q.write(ctx, p)
}

// event is what the case's timeline says of a claim.
func (q *Claim) event(what handover.Event, said sealed.Text) *casework.Event {
	return &casework.Event{Kind: casework.KindReferral, Content: casework.Content{
		From: string(handover.Transfer), To: string(what), Of: q.ID[:], Who: q.Unit[:], Text: said,
	}}
}
