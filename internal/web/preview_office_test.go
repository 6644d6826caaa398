package web_test

import "causeway/internal/web"

func officePreviews(s scene) []preview {
	auditor, operator, boss := s.office("journal", "auditor"), s.office("health", "node_operator"), s.office("people", "supervisor")
	jf := []web.Filter{{Name: "action", Options: web.Options(s.l, "action", "CREATE", "READ", "DECIDE")}, {Name: "outcome", Options: web.Options(s.l, "outcome", "ok", "denied", "failed"), Value: "denied"}}
	journal := web.Journal{
		Frame: auditor, Size: 1204311, Root: "9f2m…qqtp", Checkpoint: previewNow, Pending: 3, Behind: 1, Export: true, Form: form("/journal/verify", nil),
		Verified: &web.Verified{At: previewNow, Entries: 1204308, OK: true}, Filters: jf, Rows: s.looks(), Next: "/journal?after=x",
		On: []web.Chip{{Name: "outcome", Label: s.l.Word("outcome", "denied"), Href: "/journal"}},
	}
	for _, o := range web.JournalViews(s.l) {
		journal.Views = append(journal.Views, web.JournalView{Name: o.Value, Href: "/journal?journal_view=" + o.Value, On: o.Value == "denials"})
	}
	journal.Case = form("/journal/case", nil)
	journal.Kept = []web.Filter{{Name: "journal_from", Value: "2026-11-01"}, {Name: "journal_until"}, {Name: "inquiry", Value: "x"}}
	journal.Settled, journal.Unsettled, journal.Witnesses = 1204200, 111, []string{"XB", "ombudsperson"}
	journal.Logs = []web.WitnessedLog{
		{Name: "XB-ministry", Size: 88120, At: previewNow},
		{Name: "XC-police", Size: 1200, At: previewNow, Refused: 2, Restores: []web.WitnessedRestore{{At: previewNow, Lost: 14, Cause: "the disk failed"}, {At: previewNow, Cause: "moved"}}},
		{Name: "XD-health", Waits: true},
	}
	journal.Rows[0].Mark = "/inquiries/x/mark/y"
	bad := journal
	bad.Verified = &web.Verified{At: previewNow, Entries: 1204308, Bad: 882114, Code: "record-altered"}
	bad.Rows, bad.On, bad.Witnesses = nil, nil, []string{"XB"}
	rows := []web.StaffRow{
		{Href: "/people/1", Name: "Hana Tesfaye", Role: "case_worker", Unit: "Harbour Town team", State: "active", Seen: previewToday, Strong: true},
		{Href: "/people/2", Name: "عمر السيد", Role: "supervisor", Unit: "National office", State: "active"},
		{Href: "/people/3", Name: "Lidya G.", Role: "case_worker", Unit: "Border team", State: "active", Deputy: "Hana Tesfaye", Strong: true, Unsigned: true, Presence: "away", Until: day(6), Speaks: []string{"Amharic", "العربية"}},
		{Href: "/people/4", Name: "Mirembe A.", Role: "auditor", State: "invited", Expires: previewNow},
		{Href: "/people/5", Name: "Aurélien Dossou", Role: "node_operator", State: "disabled"},
	}
	roles := web.Roles(s.l, "case_worker", "supervisor", "node_operator", "auditor")
	units := []web.Option{{Value: "1", Label: "Harbour Town team"}, {Value: "2", Label: "Border team"}}
	agencies := []web.AgencyRow{
		{Href: "/agencies/1", Name: "Office for Children", Sector: s.p.Label("sector", "child_protection", s.l.Code()), Own: true, Units: 4, People: 31},
		{Href: "/agencies/2", Name: "Police of the Harbour", Sector: s.p.Label("sector", "police", s.l.Code()), Units: 2, People: 7},
	}
	bosses := []web.Option{{Value: "2", Label: "عمر السيد"}}
	return []preview{
		{"journal", journal},
		{"journal-bad", bad},
		{"groups", web.Groups{Frame: boss, Form: form("/groups", nil), CanEdit: true, Rows: []web.GroupRow{{"/groups/x", "Night duty", 3}, {"/groups/y", "فريق الساحل", 0}}}},
		{"groups-none", web.Groups{Frame: boss}},
		{"grouppage", web.GroupPage{
			Frame: boss, Name: "Night duty", Form: form("/groups/x", map[string][]string{"group_name": {"Night duty"}}), Join: form("/groups/x/join", nil), Quit: "/groups/x/quit",
			Members: []web.GroupMember{{ID: "1", Name: "Hana Tesfaye", Role: s.l.Word("role", "case_worker"), Unit: "Harbour Town team", Since: day(-3)}},
			People:  []web.Option{{Value: "2", Label: "عمر السيد"}}, List: "/people?group=x", CanEdit: true,
		}},
		{"people", web.People{Frame: boss, Rows: rows, Invite: true, Units: true, Filters: []web.Filter{{Name: "unit", Options: units}, {Name: "role", Options: roles}}}},
		{"inviteform", web.InviteForm{Frame: boss, Form: form("/people/invite", nil), Roles: roles, Units: units, Bosses: bosses, Languages: units}},
		{"invited", web.Invited{Frame: boss, Name: "Mirembe A.", Link: "https://causeway.example/invite/m3k9x0q2v7w4t1z8p5n6r2c0", Code: "7QK-94T", Expires: previewNow.AddDate(0, 0, 1)}},
		{"staffpage", web.StaffPage{Frame: boss, Person: rows[0], Account: "hana.t", Form: form("/people/1", map[string][]string{"role": {"case_worker"}, "unit": {"1"}}), Roles: roles, Units: units, Bosses: bosses, Deputies: bosses, CanEdit: true, CanBan: true, Heirs: bosses, CanAgain: true, Away: true, Supervisor: "عمر السيد", CanEnd: true, CanRecall: true, Absences: []web.Absence{{Deputy: "Lidya G.", ID: "3", From: previewToday, Until: day(6)}, {Deputy: "Mirembe A.", ID: "4", From: day(9), Until: day(12)}}}},
		{"units", web.Units{Frame: boss, Form: form("/people/units", nil), Rows: []web.UnitRow{{Name: "National office", People: 4}, {Name: "Harbour Town team", Parent: "National office", People: 12}}, Tops: units, Agencies: units, CanAdd: true}},
		{"units-agencies", web.Units{Frame: boss, Rows: []web.UnitRow{{Name: "دورية الميناء", Parent: "Patrol", Agency: "Police of the Harbour", Sector: s.p.Label("sector", "police", s.l.Code()), People: 3}}}},
		{"agencies", web.Agencies{Frame: operator, Form: form("/agencies", nil), Rows: agencies, Sectors: s.options("sector"), CanAdd: true}},
		{"agencies-wrong", web.Agencies{Frame: operator, Form: form("/agencies", map[string][]string{"agency_name": {"Maison"}}, web.FieldError{Name: "sector", Code: "choose-one"}), Rows: agencies, Sectors: s.options("sector"), CanAdd: true}},
		{"agencypage", web.AgencyPage{
			Frame: operator, Agency: agencies[1], Form: form("/agencies/2", map[string][]string{"agency_name": {"Police of the Harbour"}, "sector": {"police"}}),
			Place: form("/agencies/2/unit", nil), Units: []web.UnitRow{{Name: "Patrol", People: 4}, {Name: "دورية الميناء", Parent: "Patrol", People: 3, Duty: "Harbour team"}}, Others: units,
			Duty: form("/agencies/2/duty", nil), Own: units, Takes: units, Sectors: s.options("sector"), CanEdit: true,
		}},
		{"agencypage-read", web.AgencyPage{Frame: boss, Agency: agencies[0], Mandate: "Decree 5 of 2030:\nprotects every child found alone."}},
		{"staffpage-known", web.StaffPage{Frame: boss, Person: rows[2], Form: form("/people/3", nil), CanTell: true}},
		{"staffpage-left", web.StaffPage{Frame: boss, Person: rows[4], Form: form("/people/5", nil), CanBan: true, Heir: "Hana Tesfaye"}},
		{"conductpage", web.ConductPage{Frame: boss, Form: web.Form{Action: "/conduct"}, Title: s.p.Conduct(s.l.Code()).Title, Rules: s.p.Conduct(s.l.Code()).Rules, Next: "/"}},
		{"conductpage-signed", web.ConductPage{Frame: boss, Form: web.Form{Action: "/conduct"}, Title: s.p.Conduct(s.l.Code()).Title, Rules: s.p.Conduct(s.l.Code()).Rules[:2], Next: "/", Signed: previewNow}},
		{"profileform", web.ProfileForm{Frame: boss, Form: form("/people/3/profile", map[string][]string{"presence": {"away"}, "speaks_0": {"am"}}, web.FieldError{Name: "presence_until", Code: "date-past"}), Name: "Lidya G.", Back: "/people/3", Slots: []int{0, 1, 2}, Languages: s.options("language"), Presences: web.Options(s.l, "presence", "available", "away", "duty")}},
		{"places", web.Places{Frame: operator, Form: form("/places", nil), CanAdd: true, Rows: []web.PlaceLine{{Href: "/places?in=XA01", Name: "Coast", Code: "XA01", Below: 12}, {Name: "الهضاب", Code: "XA02"}}}},
		{"places-in", web.Places{Frame: boss, Above: []web.PlaceLine{{Name: "Coast", Code: "XA01"}}, Rows: []web.PlaceLine{{Name: "Port", Code: "XA0101"}}}},
		{"places-tried", web.Places{Frame: operator, Form: form("/places", nil), CanAdd: true, Report: &web.PlacesReport{New: 140, Changed: 2, Same: 11}}},
		{"places-wrong", web.Places{
			Frame: operator, Form: form("/places", nil, web.FieldError{Name: "file", Code: "no-place-columns"}), CanAdd: true,
			Report: &web.PlacesReport{More: 3, Faults: []web.PlaceFault{{Row: 17, Field: "place_parent", Code: "place-parent"}, {Row: 203, Field: "place_name", Code: "required"}}},
		}},
		{"health", web.Health{
			Frame: operator, State: "act", Version: "0.1.0", Started: previewNow.AddDate(0, 0, -3),
			Checks: []web.Check{
				{Key: "keyring", State: "act", Value: "plain file", Advice: "keyring-plain"},
				{Key: "drill", State: "watch", Value: s.l.Ago(400), Advice: "drill-due"},
				{Key: "database", State: "good", Value: "SQLite, " + s.l.Bytes(412_300_000)},
				{Key: "backup", State: "good", Value: s.l.Ago(1)},
				{Key: "journal", State: "good", Value: s.l.T("journal.settled")},
				{Key: "disk", State: "good", Value: s.l.Bytes(88_000_000_000)},
			},
			Jobs:   []web.Job{{Key: "sequencer", Last: previewNow, State: "good"}, {Key: "rewrap", State: "watch"}},
			Backup: &web.BackupCard{Form: form("/health/backup", nil), Place: true, Run: &web.BackupRun{Ended: previewNow, Bytes: 88_400_000}},
		}},
		{"health-backup", web.Health{Frame: operator, State: "good", Backup: &web.BackupCard{Form: form("/health/backup", nil), Place: true, Run: &web.BackupRun{Running: true, Began: previewNow, Rows: 120_000}}}},
		{"health-backup-failed", web.Health{Frame: operator, State: "good", Backup: &web.BackupCard{Form: form("/health/backup", nil), Place: true, Run: &web.BackupRun{Ended: previewNow, Failure: "disk-full"}}}},
		{"health-backup-nowhere", web.Health{Frame: operator, State: "good", Backup: &web.BackupCard{Form: form("/health/backup", nil)}}},
		{"importstart", web.ImportStart{Frame: s.frame("import"), Form: form("/import", nil), Max: 20_000_000, Past: []web.ImportRow{{Href: "/import/1", At: previewNow, By: "Hana T.", File: "children-2025.xlsx", Rows: 412, State: "done"}, {Href: "/import/2", At: previewNow, By: "عمر السيد", File: "أطفال.csv", Rows: 1, State: "checked"}}}},
		{"importmap", web.ImportMap{
			Frame: s.frame("import"), Form: form("/import/1/map", map[string][]string{"column_0": {"given_name"}, "column_1": {"birth_date"}, "column_2": {"keep"}}, web.FieldError{Name: "default_risk", Code: "required"}).Ask("column_0", s.l.T("importmap.goes", "column", "prs_GivenName")).Ask("column_1", s.l.T("importmap.goes", "column", "DOB")).Ask("column_1_order", s.l.T("importmap.dates", "column", "DOB")).Ask("column_2", s.l.T("importmap.goes", "column", "ملاحظات")), File: "children-2025.xlsx", Asks: []string{"choose-risk", "choose-basis"},
			Reading: form("/import/1/map", map[string][]string{"encoding": {"1"}, "header_row": {"1"}}),
			Columns: []web.Column{
				{Index: 0, Name: "prs_GivenName", Samples: []string{"Selam", "نور", "Mirembe A."}, Known: true},
				{Index: 1, Name: "DOB", Samples: []string{"01/03/2012", "2011", "31.12.09"}, Dated: true, Asks: []string{"order-unknown"}},
				{Index: 2, Name: "ملاحظات", Samples: []string{"…"}},
			},
			Fields: web.Options(s.l, "importfield", "given_name", "birth_date", "keep"), Encoding: units, Delimiter: units, Dates: web.Options(s.l, "dateorder", "dmy", "mdy"),
			Defaults: []web.DefaultField{{Name: "default_basis", Options: s.options("legal_basis")}, {Name: "default_risk", Options: s.options("risk")}},
		}},
		{"importreport", web.ImportReport{
			Frame: s.frame("import"), Form: form("/import/1", nil), Phase: "checked", File: "children-2025.xlsx", Rows: 412, Good: 397, Bad: 12, Doubled: 3,
			Errors:  []web.RowError{{Row: 17, Column: "DOB", Code: "not-a-date"}, {Row: 203, Column: "prs_GivenName", Code: "no-name", Stop: true}},
			More:    10,
			Expires: previewNow.AddDate(0, 0, 7), Back: "/import/1/map", Download: "/import/1/errors.csv",
		}},
		{"importreport-brings", web.ImportReport{
			Frame: s.frame("import"), Form: form("/import/1", nil), Phase: "checked", File: "cases.json", Rows: 31, Good: 31,
			Brings: &web.Brings{
				All:  []string{s.l.T("brings.person", "n", 64), s.l.T("brings.need", "n", 112), s.l.T("brings.note", "n", 287), s.l.T("brings.followup", "n", 40)},
				Rows: []web.BringsRow{{Row: 2, What: []string{s.l.T("brings.person", "n", 2), s.l.T("brings.note", "n", 11)}}, {Row: 3, What: []string{s.l.T("brings.need", "n", 1)}}},
				More: 29, File: "/import/1/brings.csv",
			},
			Errors:  []web.RowError{{Row: 2, Column: "notes_section", Code: "entry-date", Entries: "2 note_date; 7 note_date"}},
			Expires: previewNow.AddDate(0, 0, 7), Back: "/import/1/map", Download: "/import/1/errors.csv",
		}},
		{"importchecking", web.ImportReport{Frame: s.frame("import"), Form: form("/import/1", nil), Phase: "checking", File: "children-2025.xlsx", Rows: 41_200, Tried: 12_300}},
		{"importchecking-begun", web.ImportReport{Frame: s.frame("import"), Form: form("/import/1", nil), Phase: "checking", File: "children-2025.xlsx"}},
		{"importmapped", web.ImportReport{Frame: s.frame("import"), Form: web.Form{Action: "/import/1", Fault: "import-broken-off"}, Phase: "mapped", File: "children-2025.xlsx", Back: "/import/1/map"}},
		{"importrunning", web.ImportReport{Frame: s.frame("import"), Phase: "running", File: "children-2025.xlsx", Rows: 412, Good: 397, Done: 250}},
	}
}
