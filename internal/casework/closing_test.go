package casework_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// twoForms ask the same question; the second also one that only supervisors read,
// and one inside a group.
type twoForms struct{ *pack.Pack }

func (p twoForms) Forms() []string { return []string{"first", "second"} }

func (p twoForms) Form(id string) []byte {
	more := ""
	if id == "second" {
		more = `,
  {"id": "closed_part", "read": ["supervisor"], "title": {"en": "Closed", "fr": "Fermé", "ar": "مغلق"}, "fields": [
   {"id": "threatened", "kind": "answer", "urgent": {"yes": "danger"}, "label": {"en": "Threats?", "fr": "Menaces ?", "ar": "تهديد؟"}},
   {"id": "places", "kind": "group", "label": {"en": "Places", "fr": "Lieux", "ar": "أماكن"}, "fields": [
    {"id": "hurt_there", "kind": "answer", "urgent": {"yes": "medical"}, "label": {"en": "Hurt?", "fr": "Blessé ?", "ar": "أذى؟"}}
   ]}
  ]}`
	}
	return []byte(`{
 "form": "` + id + `", "version": 1, "source": "invented for the tests", "confidence": "house choice",
 "title": {"en": "` + id + `", "fr": "` + id + `", "ar": "` + id + `"},
 "sections": [
  {"id": "open_part", "title": {"en": "Open", "fr": "Ouvert", "ar": "مفتوح"}, "fields": [
   {"id": "safe_now", "kind": "answer", "need": "finish", "urgent": {"no": "danger"}, "label": {"en": "Safe?", "fr": "Sûr ?", "ar": "آمن؟"}},
   {"id": "harm_when", "kind": "choice", "urgent": {"days_3": "pep72", "days_5": "ec120"}, "label": {"en": "When?", "fr": "Quand ?", "ar": "متى؟"},
    "options": [{"code": "days_3", "label": {"en": "3", "fr": "3", "ar": "3"}}, {"code": "days_5", "label": {"en": "5", "fr": "5", "ar": "5"}},
     {"code": "longer", "label": {"en": "more", "fr": "plus", "ar": "أكثر"}}]},
   {"id": "remark", "kind": "text", "label": {"en": "Remark", "fr": "Remarque", "ar": "ملاحظة"}}
  ]}` + more + `
 ]
}`)
}

// closer is a case that could be closed but for what cannot wait.
type closer struct {
	*office
	t  *testing.T
	by *access.Caller
	id ident.Case
}

func newCloser(t *testing.T, o *office) *closer {
	t.Helper()
	lib, err := forms.NewLibrary(twoForms{o.Pack})
	ok(t, err)
	ok(t, o.DB.Write(ctx, func(tx *store.Tx) error { return lib.Install(ctx, tx) }))
	o.room.Fill(forms.New(lib))
	c := &closer{o, t, o.Person(access.RoleCaseWorker, o.North), ident.Case{}}
	c.id = o.register(t, c.by)
	ok(t, o.room.ChangeRisk(ctx, c.by, command(), c.id, casework.Decision{To: "low", Text: sealed.NewText("Looked at again.")}))
	return c
}

// form saves a form; record is the one that is corrected, zero for a new one.
func (c *closer) form(by *access.Caller, form string, record ident.Record, base int64, finish bool, answers forms.Answers) ident.Record {
	c.t.Helper()
	id, err := c.room.SaveRecord(ctx, by, command(), c.id, casework.RecordInput{
		Form: form, Record: record, Base: base, Finish: finish, Answers: answers,
	})
	ok(c.t, err)
	return id
}

func (c *closer) finish(form string, answers forms.Answers) ident.Record {
	c.t.Helper()
	return c.form(c.by, form, ident.Record{}, 0, true, answers)
}

func (c *closer) seeTo(code, outcome string) {
	c.t.Helper()
	ok(c.t, c.room.SeeToUrgent(ctx, c.by, command(), c.id, code, outcome, sealed.NewText("At the clinic.")))
}

func (c *closer) close(reason string) error {
	return c.room.Close(ctx, c.by, command(), c.id, casework.Closing{
		Decision: casework.Decision{To: reason}, Continues: sealed.NewText("School."), LastWord: sealed.NewText("Bye."), Declined: "child",
	})
}

// stands compares what stands against closing with "code", "code flag" and
// "code form question answer" in their order, and tries to close.
func (c *closer) stands(what string, want ...string) {
	c.t.Helper()
	page, err := c.room.ToClose(ctx, c.by, c.id)
	ok(c.t, err)
	var got []string
	for _, a := range page.Against {
		line := a.Code
		switch q := a.Answer; {
		case a.Flag != nil:
			line += " flag"
		case q != nil && q.Field == nil:
			line += " " + q.Form.ID
		case q != nil:
			line += strings.Join([]string{"", q.Form.ID, q.Question, q.Answer.Code}, " ")
		}
		if a.Answer != nil && a.Acting {
			line += " acting"
		}
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("%s: %q stand against closing, want %q", what, got, want)
	}
	if len(want) > 0 {
		code(c.t, what, c.close("goals_met"), "urgent-first")
	}
}

func safe(code string) forms.Answers { return forms.Answers{"safe_now": given(code)} }

func TestACaseIsNotClosedWhileAFormSaysDanger(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := newCloser(t, o)
		c.stands("nothing was said")
		draft := c.form(c.by, "first", ident.Record{}, 0, false, safe(forms.No))
		c.stands("a form that is not finished opened an action", "danger")
		c.seeTo("danger", casework.SeenToDone)
		c.stands("the action was ended")
		c.form(c.by, "first", draft, 1, true, nil)
		c.stands("what was seen to is finished as it was")
		c.finish("second", safe(forms.No))
		c.stands("said again", "danger", "danger second safe_now no acting")
		c.finish("first", safe(forms.Yes))
		c.stands("answered otherwise in another form; the action is open", "danger")
		c.seeTo("danger", "not_needed")
		c.stands("answered otherwise, and the action ended")
		none(t, "closed", c.close("goals_met"))
	})
}

func TestTheNewestFinishedAnswerCounts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := newCloser(t, o)
		first := c.finish("first", safe(forms.No))
		c.seeTo("danger", casework.SeenToDone)
		c.finish("second", safe(forms.Yes))
		c.form(c.by, "first", first, 1, false, forms.Answers{"remark": written("Spelling.")})
		c.stands("an older form was corrected elsewhere")
		c.form(c.by, "first", first, 2, false, safe(forms.Yes))
		c.form(c.by, "first", first, 3, false, safe(forms.No))
		c.stands("the older form was corrected to danger", "danger", "danger first safe_now no acting")
		c.seeTo("danger", casework.SeenToDone)
		c.finish("first", forms.Answers{"safe_now": {State: forms.Unknown}})
		c.stands("not known takes nothing back that was seen to")
		c.finish("first", forms.Answers{"safe_now": given(forms.Yes), "harm_when": given("days_3")})
		c.finish("second", forms.Answers{"safe_now": given(forms.Yes), "harm_when": given("days_5")})
		c.stands("both clinics", "pep72", "ec120", "ec120 second harm_when days_5 acting")
		c.seeTo("pep72", "not_possible")
		c.seeTo("ec120", "child_declined")
		c.stands("both ended")
	})
}

// What closing cut off without an outcome is open again in a case that is opened
// again.
func TestUrgentActionsOutliveAClosing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := newCloser(t, o)
		boss := o.Person(access.RoleSupervisor, o.North)
		c.finish("first", safe(forms.No))
		for _, reason := range o.Pack.Codes(pack.CloseReasons) {
			if slices.Contains(o.Pack.CloseGate(reason).Needs, pack.NeedNoUrgent) == slices.Contains([]string{"death", "duplicate", "error"}, reason) {
				t.Errorf("%s: only of a child who died, or who is not here, nothing is asked", reason)
			}
		}
		none(t, "opened in error", c.close("error"))
		o.Clock.Advance(time.Hour)
		ok(t, o.room.Reopen(ctx, boss, command(), c.id, casework.Decision{To: "other", Text: sealed.NewText("It was the right child.")}))
		c.by = o.again(c.by)
		c.stands("opened again", "danger", "danger first safe_now no acting")
		c.seeTo("danger", casework.SeenToDone)
		none(t, "a child who died", c.close("death"))
		ok(t, o.room.Reopen(ctx, boss, command(), c.id, casework.Decision{To: "other", Text: sealed.NewText("Another child.")}))
		c.stands("what was seen to stays so")

		c.finish("first", safe(forms.No))
		none(t, "a child who died", c.close("death"))
		o.Clock.Advance(time.Hour)
		c.by = o.again(c.by)
		c.finish("first", safe(forms.No))
		o.Clock.Advance(time.Hour)
		c.by = o.again(c.by)
		c.seeTo("danger", casework.SeenToDone)
		ok(t, o.room.Reopen(ctx, o.again(boss), command(), c.id, casework.Decision{To: "other", Text: sealed.NewText("Another child.")}))
		c.stands("cut off, and seen to while the case was closed")
	})
}

func TestFlagsAndWhatNotEverybodyReads(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := newCloser(t, o)
		boss := o.Person(access.RoleSupervisor, o.North)
		for _, reason := range []string{"danger", "court"} {
			ok(t, o.room.PutFlag(ctx, c.by, command(), c.id, casework.Flag{Reason: reason, Text: sealed.NewText("A man at the gate.")}))
		}
		c.stands("a flag", "danger flag")
		child := o.open(t, c.by, c.id)
		for _, f := range child.Flags {
			ok(t, o.room.ResolveFlag(ctx, c.by, command(), c.id, f.ID, sealed.NewText("He is in custody.")))
		}
		c.stands("the flag is down")
		record := c.form(boss, "second", ident.Record{}, 0, true, forms.Answers{
			"safe_now": given(forms.Yes), "threatened": given(forms.Yes),
			"places": {State: forms.Given, Groups: []forms.Answers{{"hurt_there": given(forms.No)}, {"hurt_there": given(forms.Yes)}}},
		})
		page, err := o.room.ToClose(ctx, boss, c.id)
		ok(t, err)
		if n := len(page.Against); n != 4 || page.Against[2].Answer.Field == nil || page.Against[3].Answer.Question != "places.hurt_there" || page.Against[3].Answer.Answer.Code != forms.Yes {
			t.Errorf("%d things stand against closing for a supervisor: %+v", n, page.Against)
		}
		c.stands("what a worker does not read", "danger", "medical", "danger second acting", "medical second acting")
		c.seeTo("danger", casework.SeenToDone)
		c.form(boss, "second", record, 1, false, safe(forms.No))
		c.stands("a second danger of the same form opens an action of its own", "danger", "medical", "danger second safe_now no acting", "medical second acting")
	})
}

func TestClosingForm(t *testing.T) {
	o := open(t, accesstest.New(t))
	c := newCloser(t, o)
	c.finish("first", safe(forms.No))
	for name, by := range map[string]*access.Caller{
		"a colleague": o.Person(access.RoleCaseWorker, o.North), "an auditor": o.Person(access.RoleAuditor, o.North),
		"the operator": o.Person(access.RoleNodeOperator, o.North), "a responder": o.responder(), "nobody": nil,
	} {
		if _, err := o.room.ToClose(ctx, by, c.id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s sees what stands against closing: %v", name, err)
		}
	}
	// A closing that was carried out is not refused for what was said since.
	c.seeTo("danger", casework.SeenToDone)
	cmd, d := command(), casework.Closing{Decision: casework.Decision{To: "goals_met"}, Continues: sealed.NewText("School.")}
	none(t, "closed", o.room.Close(ctx, c.by, cmd, c.id, d))
	c.finish("second", safe(forms.No))
	none(t, "the same command again", o.room.Close(ctx, c.by, cmd, c.id, d))
	code(t, "unread, of a case with forms", o.room.CloseUnread(ctx, c.by, command(), o.withForm(t, c), d), "urgent-first")
	quiet := o.register(t, c.by)
	none(t, "low", o.room.ChangeRisk(ctx, c.by, command(), quiet, casework.Decision{To: "low", Text: sealed.NewText("x")}))
	none(t, "unread, of a case without", o.room.CloseUnread(ctx, c.by, command(), quiet, d))
}

// withForm is another case about which a form was saved.
func (o *office) withForm(t *testing.T, c *closer) ident.Case {
	t.Helper()
	id := o.register(t, c.by)
	_, err := o.room.SaveRecord(ctx, c.by, command(), id, casework.RecordInput{Form: "first", Answers: safe(forms.Yes)})
	ok(t, err)
	return id
}
