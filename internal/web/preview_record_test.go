package web_test

import (
	"time"

	"causeway/internal/web"
)

// recordPreviews are the pages of the forms about a child.
func recordPreviews(s scene) []preview {
	f := s.frame("children")
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	c := s.child(0)
	at := c.Href + "/forms"
	records := []web.FormRecord{
		{Href: at + "/1", Title: s.title("Rapid assessment", "Évaluation rapide", "التقييم السريع"), State: "draft", At: previewNow.Add(-2 * time.Hour), By: "Hana T.", Times: 3, Urgent: []string{"medical"}},
		{Href: at + "/2", Title: s.title("Registration", "Enregistrement", "التسجيل"), State: "finished", At: previewNow.AddDate(0, 0, -12), By: "عمر السيد", Times: 1},
	}
	begin := []web.FormStep{
		{Key: "assess", Forms: []web.FormLink{{Href: c.Href + "/form/full_assessment", Title: s.title("Full assessment", "Évaluation complète", "التقييم الكامل"), Help: s.title("The whole picture, in several talks.", "Toute la situation, en plusieurs entretiens.", "الصورة الكاملة في عدة لقاءات.")}}},
		{Key: "care", Forms: []web.FormLink{{Href: c.Href + "/form/visit", Title: s.title("Visit", "Visite", "الزيارة")}, {Href: c.Href + "/form/placement", Title: s.title("Placement", "Placement", "الإيواء")}}},
	}
	picked := form(at, map[string][]string{"on": {"2026-11-20"}})
	then := records[1:]
	title := records[0].Title
	fill := web.FormFill{
		Frame: f, Child: c, Form: s.asked(form(at+"/1/edit", nil)), Title: title, State: "draft", Parts: s.parts(false), Urgent: []string{"medical", "danger"},
		Help: s.title("Ask alone and without hurry.", "Posez les questions seul à seul, sans hâte.", "اسأل على انفراد ومن غير عجلة."), Back: at + "/1",
	}
	wrong, clash, done := fill, fill, fill
	wrong.Form = s.asked(form(at+"/1/edit", nil, web.FieldError{Name: "a.on", Code: "required"}, web.FieldError{Name: "a.members.0.age", Code: "not-a-number"}))
	wrong.Parts = s.parts(true)
	clash.Clash, clash.Parts = true, s.clashed()
	done.Finished, done.State, done.Urgent = true, "finished", nil
	read := web.FormRead{
		Frame: f, Child: c, Title: title, Source: "inter-agency guidelines; wording ours", Confidence: "guidance", Version: 1, Revision: records[0],
		Urgent: []string{"medical"}, Missing: []string{s.title("Who is with the child?", "Qui est avec l’enfant ?", "من مع الطفل؟")}, Edit: at + "/1/edit", Href: at + "/1",
		Parts: []web.ReadPart{{Title: s.title("Safety", "Sécurité", "الأمان"), Lines: []web.ReadLine{
			{Label: s.title("Is the child safe now?", "L’enfant est-il en sécurité ?", "هل الطفل في أمان؟"), Text: s.l.Word("answer", "no")},
			{Label: s.title("What did the child say?", "Qu’a dit l’enfant ?", "ماذا قال الطفل؟"), Text: "أريد أن أعود إلى المدرسة.", Lang: "ar"},
			{Label: s.title("Family", "Famille", "الأسرة"), Rows: [][]web.ReadLine{
				{{Label: s.title("Name", "Nom", "الاسم"), Text: "Aunt Meron"}, {Label: s.title("Age", "Âge", "العمر"), Text: "41"}}, {{Label: s.title("Name", "Nom", "الاسم"), Text: "سارة"}},
			}},
			{Label: s.title("Place", "Lieu", "المكان")},
		}}},
	}
	old, paper := read, read
	old.On, old.Older, old.Edit, old.Missing = day(-4), true, "", nil
	paper.Print, paper.Edit, paper.Missing = true, "", nil
	past := read
	past.Older, past.Edit, past.Missing = true, "", nil
	return []preview{
		{"forms", web.ChildForms{Frame: f, Child: c, Records: records, Begin: begin, Day: form(at, nil)}},
		{"forms-on", web.ChildForms{Frame: f, Child: c, Records: then, Day: picked, On: day(-4)}},
		{"forms-empty", web.ChildForms{Frame: f, Child: c, Begin: begin, Day: form(at, map[string][]string{"on": {"2027-01-01"}}, web.FieldError{Name: "on", Code: "in-the-future"})}},
		{"forms-closed", web.ChildForms{Frame: f, Child: c, Records: then, Day: form(at, nil), Closed: true}},
		{"formfill", fill},
		{"formfill-wrong", wrong},
		{"formfill-clash", clash},
		{"formfill-correct", done},
		{"formread", read},
		{"formread-on", old},
		{"formread-older", past},
		{"formread-print", paper},
		{"formhistory", web.FormHistory{Frame: f, Child: c, Title: title, Href: at + "/1", Saves: []web.FormSave{
			{FormRecord: web.FormRecord{Href: at + "/1?revision=2", State: "finished", At: previewNow, By: "عمر السيد"}, Changes: []web.FormChange{
				{Label: s.title("Is the child safe now?", "L’enfant est-il en sécurité ?", "هل الطفل في أمان؟"), From: s.l.Word("answer", "unknown"), To: s.l.Word("answer", "no")},
				{Label: s.title("What did the child say?", "Qu’a dit l’enfant ?", "ماذا قال الطفل؟"), To: "أريد أن أعود إلى المدرسة."},
			}},
			{FormRecord: web.FormRecord{Href: at + "/1?revision=1", State: "draft", At: previewNow.AddDate(0, 0, -1), By: "Hana T."}},
		}}},
	}
}

// title is a text of an invented form in the scene's language.
func (s scene) title(en, fr, ar string) string {
	return map[string]string{"en": en, "fr": fr, "ar": ar}[s.l.Code()]
}

func (s scene) asked(f web.Form) web.Form {
	return f.Ask("a.on", s.title("Day", "Jour", "اليوم")).Ask("a.members.0.age", s.title("Age", "Âge", "العمر"))
}

func (s scene) ask(name, en, fr, ar string) web.Input {
	return web.Input{Name: "a." + name, ID: "f-a." + name, Label: s.title(en, fr, ar), Type: "text", Dir: "auto", Capital: "sentences", Rows: 4, Blank: s.l.T("form.choose")}
}

func choices(options []web.Option, on string) []web.Choice {
	out := make([]web.Choice, len(options))
	for i, o := range options {
		out[i] = web.Choice{Value: o.Value, Label: o.Label, Hint: o.Hint, On: o.Value == on}
	}
	return out
}

func (s scene) states(name, on string) web.Input {
	in := s.ask(name+":state", "", "", "")
	in.Label, in.Size, in.Options = s.l.T("forms.state"), "short", choices(web.Options(s.l, "answer", "unknown", "not_asked", "refused"), on)
	return in
}

// parts is a form with a question of every kind.
func (s scene) parts(wrong bool) []web.FormPart {
	field := func(kind string, in web.Input) web.FormField {
		return web.FormField{Kind: kind, At: in.Name, Input: in}
	}
	on := s.ask("on", "Day", "Jour", "اليوم")
	on.Parts = []web.Input{}
	for i, part := range []string{"day", "month", "year"} {
		p := web.Input{Name: "a.on_" + part, ID: "f-a.on", Label: s.l.T("date.part." + part), Capital: "none", Max: 4, Value: []string{"3", "11", "2026"}[i]}
		if i > 0 {
			p.ID += "-" + part
		}
		on.Parts = append(on.Parts, p)
	}
	event := on
	event.Name, event.ID, event.Label = "a.event", "f-a.event", s.title("When did it begin?", "Quand cela a-t-il commencé ?", "متى بدأ ذلك؟")
	event.Parts = append([]web.Input{}, on.Parts...)
	for i := range event.Parts {
		event.Parts[i].Name, event.Parts[i].ID = "a.event_"+[]string{"day", "month", "year"}[i], "f-a.event"+[]string{"", "-month", "-year"}[i]
	}
	sure := s.ask("event:sure", "", "", "")
	sure.Label, sure.Options, sure.Size = s.l.T("forms.sure"), choices(s.options("certainty"), "certain"), "short"
	safe := s.ask("safe", "Is the child safe now?", "L’enfant est-il en sécurité ?", "هل الطفل في أمان؟")
	safe.Type, safe.Options = "radio", choices(web.Answers(s.l), "no")
	signs := s.ask("signs", "What do you see?", "Que voyez-vous ?", "ماذا ترى؟")
	signs.Type, signs.Stacked, signs.Options = "checkbox", true, choices(s.options("risk_reason")[:5], "")
	words := s.ask("words", "What did the child say?", "Qu’a dit l’enfant ?", "ماذا قال الطفل؟")
	words.Value = "أريد أن أعود إلى المدرسة."
	said := field("words", words)
	lang := s.ask("words:language", "", "", "")
	lang.Label, lang.Options, lang.Size = s.l.T("forms.language"), choices(s.options("language")[:3], ""), "short"
	said.Aside = &web.Aside{Title: s.l.Word("formaside", "words"), Open: true, Inputs: []web.Input{lang, s.states("words", "")}}
	said.Carried = []web.Hidden{{Name: "a.words:direction", Value: "rtl"}}
	place := s.ask("place", "Where?", "Où ?", "أين؟")
	where := field("place", place)
	region := s.ask("place:region", "", "", "")
	region.Label, region.Options, region.Size = s.l.T("forms.region"), choices(s.options("region"), ""), "short"
	where.Extra, where.Aside = []web.Input{region}, &web.Aside{Title: s.l.Word("formaside", "state"), Inputs: []web.Input{s.states("place", "")}}
	list := s.ask("nation", "Which country?", "Quel pays ?", "أي بلد؟")
	list.Size, list.Options = "long", choices(s.options("nationality")[:20], "")
	file := s.ask("paper", "Paper", "Document", "مستند")
	who := s.ask("members.0.who", "Who", "Qui", "من")
	age := s.ask("members.0.age", "Age", "Âge", "العمر")
	age.Mode, age.Size, age.Value = "decimal", "short", "41"
	drop := s.ask("members.0.:drop", "", "", "")
	drop.Label = s.l.T("forms.drop")
	if wrong {
		on.Error, on.Describe = s.l.Error("required"), "f-a.on-error"
		age.Error, age.Describe, age.Value = s.l.Error("not-a-number"), "f-a.members.0.age-error", "old"
	}
	group := field("group", s.ask("members", "Who lives with the child?", "Qui vit avec l’enfant ?", "من يعيش مع الطفل؟"))
	group.Another = s.l.T("forms.more")
	group.Rows = []web.FormRow{
		{Title: s.l.T("forms.row", "n", 1), Drop: drop, Fields: []web.FormField{field("text", who), field("number", age)}},
		{Title: s.l.T("forms.row", "n", 2), Fields: []web.FormField{field("text", s.ask("members.1.who", "Who", "Qui", "من"))}},
	}
	why := field("words", s.ask("why", "Why not?", "Pourquoi ?", "لماذا؟"))
	why.Hidden = true
	days := field("calculated", s.ask("days", "Days since then", "Jours depuis", "الأيام منذ ذلك"))
	days.Input.Value = "12"
	when := field("uncertain_date", event)
	when.Extra = []web.Input{sure}
	return []web.FormPart{
		{ID: "safety", Title: s.title("Safety", "Sécurité", "الأمان"), Help: s.title("Now, not last week.", "Maintenant, pas la semaine dernière.", "الآن، لا الأسبوع الماضي."), Fields: []web.FormField{
			field("date", on), field("answer", safe), why, field("choices", signs), said, when, days,
		}},
		{ID: "family", Title: s.title("Family and place", "Famille et lieu", "الأسرة والمكان"), Fields: []web.FormField{
			{Kind: "note", At: "a.tell", Input: s.ask("tell", "Tell the child why you ask.", "Dites à l’enfant pourquoi vous demandez.", "قل للطفل لماذا تسأل.")}, where, field("choice", list), field("file", file), group,
		}},
		{ID: "law", Title: s.title("Legal part", "Partie juridique", "الجزء القانوني"), Read: []web.ReadLine{{Label: s.title("Lawyer", "Avocat", "المحامي"), Text: "Omar S."}}},
		{ID: "later", Title: s.title("Later", "Plus tard", "لاحقًا"), Hidden: true, Fields: []web.FormField{field("text", s.ask("more", "More", "Plus", "المزيد"))}},
	}
}

// clashed is the form when somebody else changed the same answer.
func (s scene) clashed() []web.FormPart {
	parts := s.parts(false)[:1]
	keep := s.ask("safe:keep", "", "", "")
	keep.Label, keep.Type, keep.Options = s.l.T("forms.keep"), "radio", choices(web.Options(s.l, "formkeep", "mine", "theirs"), "")
	keep.Error, keep.Describe = s.l.Error("choose-version"), "f-a.safe:keep-error"
	parts[0].Fields[1].Theirs = &web.Theirs{Text: s.l.Word("answer", "yes"), Keep: keep}
	return parts
}
