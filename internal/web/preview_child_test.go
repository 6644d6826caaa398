package web_test

import (
	"time"

	"causeway/internal/locale"
	"causeway/internal/web"
)

func childPreviews(s scene) []preview {
	f := s.frame("children")
	c, at := s.child(0), "/children/x"
	page := s.childPage()
	closed := page
	closed.Child.Closed, closed.Child.Next, closed.Child.Stage = true, nil, "closed"
	closed.Path, closed.Can, closed.Words, closed.Warnings, closed.Flags = s.path("closed"), web.Can{Reopen: true, Looked: true}, nil, nil, nil
	closed.Notice = &web.Notice{Key: "closed", Code: "k3t92mxa", Kind: "done"}
	waiting := &web.Waiting{Since: previewNow.Add(-3 * time.Hour), Until: previewNow.Add(21 * time.Hour)}
	over := &web.Waiting{Since: previewNow.AddDate(0, 0, -2), Until: previewNow.AddDate(0, 0, -1), Late: true}
	urgent, mine, shut := page, page, closed
	reopened := web.Event{
		Kind: "reopened", Tone: "late", At: waiting.Since, By: "Hana T.", To: s.p.Label("reopen_reason", "threatened", s.l.Code()), Emergency: true,
		Lines: []web.Line{{Label: "reason", Text: "She called at night. A man stood before the house."}},
	}
	urgent.Waiting, urgent.Can.Confirm, urgent.Events = waiting, true, append([]web.Event{reopened}, page.Events...)
	mine.Waiting, mine.Events = over, append([]web.Event{{Kind: "confirmed", Tone: "done", At: previewNow, By: "عمر السيد", Lines: []web.Line{{Label: "reason", Text: "Right."}}}}, urgent.Events...)
	mine.People = append([]web.Helper{{Name: s.l.T("staff.unknown"), Relation: "helper", Altered: true}}, page.People...)
	shut.Notice, shut.Can = nil, web.Can{Note: true, Emergency: true, Looked: true}
	handed := s.l.T("close.handed", "office", "Foyer Valombre", "date", s.l.Date(day(-2)))
	next := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	return []preview{
		{"child", page},
		{"child-closed", closed},
		{"child-unconfirmed", urgent},
		{"child-unconfirmed-late", mine},
		{"child-shut", shut},
		{"confirmation", web.Confirmation{Frame: f, Child: c, Form: form(at+"/confirm", nil).Ask("reason", s.l.T("confirmation.why")), What: &reopened, Waiting: waiting}},
		{"confirmation-late", web.Confirmation{Frame: f, Child: c, Form: web.Form{Action: at + "/confirm", Fault: "own-emergency"}, What: &reopened, Waiting: over}},
		{"emergency", web.Reopen{Frame: f, Child: c, Emergency: true, Form: form(at+"/emergency", nil, web.FieldError{Name: "reason", Code: "required"}).Ask("reason", s.l.T("emergency.why")), Reasons: s.options("reopen_reason")}},
		{"note", web.Note{Frame: f, Child: c, Form: form(at+"/note", map[string][]string{"kind": {"conversation"}, "contact_on": {"2026-11-24"}}).Ask("language", s.l.T("note.language")), Kinds: s.options("note_kind"), Interpreters: s.options("interpreter"), Present: s.options("present"), Alone: web.Alone(s.l), Languages: s.options("language"), When: s.when()}},
		{"note-wrong", web.Note{Frame: f, Child: c, Form: form(at+"/note", map[string][]string{"kind": {"home_visit"}, "question": {"?"}, "contact_on": {"2026-12-24"}, "seen_alone": {"no"}}, web.FieldError{Name: "contact_on", Code: "in-the-future"},
			web.FieldError{Name: "words", Code: "nothing-written"}, web.FieldError{Name: "when", Code: "required"}).Ask("language", s.l.T("note.language")), Kinds: s.options("note_kind"), Interpreters: s.options("interpreter"), Present: s.options("present"), Alone: web.Alone(s.l), Languages: s.options("language"), When: s.when()}},
		{"contact", web.Contact{Frame: f, Child: c, Form: form(at+"/contact", map[string][]string{"when": {"date"}, "next_contact": {next.Format("2006-01-02")}}), When: s.when()}},
		{"risk", web.Risk{Frame: f, Child: c, Form: form(at+"/risk", map[string][]string{"risk": {"high"}, "risk_reason": {"threats"}}), Risks: s.options("risk"), Reasons: s.options("risk_reason")}},
		{"stage", web.Stage{Frame: f, Child: c, Form: form(at+"/stage", nil), Stages: s.options("stage"), Path: s.path("planned")}},
		{"assign", web.Assign{Frame: f, Child: c, Form: form(at+"/assign", nil), Workers: []web.Option{{Value: "1", Label: "Lidya G."}, {Value: "2", Label: "Omar S."}}}},
		{"close", web.Close{Frame: f, Child: c, Form: form(at+"/close", nil), Reasons: s.options("close_reason"), Declined: web.DeclinedBy(s.l)}},
		{"close-handed", web.Close{
			Frame: f, Child: c, Form: form(at+"/close", map[string][]string{"close_reason": {"handed_abroad"}, "continues": {handed}}), Handed: handed,
			Reasons: s.options("close_reason"), Declined: web.DeclinedBy(s.l),
		}},
		{"close-urgent", web.Close{
			Frame: f, Child: c, Form: web.Form{Action: at + "/close", Fault: "urgent-first"}, Reasons: s.options("close_reason"), Declined: web.DeclinedBy(s.l),
			Anyway: s.lists("close_reason", "death", "duplicate", "error"),
			Against: []web.Against{
				{Code: "danger", Kind: "action", Due: previewNow.Add(-time.Hour), Late: true, End: "/check/x/urgent/danger"},
				{Code: "pep72", Kind: "action", Due: previewNow.Add(3 * time.Hour)},
				{Code: "danger", Kind: "flag", Text: "A man waits at the gate.", End: at + "/flags/x"},
				{
					Code: "danger", Kind: "answer", Form: s.title("Rapid assessment", "Évaluation rapide", "التقييم السريع"), At: previewNow, Acting: true,
					Question: s.title("Is the child safe now?", "L’enfant est-il en sécurité maintenant ?", "هل الطفل في أمان الآن؟"), Answer: s.l.Word("answer", "no"),
					Anew: at + "/form/rapid_assessment", Correct: at + "/forms/x/edit",
				},
				{Code: "selfharm", Kind: "hidden", Form: s.title("Full assessment", "Évaluation complète", "التقييم الكامل"), At: previewNow},
				{Code: "medical", Kind: "hidden", At: previewNow},
			},
		}},
		{"reopen", web.Reopen{Frame: f, Child: c, Form: form(at+"/reopen", nil), Reasons: s.options("reopen_reason")}},
		{"person", s.person()},
		{"looked", s.looked()},
		{"source", web.SourcePage{Frame: f, Child: c, Profile: "htcds-2.0", At: previewNow, Rows: []web.SourceRow{
			{Name: "prs_FirstName", As: s.l.Word("importfield", "given_name"), Text: "Amara"},
			{Name: "vic_MethodsOfControl", As: "How was the child controlled?", Text: "DebtBondage;TakesEarnings"},
			{Name: "local_extension", Text: "[{\"relation\":\"aunt\",\"since\":2019}]"},
		}}},
		{"source-part", web.SourcePage{Frame: f, Child: c, Profile: "htcds-2.0", At: previewNow, Hidden: true, Rows: []web.SourceRow{
			{Name: "prs_FirstName", As: s.l.Word("importfield", "given_name"), Text: "Amara"},
		}}},
		{"source-entries", web.SourcePage{Frame: f, Child: c, Profile: "primero", At: previewNow, Rows: []web.SourceRow{
			{Name: "name_first", As: s.l.Word("importfield", "given_name"), Text: "Amara"},
			{Name: "family_details_section", As: s.l.Word("importpart", "person"), Entries: []web.SourceEntry{
				{Number: 1, As: s.l.Word("importpart", "person"), Fields: []web.SourceRow{{Name: "relation_name", Text: "هدى المخترعة"}, {Name: "relation", Text: "grandmother"}}},
				{Number: 2, Fields: []web.SourceRow{{Name: "relation", Text: "father"}}},
				{Number: 3, Text: "\"a line that is no entry\""},
			}},
		}}},
		{"looked-empty", web.Looked{Frame: f, Child: c}},
	}
}

func (s scene) childPage() web.ChildPage {
	lang := s.l.Code()
	f := s.frame("children")
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	c := s.child(0)
	c.Age.Presumed = true
	said := &web.Words{Question: "What would you like to happen next?", Text: "I want to go to school here first, then see my aunt.", Lang: "en", On: day(-9), By: "Hana T."}
	return web.ChildPage{
		Frame: f, Child: c, Since: day(-12), Path: s.path("planned"), Words: said,
		Warnings: []web.Option{{Label: s.p.Label("contact_restriction", "no_family", lang), Hint: "Her uncle answers her aunt’s phone."}},
		Can:      web.Can{Note: true, Contact: true, Details: true, Looked: true},
		Flags:    s.flags(), Tasks: 2,
		Menu: []web.MenuLink{
			{Key: "tasks", Icon: "flag", Href: c.Href + "/tasks"},
			{Key: "stage", Icon: "path", Href: c.Href + "/stage"},
			{Key: "risk", Icon: "alert", Href: c.Href + "/risk"},
			{Key: "assign", Icon: "people", Href: c.Href + "/assign"},
			{Key: "close", Icon: "close", Href: c.Href + "/close"},
		},
		Events: []web.Event{
			{Kind: "note", Tone: "care", At: previewNow.AddDate(0, 0, -2), By: "Hana T.", On: day(-3), Alone: "yes", To: s.p.Label("note_kind", "conversation", lang), Words: said, Lines: []web.Line{
				{Label: "seen", Text: "She laughed when the kitten came in.\nShe ate a second bowl."}, {Label: "thought", Text: "She feels safe with the night staff."},
			}},
			{
				Kind: "risk", Tone: "late", At: previewNow.AddDate(0, 0, -5), By: "Hana T.", From: s.p.Label("risk", "medium", lang), To: s.p.Label("risk", "high", lang),
				Reasons: []string{s.p.Label("risk_reason", "threats", lang), s.p.Label("risk_reason", "exploiter_contact", lang)}, Lines: []web.Line{{Label: "reason", Text: "A man asked for her at the gate, twice."}},
			},
			{Kind: "stage", Tone: "done", At: previewNow.AddDate(0, 0, -7), By: "Omar S.", From: s.p.Label("stage", "assessed", lang), To: s.p.Label("stage", "planned", lang)},
			{Kind: "contact", At: previewNow.AddDate(0, 0, -9), By: "Hana T.", To: s.l.WeekDate(day(-2))},
			{Kind: "registered", At: previewNow.AddDate(0, 0, -12), By: "Hana T."},
		},
		Older: "/children/x?before=y",
		Uses:  s.uses(c.Href),
		People: []web.Helper{
			{Name: "Hana Tesfaye", Relation: "lead", Unit: "Harbour Town team"},
			{Name: "عمر السيد", Relation: "supervisor", Unit: "National office"},
			{Name: "Lidya G.", Relation: "deputy", Until: day(6)},
		},
		Details: []web.Fact{
			{Label: "name", Text: "Selam Bekele", Note: s.p.Label("name_kind", "document", lang)},
			{Label: "birth", Text: s.l.Date(locale.Day{Year: 2012, Month: 3, Dom: 1}), Note: s.p.Label("birth_source", "child", lang)},
			{Label: "sex", Text: s.p.Label("sex_recorded", "female", lang)},
			{Label: "language", Text: s.p.Label("language", "am", lang)},
			{Label: "region", Text: s.p.Label("region", "XA-01", lang)},
		},
	}
}

func (s scene) person() web.Person {
	return web.Person{
		Frame: s.frame("children"), Child: s.child(0), Names: []int{0, 1}, Identifiers: []int{0}, Restrictions: []int{0}, Nationalities: []int{0}, Tongues: []int{0, 1},
		Form: form("/children/x/person", map[string][]string{
			"name_0": {"Selam"}, "name_kind_0": {"known_as"}, "name_script_0": {"Latn"}, "name_1": {"ሰላም"}, "name_kind_1": {"birth"}, "name_script_1": {"Ethi"},
			"birth_from_year": {"2012"}, "birth_to_year": {"2012"}, "birth_to_month": {"6"}, "presumed": {"yes"}, "sex": {"female"}, "language_0": {"am"},
			"identifier_kind_0": {"passport"}, "identifier_0": {"P1234567"}, "restriction_kind_0": {"no_family"},
			"sent_list_0": {"nationality"}, "sent_0": {"ZZQ"},
		}, web.FieldError{Name: "identifier_0", Code: "taken"}),
		NameKinds: s.options("name_kind"), Scripts: s.options("script"), Sources: s.options("birth_source"), Sure: s.options("certainty"),
		Sexes: s.options("sex_recorded"), Genders: s.options("gender_told"), Countries: s.options("nationality"), Languages: s.options("language"),
		IDKinds: s.options("identifier_kind"), Restrict: s.options("contact_restriction"), Presumed: web.Presumed(s.l),
		Sent: []web.SentRow{{I: 0, Known: []web.Option{{Value: "yes", Label: s.l.T("person.sent.known", "what", s.l.T("field.nationality"), "code", "ZZQ")}}}},
	}
}

func (s scene) looks() []web.Look {
	return []web.Look{
		{At: previewNow, Who: "Hana Tesfaye", Role: "case_worker", Unit: "Harbour Town team", Action: "READ", What: "case.open", Purpose: "case-work", Outcome: "ok", Subject: "7kqmt3xa", Code: "k3t92mxa", Mine: true},
		{At: previewNow.Add(-3 * time.Hour), Who: "عمر السيد", Role: "supervisor", Unit: "National office", Action: "DECIDE", What: "case.assign", Purpose: "supervision", Outcome: "ok", Subject: "7kqmt3xa", Code: "9f2mqqtp"},
		{At: previewNow.AddDate(0, 0, -1), Who: "Lidya G.", Role: "case_worker", Unit: "Border team", Action: "READ", What: "case.open", Purpose: "case-work", Outcome: "denied", Reason: "no-access", Subject: "7kqmt3xa", Code: "zz81kd0w"},
		{At: previewNow.AddDate(0, 0, -2), Who: "Hana Tesfaye", Role: "case_worker", Action: "UPDATE", What: "case.note", Purpose: "case-work", Outcome: "ok", Subject: "7kqmt3xa", Code: "a1b2c3d4", Mine: true},
	}
}

func (s scene) looked() web.Looked {
	f := s.frame("children")
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	return web.Looked{Frame: f, Child: s.child(0), Rows: s.looks(), Next: "/children/x/looked?after=y"}
}

// uses is how the data of an invented child is used.
func (s scene) uses(at string) *web.DataUse {
	lang := s.l.Code()
	purpose := func(code string) string { return s.p.Label("consent_purpose", code, lang) }
	part := func(code string) string { return s.p.Label("disclosure_part", code, lang) }
	return &web.DataUse{
		Consent: at + "/consent", Withhold: at + "/withheld", Circle: at + "/circle", ToTell: 1,
		Purposes: []web.UseLine{
			{What: purpose("services"), State: "permitted", On: day(-10)},
			{What: purpose("tracing"), State: "refused", On: day(-9)},
			{What: purpose("justice"), State: "otherwise", On: day(-3)},
		},
		Withheld: []web.UseLine{{Who: "عمر السيد", On: day(-8)}, {What: part("whereabouts"), Who: s.l.Word("role", "guardian"), On: day(-5)}},
		Disclosed: []web.UseLine{
			{What: "Harbour Town clinic", For: purpose("services"), Parts: []string{part("health"), part("age")}, On: day(-2), Tell: web.DueOn(day(3), day(0))},
			{What: "Lidya G.", For: purpose("justice"), Parts: []string{part("identity")}, On: day(-7), State: "ended"},
		},
	}
}
