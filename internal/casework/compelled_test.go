package casework_test

import (
	"slices"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/sealed"
)

// courtOrder is an invented court's, reviewed, and told to the child first.
func courtOrder() consent.Record {
	return consent.Record{Purpose: "justice", Details: consent.Details{
		Name: sealed.NewText("District court"), What: sealed.NewText("Her age and the dates."), On: date("2026-03-02"),
		Order: &consent.Order{
			Court: sealed.NewText("District court"), Number: sealed.NewText("12 A 7"), Issued: date("2026-02-20"),
			Reviewer: sealed.NewText("Legal office"), Reviewed: date("2026-02-24"), Finding: sealed.NewText("Valid; the notes are not covered."),
			Forbids: "no", Child: date("2026-02-26"), Lawyer: date("2026-02-25"), Objection: "objected", Objected: sealed.NewText("The lawyer asked for less."),
		},
	}}
}

func duty() consent.Record {
	return consent.Record{Purpose: "justice", Details: consent.Details{
		Name: sealed.NewText("Police, night desk"), What: sealed.NewText("That he waits for her."), On: date("2026-03-02"), Norm: sealed.NewText("Act 3, section 9"),
		Report: &consent.Report{Why: "duty", Deadline: date("2026-03-03"), Child: "unsafe", ChildWhy: sealed.NewText("He reads her telephone.")},
	}}
}

func TestTheTwoWaysPastAWithholding(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		if err := o.room.RecordOrder(ctx, worker, command(), id, courtOrder()); err != nil {
			t.Fatal(err)
		}
		if err := o.room.RecordReport(ctx, worker, command(), id, duty()); err != nil {
			t.Fatal(err)
		}
		page := o.book(t, worker, id)
		if r := page.Book.Records[1]; r.Order == nil || r.Order.Court.Reveal() != "District court" || r.Basis != "court_order" {
			t.Errorf("the order = %+v", r)
		}
		if r := page.Book.Records[0]; r.Report == nil || r.Report.Child != "unsafe" || r.Basis != "legal_obligation" {
			t.Errorf("the report = %+v", r)
		}
		if got := o.inForce(t, worker, id, "justice"); got != nil {
			t.Errorf("what was recorded permits %v from now on, want nothing", got)
		}
		kinds := []string{}
		for _, e := range page.Child.Events {
			kinds = append(kinds, e.Kind)
		}
		if !slices.Contains(kinds, casework.KindConsentOrdered) || !slices.Contains(kinds, casework.KindConsentReported) {
			t.Errorf("the timeline has %v", kinds)
		}
	})
}

func TestCompelledDisclosureIsWhole(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	for _, tt := range []struct {
		name, field, code string
		change            func(*consent.Record)
	}{
		{"no court", "order_court", "required", func(r *consent.Record) { r.Order.Court = sealed.Text{} }},
		{"nobody reviewed it", "order_reviewer", "required", func(r *consent.Record) { r.Order.Reviewer = sealed.Text{} }},
		{"nothing found", "order_finding", "required", func(r *consent.Record) { r.Order.Finding = sealed.Text{} }},
		{"handed over before the review", "passed_on", "before-review", func(r *consent.Record) { r.On = date("2026-02-22") }},
		{"handed over before the order", "passed_on", "before-order", func(r *consent.Record) { r.On = date("2026-02-19") }},
		{"the child is told afterwards", "order_child", "told-first", func(r *consent.Record) { r.On = date("2026-02-25") }},
		{"the child is not told", "order_child", "required", func(r *consent.Record) { r.Order.Child = sealed.Date{} }},
		{"the lawyer is not told", "order_lawyer", "required", func(r *consent.Record) { r.Order.Lawyer = sealed.Date{} }},
		{"nobody could object", "order_objection", "required", func(r *consent.Record) { r.Order.Objection = "" }},
		{"an objection without words", "order_objected", "required", func(r *consent.Record) { r.Order.Objected = sealed.Text{} }},
		{"nothing in particular", "passed_what", "required", func(r *consent.Record) { r.What = sealed.Text{} }},
		{"to nobody", "recipient_name", "required", func(r *consent.Record) { r.Name = sealed.Text{} }},
		{"no order at all", "order_court", "required", func(r *consent.Record) { r.Order = nil }},
	} {
		rec := courtOrder()
		tt.change(&rec)
		err := o.room.RecordOrder(ctx, worker, command(), id, rec)
		if !slices.Contains(fault.FieldsOf(err), fault.Field{Name: tt.field, Code: tt.code}) {
			t.Errorf("%s: %v, want %s at %s", tt.name, fault.FieldsOf(err), tt.code, tt.field)
		}
	}
	forbidden := courtOrder()
	forbidden.Order.Forbids, forbidden.Order.Child, forbidden.Order.Lawyer = "yes", sealed.Date{}, sealed.Date{}
	if err := o.room.RecordOrder(ctx, worker, command(), id, forbidden); err != nil {
		t.Errorf("an order that forbids telling: %v", err)
	}
	for name, change := range map[string]func(*consent.Record){
		"norm":             func(r *consent.Record) { r.Norm = sealed.Text{} },
		"report_deadline":  func(r *consent.Record) { r.Report.Deadline = sealed.Date{} },
		"report_child":     func(r *consent.Record) { r.Report.Child = "" },
		"report_child_why": func(r *consent.Record) { r.Report.ChildWhy = sealed.Text{} },
		"report_why":       func(r *consent.Record) { r.Report.Why = "" },
	} {
		rec := duty()
		change(&rec)
		err := o.room.RecordReport(ctx, worker, command(), id, rec)
		if !slices.Contains(fault.FieldsOf(err), fault.Field{Name: name, Code: "required"}) {
			t.Errorf("%s: %v, want required", name, fault.FieldsOf(err))
		}
	}
	for _, role := range []string{access.RoleCaseWorker, access.RoleGuardian, access.RoleLawyer, access.RoleInvestigator} {
		other := o.Person(role, o.North)
		if o.room.RecordOrder(ctx, other, command(), id, courtOrder()) == nil || o.room.RecordReport(ctx, other, command(), id, duty()) == nil {
			t.Errorf("%s records a disclosure in a case that is not theirs", role)
		}
	}
}
