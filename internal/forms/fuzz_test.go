package forms_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"causeway/internal/forms"
	"causeway/internal/sealed"
)

// FuzzParse: whatever a file holds, it is read or refused, and what was read can
// be worked out.
func FuzzParse(f *testing.F) {
	f.Add(small(f))
	f.Add(strings.Replace(small(f), `safe_now == \"no\"`, `given(why)`, 1))
	f.Add(`{"form": "x", "sections": [{}]}`)
	f.Add("[")
	f.Fuzz(func(t *testing.T, source string) {
		form, err := forms.Parse([]byte(source), lists{})
		if (form == nil) == (err == nil) {
			t.Fatal("either a form or an error")
		}
		if form != nil {
			form.Look(forms.Answers{}, today)
		}
	})
}

// FuzzCondition: an expression is refused, or has an answer for blank and for
// full forms.
func FuzzCondition(f *testing.F) {
	base := small(f)
	for _, s := range []string{`safe_now == "no"`, `today - on > 3 && !given(event)`, `-sum(members, "years_old") * 2 / 0 < 1`, `((((1))))`, "`", `on + 9999999999 == today`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, condition string) {
		b, err := json.Marshal(condition)
		if err != nil {
			t.Skip()
		}
		for _, place := range []string{
			`{"id": "asked", "kind": "text", "label": {"en": "x", "fr": "x"}, "show": ` + string(b) + `},`,
			`{"id": "asked", "kind": "calculated", "label": {"en": "x", "fr": "x"}, "value": ` + string(b) + `},`,
		} {
			form, err := forms.Parse([]byte(strings.Replace(base, `{"id": "opinion"`, place+`{"id": "opinion"`, 1)), lists{})
			if err != nil {
				continue
			}
			form.Look(forms.Answers{}, today)
			form.Look(someAnswers(t, rand.New(rand.NewPCG(1, 2))), today)
		}
	})
}

// someAnswers answers the small form at random.
func someAnswers(t testing.TB, r *rand.Rand) forms.Answers {
	a := forms.Answers{}
	put := func(into forms.Answers, id string, given forms.Answer) {
		switch r.IntN(4) {
		case 0:
			into[id] = state(forms.States()[r.IntN(3)])
		case 1, 2:
			into[id] = given
		}
	}
	put(a, "on", day(t, fmt.Sprintf("2026-01-%02d", 1+r.IntN(28))))
	put(a, "event", day(t, []string{"2024", "2025-11", "2026-02-03"}[r.IntN(3)]))
	put(a, "safe_now", code([]string{forms.Yes, forms.No}[r.IntN(2)]))
	put(a, "why", words("because"))
	put(a, "signs", forms.Answer{State: forms.Given, Codes: []string{"hurt", "afraid"}[:1+r.IntN(2)]})
	put(a, "risk", code("low"))
	put(a, "opinion", words("good"))
	items := make([]forms.Answers, r.IntN(4))
	for i := range items {
		items[i] = forms.Answers{}
		put(items[i], "years_old", number(float64(r.IntN(60))))
		put(items[i], "school", code(forms.Yes))
		put(items[i], "who", forms.Answer{State: forms.Given, Person: &forms.Link{Name: sealed.NewText("Noor")}})
	}
	if len(items) > 0 {
		a["members"] = group(items...)
	}
	return a
}

// TestHiddenNeverBlocks: over random forms of conditions and random answers, a
// field that is not shown is never missing, and once what is missing was
// answered the form can be finished. Dropping what is not shown changes nothing.
func TestHiddenNeverBlocks(t *testing.T) {
	conditions := []string{
		`safe_now`, `!safe_now`, `given(event)`, `age < 12`, `today - on > 20`, `has(signs, "hurt")`,
		`count(members) > 1`, `state(safe_now) == "refused"`, `sum(members, "years_old") > 30`, `event < on`,
	}
	r := rand.New(rand.NewPCG(7, 11))
	for range 300 {
		one, two := conditions[r.IntN(len(conditions))], conditions[r.IntN(len(conditions))]
		source := strings.Replace(small(t), `{"id": "opinion"`,
			`{"id": "first", "kind": "text", "need": "finish", "label": {"en": "x", "fr": "x"}, "show": `+quote(one)+`},
			 {"id": "second", "kind": "answer", "need": "save", "label": {"en": "x", "fr": "x"}, "show": `+quote(two+" || given(first)")+`},
			 {"id": "opinion"`, 1)
		f, a := parse(t, source), someAnswers(t, r)
		env := today
		env.AgeKnown, env.Youngest, env.Oldest = r.IntN(2) == 0, 10, 10+r.IntN(4)
		v := f.Look(a, env)
		for _, at := range append(v.MissingToFinish, v.MissingToSave...) {
			if !v.Shown(at) {
				t.Fatalf("%s is missing and not shown (%s, %s)", at, one, two)
			}
		}
		for step := 0; len(v.MissingToFinish) > 0; step++ {
			if step > 20 {
				t.Fatalf("still missing: %v", v.MissingToFinish)
			}
			answer(t, a, v.MissingToFinish[0])
			v = f.Look(a, env)
		}
		if err := f.CheckFinish(v.Finished(), env); err != nil {
			t.Fatalf("a form with nothing missing is refused: %v", err)
		}
		again := f.Look(v.Finished(), env)
		if len(again.MissingToFinish) != 0 {
			t.Fatalf("after what is hidden was dropped, %v is missing", again.MissingToFinish)
		}
	}
}

// answer answers one missing place of the small form.
func answer(t *testing.T, a forms.Answers, at string) {
	t.Helper()
	switch parts := strings.Split(at, "."); {
	case len(parts) == 3:
		a[parts[0]].Groups[int(parts[1][0]-'0')][parts[2]] = state(forms.NotAsked)
	case at == "on":
		a[at] = day(t, "2026-03-01")
	case at == "second":
		a[at] = code(forms.No)
	default:
		a[at] = state(forms.Unknown)
	}
}
