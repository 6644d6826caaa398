package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// answers are the states an answer can have.
var answers = []string{consent.Given, consent.Refused, consent.NotAsked}

// RecordAnswer writes down what the child, the guardian or both answered about one
// purpose, and for one recipient or everybody whom it concerns. What was given is in
// force from now on; a refusal ends what was given before. A guardian who may be
// involved in what happened to the child is not asked: their answer is refused, whatever
// it is, and so is a consent against which the child speaks; the child's best interests
// may be put in its place ([Room.ProposeOverride]).
func (r *Room) RecordAnswer(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, rec consent.Record) error {
	rec.Kind, rec.Basis, rec.About = consent.KindAnswer, consent.BasisConsent, consent.ID{}
	var chk fault.Check
	r.checkPurpose(&chk, &rec)
	chk.Require(slices.Contains(answers, rec.State), "consent_state", "required")
	if rec.State != consent.NotAsked || isGuardian(c) {
		chk.Require(rec.State != consent.NotAsked, "consent_state", "required")
		r.checkAsked(&chk, c, &rec)
	} else {
		chk.Require(!rec.Reason.IsZero(), "reason", "required")
		rec.Until = time.Time{}
	}
	chk.Require(len(rec.Present) <= mostReasons, "present", "too-many")
	for _, x := range rec.Present {
		chk.Require(r.codes.Valid(pack.Present, x), "present", "not-in-list")
	}
	if err := chk.Err(); err != nil {
		return err
	}
	return r.recordConsent(ctx, c, cmd, access.Act{Action: "consent.record", Case: id}, &rec, func(p *access.Pass) error {
		if rec.State != consent.Given || !isGuardian(c) {
			return nil
		}
		for _, to := range []consent.Recipient{rec.Recipient, {}} {
			last, err := consent.Latest(ctx, p, consent.KindAnswer, rec.Purpose, to)
			if err != nil {
				return err
			}
			no := last != nil && (last.State == consent.Refused || last.State == consent.Withdrawn)
			if no && last.Author != c.Staff() {
				return fault.InvalidField("consent_state", "team-asks-first")
			}
		}
		return nil
	})
}

// isGuardian reports whether a guardian of the child's circle acts: they answer for
// themselves only, and never over a no that somebody else wrote down.
func isGuardian(c *access.Caller) bool { return c != nil && c.Role() == access.RoleGuardian }

// checkAsked validates an answer that somebody gave.
func (r *Room) checkAsked(chk *fault.Check, c *access.Caller, rec *consent.Record) {
	chk.Require(slices.Contains(consent.Consenters(), rec.Who), "consent_who", "required")
	byGuardian := rec.Who == "guardian" || rec.Who == "both"
	if isGuardian(c) {
		chk.Require(rec.Who == "" || rec.Who == "guardian", "consent_who", "only-for-oneself")
		chk.Require(!rec.Guardian.IsZero(), "consent_guardian", "required")
		rec.Unsafe, rec.Assent = "", "" // the team's to say, and the child's
	} else if byGuardian {
		chk.Require(!rec.Guardian.IsZero(), "consent_guardian", "required")
		chk.Require(slices.Contains(consent.Doubts(), rec.Unsafe), "guardian_unsafe", "required")
		chk.Require(rec.Unsafe != "yes", "guardian_unsafe", "guardian-unsafe")
		chk.Require(slices.Contains(consent.Assents(), rec.Assent), "assent", "required")
		chk.Require(rec.State != consent.Given || rec.Assent != "refused", "assent", "child-refuses")
		chk.Require(rec.Assent == "" || rec.Assent == "assented" || rec.Assent == "refused" || !rec.AssentWhy.IsZero(), "assent_why", "required")
	} else {
		rec.Guardian, rec.Unsafe, rec.Assent = sealed.Text{}, "", ""
	}
	chk.Require(!rec.Version.IsZero(), "consent_text", "required")
	chk.Require(rec.Language != "" && r.codes.Valid(pack.Languages, rec.Language), "consent_language", "required")
	chk.Require(!rec.ExplainedBy.IsZero(), "explained_by", "required")
	wholeDay(chk, "explained_on", rec.On, r.clk.Now(), true)
	chk.Require(rec.Interpreter == "" || r.codes.Valid(pack.Interpreters, rec.Interpreter), "interpreter", "not-in-list")
	chk.Require(!NamesInterpreter(rec.Interpreter) || !rec.Interpreted.IsZero(), "interpreter_name", "required")
	if rec.State == consent.Refused {
		rec.Until = time.Time{}
	}
	text(chk, "consent_guardian", rec.Guardian, mostName)
	text(chk, "assent_why", rec.AssentWhy, mostReason)
	text(chk, "consent_text", rec.Version, mostShort)
	text(chk, "explained_by", rec.ExplainedBy, mostName)
	text(chk, "interpreter_name", rec.Interpreted, mostName)
}

// WithdrawConsent writes down that a consent was withdrawn. What rests on consent ends
// with it, for the recipient or for everybody; what rests on another basis goes on. It
// is never turned away because of what was or was not given before.
func (r *Room) WithdrawConsent(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, rec consent.Record) error {
	rec.Kind, rec.State, rec.Basis, rec.About = consent.KindAnswer, consent.Withdrawn, consent.BasisConsent, consent.ID{}
	rec.Until = time.Time{}
	var chk fault.Check
	r.checkPurpose(&chk, &rec)
	chk.Require(slices.Contains(consent.Consenters(), rec.Who), "withdrawn_by", "required")
	chk.Require(!isGuardian(c) || rec.Who == "guardian", "withdrawn_by", "only-for-oneself")
	chk.Require(rec.Name.IsZero(), "recipient_name", "not-in-list") // only from whom something was given
	wholeDay(&chk, "withdrawn_on", rec.On, r.clk.Now(), true)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.recordConsent(ctx, c, cmd, access.Act{Action: "consent.withdraw", Case: id}, &rec, nil)
}

// StateBasis writes down a lawful basis other than consent, with the norm and the
// paper. It is in force from now on.
func (r *Room) StateBasis(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, rec consent.Record) error {
	rec.Kind, rec.State, rec.About = consent.KindBasis, consent.Stated, consent.ID{}
	var chk fault.Check
	r.checkPurpose(&chk, &rec)
	chk.Require(rec.Basis != "" && r.codes.Valid(pack.LegalBases, rec.Basis), "other_basis", "required")
	chk.Require(rec.Basis != consent.BasisConsent && rec.Basis != consent.BasisBestInterests, "other_basis", "not-in-list")
	chk.Require(!rec.Norm.IsZero(), "norm", "required")
	chk.Require(!rec.Paper.IsZero(), "basis_paper", "required")
	text(&chk, "norm", rec.Norm, mostReason)
	text(&chk, "basis_paper", rec.Paper, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.recordConsent(ctx, c, cmd, access.Act{Action: "consent.basis", Case: id}, &rec, nil)
}

// EndBasis ends an override or another basis that is in force.
func (r *Room) EndBasis(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, which consent.ID, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	var rec consent.Record
	return r.recordConsent(ctx, c, cmd, access.Act{Action: "consent.basis", Case: id}, &rec, func(p *access.Pass) error {
		old, err := consent.One(ctx, p, which)
		if err != nil {
			return err
		}
		if old.State != consent.Stated && (old.Kind != consent.KindOverride || old.State != consent.Given) {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
		rec = consent.Record{
			Kind: old.Kind, State: consent.Ended, Purpose: old.Purpose, Recipient: old.Recipient, Basis: old.Basis, About: old.ID,
			Details: consent.Details{Reason: why},
		}
		return nil
	})
}

// ProposeOverride proposes that the child's best interests stand in for an answer, with
// a reason: where nobody who is safe can be asked, or an answer would harm the child.
// It permits nothing before a second person approves it.
func (r *Room) ProposeOverride(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, rec consent.Record) error {
	rec.Kind, rec.State, rec.Basis, rec.About = consent.KindOverride, consent.Proposed, consent.BasisBestInterests, consent.ID{}
	var chk fault.Check
	r.checkPurpose(&chk, &rec)
	chk.Require(!rec.Reason.IsZero(), "reason", "required")
	if err := chk.Err(); err != nil {
		return err
	}
	return r.recordConsent(ctx, c, cmd, access.Act{Action: "consent.keep", Case: id}, &rec, nil)
}

// DecideOverride approves an override, or declines it with a reason. The floor refuses
// whoever proposed it.
func (r *Room) DecideOverride(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, which consent.ID, approve bool, why sealed.Text) error {
	var chk fault.Check
	chk.Require(approve || !why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	page, err := r.Consents(ctx, c, id) // whom the floor must know
	if err != nil {
		return err
	}
	asked := page.Book.Find(which)
	if asked == nil || asked.Kind != consent.KindOverride {
		return fault.New(fault.NotFound, "no-such-page")
	}
	var rec consent.Record
	act := access.Act{Action: "consent.approve", Case: id, Staff: asked.Author}
	return r.recordConsent(ctx, c, cmd, act, &rec, func(p *access.Pass) error {
		old, err := consent.One(ctx, p, which)
		if err != nil {
			return err
		}
		if decided, err := consent.Decided(ctx, p, old); err != nil || decided || old.Author != asked.Author || old.State != consent.Proposed {
			return conflict(err)
		}
		if approve && !old.Until.IsZero() && !old.Until.After(p.Now()) {
			return fault.New(fault.Invalid, "already-over")
		}
		rec = consent.Record{
			Kind: old.Kind, State: consent.Declined, Purpose: old.Purpose, Recipient: old.Recipient, Basis: old.Basis, About: old.ID,
			Details: consent.Details{Reason: why},
		}
		if approve {
			rec.State, rec.Until = consent.Given, old.Until
		}
		return nil
	})
}

// conflict is err, or that somebody was quicker.
func conflict(err error) error {
	if err != nil {
		return fmt.Errorf("decide override: %w", err)
	}
	return fault.New(fault.Conflict, "changed-meanwhile")
}

// RecordPassed writes down that a recipient received something for a purpose, and on
// which basis: so that the recipient is told when that is withdrawn. It discloses
// nothing by itself, and refuses what nothing permits.
func (r *Room) RecordPassed(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, rec consent.Record) error {
	rec.Kind, rec.State, rec.About, rec.Until = consent.KindPassed, "", consent.ID{}, time.Time{}
	var chk fault.Check
	r.checkPassed(&chk, &rec)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.recordConsent(ctx, c, cmd, access.Act{Action: "consent.keep", Case: id}, &rec, func(p *access.Pass) error {
		basis, ok, err := consent.Permitted(ctx, p, rec.Purpose, rec.Recipient)
		if err != nil {
			return err
		}
		if !ok {
			return fault.InvalidField("consent_purpose", "not-permitted")
		}
		rec.Basis = basis
		return nil
	})
}

// RecordTold writes down that a recipient was told of a withdrawal, and how. which is
// what the recipient received.
func (r *Room) RecordTold(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, purpose string, which consent.ID, how sealed.Text) error {
	rec := consent.Record{Kind: consent.KindTold, Purpose: purpose, About: which, Details: consent.Details{Reason: how}}
	var chk fault.Check
	r.checkPurpose(&chk, &rec)
	chk.Require(!which.IsZero(), "told", "required")
	chk.Require(!how.IsZero(), "told_how", "required")
	text(&chk, "told_how", how, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.recordConsent(ctx, c, cmd, access.Act{Action: "consent.keep", Case: id}, &rec, nil)
}
