package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// The events of the two recorded ways past a withholding.
const (
	KindConsentOrdered  = consentEvent + consent.KindOrdered
	KindConsentReported = consentEvent + consent.KindReported
)

// checkPassed validates what was handed over, to whom and when.
func (r *Room) checkPassed(chk *fault.Check, rec *consent.Record) {
	r.checkPurpose(chk, rec)
	chk.Require(!rec.Recipient.IsZero() || !rec.Name.IsZero(), "recipient_name", "required")
	chk.Require(!rec.What.IsZero(), "passed_what", "required")
	text(chk, "passed_what", rec.What, mostReason)
	wholeDay(chk, "passed_on", rec.On, r.clk.Now(), true)
}

// RecordOrder writes down a compelled disclosure. It names the order and who reviewed
// it legally, says what the least was that was handed over, and when the child and the
// lawyer were told; only an order that forbids it lets them learn of it later.
func (r *Room) RecordOrder(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, rec consent.Record) error {
	rec.Kind, rec.State, rec.Basis, rec.About, rec.Until, rec.Report = consent.KindOrdered, "", "court_order", consent.ID{}, time.Time{}, nil
	var chk fault.Check
	r.checkPassed(&chk, &rec)
	if rec.Order == nil {
		rec.Order = &consent.Order{}
	}
	r.checkOrder(&chk, rec.Order, rec.On)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.recordConsent(ctx, c, cmd, access.Act{Action: "consent.disclose", Case: id}, &rec, nil)
}

func (r *Room) checkOrder(chk *fault.Check, o *consent.Order, on sealed.Date) {
	for _, t := range []struct {
		field string
		text  sealed.Text
	}{
		{"order_court", o.Court}, {"order_number", o.Number}, {"order_reviewer", o.Reviewer}, {"order_finding", o.Finding},
	} {
		chk.Require(!t.text.IsZero(), t.field, "required")
		text(chk, t.field, t.text, mostReason)
	}
	text(chk, "order_objected", o.Objected, mostReason)
	now := r.clk.Now()
	wholeDay(chk, "order_issued", o.Issued, now, true)
	wholeDay(chk, "order_reviewed", o.Reviewed, now, true)
	chk.Require(!before(on, o.Issued), "passed_on", "before-order")
	chk.Require(!before(on, o.Reviewed), "passed_on", "before-review")
	chk.Require(slices.Contains(Forbids(), o.Forbids), "order_forbids", "required")
	told := o.Forbids == "no"
	wholeDay(chk, "order_child", o.Child, now, told)
	wholeDay(chk, "order_lawyer", o.Lawyer, now, told)
	if !told {
		return
	}
	chk.Require(!before(on, o.Child), "order_child", "told-first")
	chk.Require(!before(on, o.Lawyer), "order_lawyer", "told-first")
	chk.Require(slices.Contains(consent.Objections(), o.Objection), "order_objection", "required")
	chk.Require(o.Objection != "objected" || !o.Objected.IsZero(), "order_objected", "required")
}

// Forbids are the answers to whether an order forbids telling the child.
func Forbids() []string { return []string{"no", "yes"} }

// before reports whether a day is before another; a day that is not known is not.
func before(a, b sealed.Date) bool {
	return !a.IsZero() && !b.IsZero() && a.Reveal() < b.Reveal()
}

// RecordReport writes down that something was reported by a duty of the law, or because
// of imminent danger: which law, by when, what was told to whom, and whether the child
// was told first.
func (r *Room) RecordReport(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, rec consent.Record) error {
	rec.Kind, rec.State, rec.About, rec.Until, rec.Order = consent.KindReported, "", consent.ID{}, time.Time{}, nil
	var chk fault.Check
	r.checkPassed(&chk, &rec)
	if rec.Report == nil {
		rec.Report = &consent.Report{}
	}
	p := rec.Report
	chk.Require(slices.Contains(consent.ReportReasons(), p.Why), "report_why", "required")
	rec.Basis = "vital_interest"
	if p.Why == "duty" {
		rec.Basis = "legal_obligation"
		chk.Require(!rec.Norm.IsZero(), "norm", "required")
		chk.Require(!p.Deadline.IsZero(), "report_deadline", "required")
	}
	text(&chk, "norm", rec.Norm, mostReason)
	chk.Require(slices.Contains(consent.ToldFirst(), p.Child), "report_child", "required")
	chk.Require(p.Child == "" || p.Child == "yes" || !p.ChildWhy.IsZero(), "report_child_why", "required")
	text(&chk, "report_child_why", p.ChildWhy, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.recordConsent(ctx, c, cmd, access.Act{Action: "consent.disclose", Case: id}, &rec, nil)
}
