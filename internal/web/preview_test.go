package web_test

import (
	"testing"
	"time"

	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/web"
)

// The previews show every page with invented people, so that page, weight,
// accessibility and overflow are checked without a database behind them.

var (
	previewNow   = time.Date(2026, time.November, 24, 9, 40, 0, 0, time.UTC)
	previewToday = locale.DayOf(previewNow)
)

// preview is one page as somebody could meet it.
type preview struct {
	name string
	view any
}

// stage sets the scene in one language.
type scene struct {
	l *locale.Locale
	p *pack.Pack
}

func newScene(t testing.TB, code string) scene {
	t.Helper()
	p, err := pack.Demo()
	if err != nil {
		t.Fatalf("load the demo's pack: %v", err)
	}
	return scene{locale.Get(code), p}
}

func newRenderer(t testing.TB) (*web.Renderer, *web.Assets) {
	t.Helper()
	a, err := web.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	r, err := web.NewRenderer(a, newScene(t, "en").p)
	if err != nil {
		t.Fatal(err)
	}
	r.SetCommands(func() string { return "0000000000000000000000000c" })
	return r, a
}

func (s scene) options(list string) []web.Option {
	var out []web.Option
	for _, c := range s.p.Choices(list, s.l.Code()) {
		out = append(out, web.Option{Value: c.Code, Label: c.Label})
	}
	return out
}

func (s scene) frame(tab string) web.Frame {
	return web.Frame{
		Tab:    tab,
		Path:   "/" + tab,
		Viewer: &web.Viewer{Name: "Hana Tesfaye", Role: "case_worker", Unit: "Harbour Town team"},
		Nav: []web.NavItem{
			{Tab: "today", Href: "/today", Count: 3},
			{Tab: "children", Href: "/children"},
			{Tab: "check", Href: "/check"},
			{Tab: "duty", Href: "/duty", Count: 1},
			{Tab: "register", Href: "/children/new"},
			{Tab: "import", Href: "/import"},
		},
		Search: true,
		Expiry: 600,
	}
}

func (s scene) office(tab, role string) web.Frame {
	f := s.frame(tab)
	f.Viewer = &web.Viewer{Name: "Omar S.", Role: role, Unit: "National office"}
	f.Search = role == "supervisor"
	switch role {
	case "auditor":
		f.Nav = []web.NavItem{{Tab: "journal", Href: "/journal"}}
	case "node_operator":
		f.Nav = []web.NavItem{{Tab: "health", Href: "/health", Count: 1}, {Tab: "people", Href: "/people"}}
	default:
		f.Nav = []web.NavItem{{Tab: "today", Href: "/today", Count: 3}, {Tab: "children", Href: "/children"}, {Tab: "register", Href: "/children/new"}, {Tab: "people", Href: "/people"}, {Tab: "import", Href: "/import"}}
	}
	return f
}

func day(n int) locale.Day { return locale.DayOf(previewNow.AddDate(0, 0, n)) }

// Invented children of the demo's invented countries.
var previewChildren = []struct {
	name, number, stage, risk, region, worker string
	from, to, due                             int
}{
	{"Selam", "7KQM-T3XA-R", "planned", "high", "XA-01", "Hana T.", 14, 14, -2},
	{"نور الهدى", "H4PW-9DCE-K", "assessed", "medium", "XB-02", "Omar S.", 11, 13, -1},
	{"Child found at the fish market, calls himself Little Captain", "QT6X-MAJ7-C", "registered", "high", "XA-02", "Hana T.", 8, 10, 0},
	{"Mirembe A.", "RRD4-K9WH-6", "in_services", "low", "XC-01", "Hana T.", 16, 16, 0},
	{"", "9GEX-PA3N-Y", "identified", "high", "XA-01", "Lidya G.", 0, 0, 1},
	{"Джамиля", "C7TH-4QKD-M", "followup", "low", "XC-02", "Omar S.", 17, 17, 3},
	{"Aurélien Dossou", "KW3A-JR97-X", "solution", "medium", "XC-01", "Hana T.", 15, 15, 4},
	{"សុខា", "P6NQ-3TYD-4", "screened", "medium", "XA-03", "Lidya G.", 12, 15, 6},
}

func (s scene) child(i int) web.Child {
	c := previewChildren[i%len(previewChildren)]
	return web.Child{
		Href: "/children/0000000000000000000000000c", Number: c.number, Name: c.name,
		Age:  web.Age{From: c.from, To: c.to, Known: c.to > 0, Presumed: c.from != c.to},
		Risk: c.risk, Stage: c.stage, Region: s.p.Label("region", c.region, s.l.Code()),
		Unit: "Harbour Town team", Worker: c.worker, Next: web.DueOn(day(c.due), previewToday),
	}
}

func (s scene) children(from, to int) []web.Child {
	var out []web.Child
	for i := from; i < to; i++ {
		out = append(out, s.child(i))
	}
	return out
}

func (s scene) path(now string) []web.Stone {
	var out []web.Stone
	state := "done"
	for _, code := range s.p.Codes("stage") {
		if code == "missing" {
			continue
		}
		if code == now {
			state = "now"
		}
		out = append(out, web.Stone{Stage: code, State: state})
		if code == now {
			state = "ahead"
		}
	}
	return out
}

func form(action string, values map[string][]string, errors ...web.FieldError) web.Form {
	return web.Form{Action: action, Values: values, Errors: errors, Hidden: []web.Hidden{{Name: "seen", Value: "4"}}}
}

func all(s scene) []preview {
	out := append(doorPreviews(s), listPreviews(s)...)
	out = append(out, viewPreviews(s)...)
	out = append(out, whyPreviews(s)...)
	out = append(out, rulesPreviews(s)...)
	out = append(out, childPreviews(s)...)
	out = append(out, taskPreviews(s)...)
	out = append(out, needPreviews(s)...)
	out = append(out, directoryPreviews(s)...)
	out = append(out, contactPreviews(s)...)
	out = append(out, partnerPreviews(s)...)
	out = append(out, matchPreviews(s)...)
	out = append(out, knownPreviews(s)...)
	out = append(out, consentPreviews(s)...)
	out = append(out, withholdPreviews(s)...)
	out = append(out, samePreviews(s)...)
	out = append(out, referralPreviews(s)...)
	out = append(out, abroadPreviews(s)...)
	out = append(out, compelledPreviews(s)...)
	out = append(out, privilegedPreviews(s)...)
	out = append(out, interestPreviews(s)...)
	out = append(out, followupPreviews(s)...)
	out = append(out, planPreviews(s)...)
	out = append(out, approvalPreviews(s)...)
	out = append(out, keepingPreviews(s)...)
	out = append(out, rightsPreviews(s)...)
	out = append(out, recordPreviews(s)...)
	out = append(out, formEditPreviews(s)...)
	out = append(out, capturePreviews(s)...)
	out = append(out, teamPreviews(s)...)
	out = append(out, flowPreviews(s)...)
	out = append(out, checkPreviews(s)...)
	out = append(out, glassPreviews(s)...)
	out = append(out, alarmPreviews(s)...)
	out = append(out, oversightPreviews(s)...)
	out = append(out, documentPreviews(s)...)
	out = append(out, familyPreviews(s)...)
	out = append(out, exportPreviews(s)...)
	out = append(out, conferencePreviews(s)...)
	out = append(out, circlePreviews(s)...)
	out = append(out, manyPreviews(s)...)
	out = append(out, lifePreviews(s)...)
	out = append(out, timelinePreviews(s)...)
	return append(out, officePreviews(s)...)
}
