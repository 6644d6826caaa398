package e2e_test

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// bad is something no field takes, and what the tests call it.
type bad struct{ what, value string }

// badText is refused by every text field. The length is above every bound.
var badText = []bad{
	{"over-long", strings.Repeat("long ", 5_000)},
	{"a bell", "before\aafter"},
	{"a zero", "before\x00after"},
	{"an escape", "before\x1b[31mafter"},
	{"an override", "before\u202Eretfa"},
	{"an isolate", "before\u2066after"},
	{"no UTF-8", "before\xffafter"},
}

var (
	badChoice = []bad{{"a choice that is not offered", "no-such-choice"}, {"markup", `"><script>alert(1)</script>`}}
	badNumber = []bad{{"letters", "twelve"}, {"below zero", "-1"}, {"too many", "999"}, {"a fraction", "1.5"}}
	badYear   = []bad{{"letters", "year"}, {"before all", "3"}, {"far away", "9999"}, {"below zero", "-2010"}}
	badDay    = []bad{{"no day", "99"}, {"letters", "x"}, {"below zero", "-1"}}
	badDate   = []bad{{"letters", "soon"}, {"no such day", "2030-02-31"}, {"the past", "1999-01-01"}, {"nothing", ""}}
)

// hostile is a form and what may be wrong with it.
type hostile struct {
	path   string // where the form is; it posts to itself
	action string // or here
	good   url.Values
	fields map[string][]bad
	with   map[string]url.Values // what must be set besides for a field to be read
	at     map[string]string     // where the message stands, if not at the field
}

// attack sends the form once for each fault and expects 422, a message at the
// field, what was typed still there, and nothing stored.
func (h hostile) attack(t *testing.T, c *client) {
	t.Helper()
	if h.action == "" {
		h.action = h.path
	}
	good := c.filled(h.path, h.action, h.good)
	for field, faults := range h.fields {
		for _, f := range faults {
			t.Run(strings.ReplaceAll(masked(h.action), "/", " ")+" "+field+" "+f.what, func(t *testing.T) {
				c := c.in(t)
				values := url.Values(maps.Clone(good))
				maps.Copy(values, h.with[field])
				values[field] = []string{f.value}
				values.Set("command", newCommand())
				before := rows(t)
				r := c.post(h.action, values)
				sound(t, field, r)
				h.judge(t, r, field, f)
				left := grown(before, rows(t))
				delete(left, "journal")
				if len(left) > 0 {
					t.Errorf("a refused form left rows: %v", left)
				}
			})
		}
	}
}

func (h hostile) judge(t *testing.T, r reply, field string, f bad) {
	t.Helper()
	if r.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d to %q, want 422", r.status, masked(r.location()))
	}
	p := parsePage(t, r.body)
	at := field
	if x, ok := h.at[field]; ok {
		at = x
	}
	if p.Errors[at] == "" {
		t.Errorf("no message at field %s; messages %v, summary %v", at, p.Errors, p.Summary)
	}
	if len(p.Summary) == 0 {
		t.Error("no summary of what is wrong")
	}
	kept := false
	for _, form := range p.Forms {
		if form.Action == h.action {
			kept = strings.Join(form.fields[field], "") == readable(f.value) || form.fields[field] == nil && strings.Contains(f.what, "choice") || f.what == "markup"
			if v := form.fields["command"]; len(v) != 1 || v[0] == "" {
				t.Errorf("the form that comes back carries commands %v, want one", v)
			}
		}
	}
	if !kept {
		t.Errorf("what was typed into %s is not on the page any more", field)
	}
}

// in returns the client for a subtest.
func (c *client) in(t testing.TB) *client {
	x := *c
	x.t = t
	return &x
}

func TestBadInputRegister(t *testing.T) {
	year := url.Values{"age": {""}, "birth_year": {"2012"}, "birth_month": {"2"}}
	own := url.Values{"when": {"date"}}
	hostile{
		path: "/children/new/form", good: registration("Bad Input"),
		fields: map[string][]bad{
			"name": append([]bad{{"nothing", ""}, {"blanks", "   "}}, badText...), "place": badText, "risk_text": badText,
			"name_kind": badChoice, "name_script": badChoice, "birth_certainty": badChoice, "sex": badChoice, "language": badChoice,
			"region": badChoice, "risk": append([]bad{{"no choice", ""}}, badChoice...), "risk_reason": badChoice, "when": badChoice,
			"basis": append([]bad{{"no choice", ""}}, badChoice...),
			"age":   badNumber, "birth_year": badYear, "birth_day": append([]bad{{"no such day of the month", "31"}}, badDay...), "next_contact": badDate,
		},
		with: map[string]url.Values{"birth_year": {"age": {""}}, "birth_day": year, "next_contact": own},
		at:   map[string]string{"age": "birth", "birth_year": "birth", "birth_day": "birth"},
	}.attack(t, as(t, worker(t)))
}

func TestBadInputChild(t *testing.T) {
	c := as(t, worker(t))
	child := c.registered("Bad Guest")
	own := map[string]url.Values{"next_contact": {"when": {"date"}}}
	for _, h := range []hostile{
		{
			path: child + "/note", good: url.Values{"kind": {"conversation"}, "words": {"I am well"}, "interpreter": {"not_needed"}}, with: own,
			fields: map[string][]bad{
				"question": badText, "words": badText, "seen": badText, "thought": badText, "kind": badChoice,
				"language": badChoice, "when": badChoice, "next_contact": badDate, "seen_alone": badChoice,
				"interpreter": append([]bad{{"no choice", ""}}, badChoice...), "interpreter_name": badText, "present": badChoice,
				"contact_on": {{"letters", "soon"}, {"no such day", "2024-02-31"}, {"the future", "2999-01-01"}, {"long ago", "1900-01-01"}, {"nothing", ""}},
			},
		},
		{
			path: child + "/contact", good: url.Values{"when": {"3"}}, with: own,
			fields: map[string][]bad{"reason": badText, "when": append([]bad{{"no choice", ""}}, badChoice...), "next_contact": badDate},
		},
		{
			path: child + "/risk", good: url.Values{"risk": {"high"}, "reason": {"a reason"}},
			fields: map[string][]bad{"reason": badText, "risk": append([]bad{{"no choice", ""}}, badChoice...), "risk_reason": badChoice},
		},
		{
			path: child + "/stage", good: url.Values{"stage": {"identified"}, "reason": {"a reason"}},
			fields: map[string][]bad{"reason": badText, "stage": append([]bad{{"no choice", ""}, {"the one choice of closing", "closed"}}, badChoice...)},
		},
		{
			path: child + "/close", good: url.Values{"close_reason": {"error"}, "last_word": {"goodbye"}},
			fields: map[string][]bad{"reason": badText, "last_word": badText, "ends": badText, "continues": badText, "close_reason": append([]bad{{"no choice", ""}}, badChoice...)},
		},
	} {
		h.attack(t, c)
	}
}

func TestBadInputSupervisor(t *testing.T) {
	c := as(t, supervisor(t))
	child := c.registered("Bad Errand")
	hostile{
		path: child + "/assign", good: url.Values{"reason": {"a reason"}},
		fields: map[string][]bad{"worker": append([]bad{{"no choice", ""}, {"a forged choice", newCommand()}}, badChoice...)},
	}.attack(t, c)
	if r := c.submit(child+"/close", child+"/close", url.Values{"close_reason": {"error"}, "last_word": {"goodbye"}}); r.status != http.StatusSeeOther {
		t.Fatalf("close: status %d", r.status)
	}
	hostile{
		path: child + "/reopen", good: url.Values{"reopen_reason": {"found"}},
		fields: map[string][]bad{"reason": badText, "reopen_reason": append([]bad{{"no choice", ""}}, badChoice...)},
	}.attack(t, c)
}

func TestBadInputPerson(t *testing.T) {
	c := as(t, worker(t))
	child := c.registered("Bad Portrait")
	whole := url.Values{"birth_from_year": {"2012"}, "birth_from_month": {"2"}, "birth_to_year": {"2012"}, "birth_to_month": {"3"}}
	hostile{
		path: child + "/person", good: url.Values{},
		fields: map[string][]bad{
			"name_0": append([]bad{{"nothing", ""}}, badText...), "name_kind_0": badChoice, "name_script_0": badChoice,
			"identifier_0": badText, "identifier_kind_0": append([]bad{{"no choice", ""}}, badChoice...),
			"restriction_note_0": badText, "restriction_kind_0": append([]bad{{"no choice", ""}}, badChoice...),
			"sex": badChoice, "gender": badChoice, "language_0": badChoice, "nationality_0": badChoice, "birth_source": badChoice,
			"birth_certainty": badChoice, "birth_from_year": badYear, "birth_from_day": badDay, "birth_to_day": badDay,
		},
		with: map[string]url.Values{
			"identifier_0": {"identifier_kind_0": {"passport"}}, "identifier_kind_0": {"identifier_0": {"P123"}},
			"restriction_note_0": {"restriction_kind_0": {"other"}}, "restriction_kind_0": {"restriction_note_0": {"not at home"}},
			"birth_from_day": whole, "birth_to_day": whole,
		},
		at: map[string]string{"birth_from_year": "birth_from", "birth_from_day": "birth_from", "birth_to_day": "birth_to"},
	}.attack(t, c)
}

// TestBadInputInRowsFurtherDown checks that the message stands at the row that
// is wrong and not at the first.
func TestBadInputInRowsFurtherDown(t *testing.T) {
	c := as(t, worker(t))
	child := c.registered("Bad Third Row")
	good := url.Values{}
	for i := range 3 {
		good["name_"+strconv.Itoa(i)] = []string{"Name " + strconv.Itoa(i)}
	}
	hostile{path: child + "/person", good: good, fields: map[string][]bad{"name_2": badText[:2], "name_kind_2": badChoice[:1]}}.attack(t, c)
}

func TestBadInputSearch(t *testing.T) {
	c := as(t, worker(t))
	for _, path := range []string{"/search", "/children/new"} {
		hostile{path: path, good: url.Values{"query": {"x"}}, fields: map[string][]bad{"query": badText[:1]}}.attack(t, c)
		for _, f := range append(badText[1:], bad{"markup", `<script>alert(1)</script>`}) {
			r := c.submit(path, path, url.Values{"query": {f.value}})
			if r.status == http.StatusSeeOther {
				r = c.get(r.location())
			}
			if r.status != http.StatusOK && r.status != http.StatusUnprocessableEntity {
				t.Errorf("search for %s at %s: status %d, want 200 or 422", f.what, path, r.status)
			}
			if strings.Contains(string(r.body), "<script>alert") {
				t.Errorf("search for %s: the page holds it as markup", f.what)
			}
		}
	}
	hostile{
		path: "/children?risk=high", action: "/children/views", good: url.Values{"view_name": {"Mine"}},
		fields: map[string][]bad{"view_name": append([]bad{{"nothing", ""}}, badText...)},
	}.attack(t, c)
}

func TestEverythingWrongAtOnce(t *testing.T) {
	s, c := record(t), as(t, worker(t))
	values := c.filled("/children/new/form", "/children/new/form", url.Values{
		"name": {"\u202Eeman"}, "age": {"twelve"}, "sex": {"x"},
		"when": {"date"}, "next_contact": {"yesterday"}, "place": {"by the river"},
	})
	s.post("everything wrong at once", c, "/children/new/form", values)
	s.get("the empty form", c, "/children/new/form")
}
