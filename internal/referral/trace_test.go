package referral_test

import (
	"errors"
	"slices"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
)

// unmet asks what is missing before a child may be looked for in the other country.
func (n *country) unmet(t testing.TB, of ident.Case) (out []string) {
	t.Helper()
	act := access.Act{Action: "match.enter", Purpose: "maintenance", Case: of}
	errLook := errors.New("only looked")
	_, err := n.Gate.Do(ctx, n.Gate.Job("match"), act, func(p *access.Pass) (_ string, err error) {
		if out, err = n.room.MayTrace(ctx, p, n.other.code, n.other.code); err != nil {
			return "", err
		}
		return "", errLook
	})
	if !errors.Is(err, errLook) {
		t.Fatal(err)
	}
	return out
}

// traceable returns the cases that it is worth asking about.
func (n *country) traceable(t testing.TB) (out []ident.Case) {
	t.Helper()
	err := n.Gate.Work(ctx, n.Gate.Job("match"), access.Act{Action: "match.look", Purpose: "maintenance"}, func(p *access.Pass) (err error) {
		out, err = n.room.Traceable(ctx, p, n.other.code, ident.Case{}, 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (n *country) traces(t testing.TB, of ident.Case, state string, to consent.Recipient) {
	t.Helper()
	day, _ := sealed.ParseDate("2026-03-01")
	err := n.cases.RecordAnswer(ctx, n.again(n.amal), command(), of, consent.Record{
		Purpose: "tracing", State: state, Recipient: to,
		Details: consent.Details{
			Who: "child", Version: sealed.NewText("1"), Language: "en", On: day, ExplainedBy: sealed.NewText("Amal"), Interpreter: "not_needed",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func wantUnmet(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v is missing, want %v", what, got, want)
	}
}

// TestTracingNeedsAllThree: a child is looked for in a country only with a consent that
// names it, or a best-interests decision in its place, after the protection check of it, and
// while nobody hides the child from it.
func TestTracingNeedsAllThree(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		a, _ := across(t, o, accesstest.New(t))
		of := a.child(t)
		wantUnmet(t, "at first", a.unmet(t, of), referral.UnmetProtection, referral.UnmetConsent)
		a.traces(t, of, consent.Given, consent.Recipient{})
		a.traces(t, of, consent.Given, consent.Land("XB"))
		wantUnmet(t, "with consents that do not name it", a.unmet(t, of), referral.UnmetProtection, referral.UnmetConsent)
		if got := a.traceable(t); len(got) != 0 {
			t.Errorf("nobody agreed, and %d are offered", len(got))
		}
		a.traces(t, of, consent.Given, consent.Land("XC"))
		wantUnmet(t, "with one that does", a.unmet(t, of), referral.UnmetProtection)
		if got := a.traceable(t); !slices.Equal(got, []ident.Case{of}) {
			t.Errorf("offered are %v", got)
		}
		a.protects(t, a.boss, of, "need", "clear")
		wantUnmet(t, "with a check that does not pass", a.unmet(t, of), referral.UnmetProtection)
		a.checked(t, of)
		wantUnmet(t, "with one that passes", a.unmet(t, of))

		hide := casework.Withholding{Unit: ident.Unit(consent.Land("XC")), Decided: sealed.NewText("The child"), Why: sealed.NewText("His father works there.")}
		if err := a.cases.WithholdFrom(ctx, a.again(a.boss), command(), of, hide, nil); err != nil {
			t.Fatal(err)
		}
		wantUnmet(t, "hidden from it", a.unmet(t, of), referral.UnmetHidden)
		_, err := a.sends(of, a.letterTo("referral"))
		wrong(t, "a referral there", err, "abroad_office", referral.UnmetHidden)

		other := a.child(t)
		a.checked(t, other)
		a.traces(t, other, consent.Given, consent.Land("XC"))
		wantUnmet(t, "another child", a.unmet(t, other))
		day, _ := sealed.ParseDate("2026-03-02")
		rec := consent.Record{Purpose: "tracing", Recipient: consent.Land("XC"), Details: consent.Details{Who: "both", On: day}}
		if err := a.cases.WithdrawConsent(ctx, a.again(a.amal), command(), other, rec); err != nil {
			t.Fatal(err)
		}
		wantUnmet(t, "after it was taken back", a.unmet(t, other), referral.UnmetConsent)
	})
}

// TestADecisionStandsForConsent: on another basis than consent that names the country, a
// child is looked for once a court's or authority's decision, or a determination, stands.
func TestADecisionStandsForConsent(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		a, _ := across(t, o, accesstest.New(t))
		of := a.child(t)
		a.checked(t, of)
		a.decided(t, of)
		wantUnmet(t, "a decision that names no country", a.unmet(t, of), referral.UnmetConsent)
		rec := consent.Record{
			Purpose: "tracing", Recipient: consent.Land("XC"), Basis: "public_task",
			Details: consent.Details{Norm: sealed.NewText("Children's Act, article 31"), Paper: sealed.NewText("File 7")},
		}
		if err := a.cases.StateBasis(ctx, a.again(a.boss), command(), of, rec); err != nil {
			t.Fatal(err)
		}
		wantUnmet(t, "a decision, and a basis that names it", a.unmet(t, of))
		other := a.child(t)
		a.checked(t, other)
		if err := a.cases.StateBasis(ctx, a.again(a.boss), command(), other, rec); err != nil {
			t.Fatal(err)
		}
		wantUnmet(t, "a basis that names it, and no decision", a.unmet(t, other), referral.UnmetConsent)
	})
}
