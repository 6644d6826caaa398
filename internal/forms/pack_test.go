package forms_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/forms"
	"causeway/internal/pack"
)

// packForm reads a form of the neutral pack.
func packForm(t testing.TB, name string) *forms.Form {
	t.Helper()
	p, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	f, err := forms.Parse(p.Form(name), p)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

// TestThePackHasAFormForEveryStep names the forms of the whole way of a child.
func TestThePackHasAFormForEveryStep(t *testing.T) {
	p, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	steps := map[string]bool{}
	for _, name := range []string{
		"registration", "rapid_assessment", "full_assessment", "bia_short", "bia_full", "bid", "bid_review", "panel_undertaking",
		"plan", "service", "visit", "placement", "durable_solution", "reintegration_followup", "closure",
	} {
		if !slices.Contains(p.Forms(), name) {
			t.Errorf("the pack has no form %s", name)
			continue
		}
		steps[packForm(t, name).Step] = true
	}
	for _, step := range forms.Steps() {
		if step != "other" && !steps[step] {
			t.Errorf("no form is for the step %s", step)
		}
	}
}

func TestReintegrationIsScoredBySides(t *testing.T) {
	f := packForm(t, "reintegration_followup")
	as := forms.Answers{"how_met": code("home"), "heard": code("yes"), "contact_trafficker": code("yes")}
	for _, area := range []string{"safety", "care", "health", "learning", "wellbeing", "inclusion", "status"} {
		as["work_"+area], as["child_"+area] = number(4), number(3)
	}
	as["child_wellbeing"] = state(forms.Refused)
	v := f.Look(as, today)
	if got := v.Answers["work_total"].Number; got != 28 {
		t.Errorf("the worker's sum = %v, want 28", got)
	}
	if v.Answers["child_total"].State != forms.Blank {
		t.Error("a sum over what the child did not want to say was made up")
	}
	if !v.Shown("differs") || v.Shown("work_low") {
		t.Error("the child sees it worse: that is said; nothing is low for the worker")
	}
	if !slices.Equal(v.Urgent, []string{"danger"}) || !v.Shown("signs_stop") {
		t.Errorf("urgent = %v for a child in contact with a suspect, want danger and a word about it", v.Urgent)
	}
	as["heard"] = code("no")
	if v = f.Look(as, today); v.Shown("child_scores") || v.Shown("child_safety") {
		t.Error("a child who was not heard is scored by nobody else")
	}
}

func TestClosureStopsWhatMayNotBeClosed(t *testing.T) {
	f := packForm(t, "closure")
	for name, c := range map[string]struct {
		as    forms.Answers
		shown string
	}{
		"declined by a carer alone": {forms.Answers{"close_reason": code("declined"), "declined_by": code("carer")}, "carer_stop"},
		"a trafficked child":        {forms.Answers{"close_reason": code("unreachable"), "trafficked": code("yes")}, "missing_stop"},
		"at medium risk":            {forms.Answers{"close_reason": code("goals_met"), "risk_now": code("medium")}, "risk_stop"},
	} {
		if !f.Look(c.as, today).Shown(c.shown) {
			t.Errorf("%s: nothing says that this may not be", name)
		}
	}
	if v := f.Look(forms.Answers{"close_reason": code("death")}, today); v.Shown("child_told") || v.Shown("condition") {
		t.Error("the form asks after a child who has died")
	}
}

func TestASolutionIsComparedAndNotForced(t *testing.T) {
	f := packForm(t, "durable_solution")
	as := forms.Answers{"ways": group(forms.Answers{"way": code("return")}), "asylum_asked": code("yes"), "asylum_need": code("yes")}
	v := f.Look(as, forms.Env{Today: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)})
	if !v.Shown("ways_few") || !v.Shown("origin_stop") || v.Shown("preparation") {
		t.Error("one way is called a choice, the country of origin may be asked, or a return is prepared before it was decided")
	}
	if !slices.Contains(v.MissingToFinish, "ways.0.risk_again") || !slices.Contains(v.MissingToFinish, "chosen") {
		t.Errorf("missing = %v, want the risks of each way and the decision", v.MissingToFinish)
	}
}

// big is the longest form of the pack, with most questions answered.
func big(t testing.TB) (*forms.Form, forms.Answers) {
	f, as := packForm(t, "full_assessment"), forms.Answers{}
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			switch q := &f.Sections[i].Fields[j]; q.Kind {
			case forms.KindAnswer:
				as[q.ID] = code("yes")
			case forms.KindWords, forms.KindText:
				as[q.ID] = words("A sentence about an invented child.")
			}
		}
	}
	return f, as
}

func BenchmarkParse(b *testing.B) {
	p, err := pack.Default()
	if err != nil {
		b.Fatal(err)
	}
	body := p.Form("full_assessment")
	for b.Loop() {
		if _, err := forms.Parse(body, p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLook(b *testing.B) {
	f, as := big(b)
	for b.Loop() {
		f.Look(as, today)
	}
}

func BenchmarkCheckFinish(b *testing.B) {
	f, as := big(b)
	for b.Loop() {
		_ = f.CheckFinish(as, today)
	}
}

func BenchmarkRebase(b *testing.B) {
	f, as := big(b)
	for b.Loop() {
		forms.Rebase(f, as, as, as)
	}
}
