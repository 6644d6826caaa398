package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"causeway/internal/demo"
	"causeway/internal/fixture"
)

// answers is what a person means to write, by the name of the field: the value of
// a choice, or text.
type answers map[string]string

// put fills in the form of the page: what is given by name, and, for each field
// that the page says is wrong, the plainest answer there is. It reads nothing but
// the page, so a message that does not stand at its field leads nobody on. It
// returns what it could not answer.
const put = `((given, prose) => {
  const form = document.querySelector("main form[method=post]:has(.main)") || document.querySelector("main form[method=post]");
  const told = (e) => { for (const kind of ["input", "change"]) e.dispatchEvent(new Event(kind, {bubbles: true})); };
  const set = (e, value) => {
    if (e.type === "radio" || e.type === "checkbox") e.checked = true; else e.value = value;
    told(e);
  };
  const named = (name) => [...form.elements].filter(e => e.name === name && e.type !== "hidden" && e.type !== "submit");
  const lost = [];
  for (const [name, value] of Object.entries(given)) {
    const all = named(name), pill = all.find(e => /radio|checkbox/.test(e.type) && e.value === value);
    if (pill) set(pill, value);
    else if (all.length && !/radio|checkbox/.test(all[0].type)) set(all[0], value);
    else lost.push(name + " = " + value);
  }
  const plain = (box) => {
    const all = [...box.querySelectorAll("input, select, textarea")].filter(e => e.name && e.type !== "hidden" && !e.closest("details") && !e.name.endsWith(":drop"));
    const pills = all.filter(e => /radio|checkbox/.test(e.type));
    if (pills.length) return set(pills.find(e => e.value === "no") || pills[0]);
    const later = /review|again|next|due/.test(box.querySelector("[id]").id) ? 1 : 0, now = new Date(Date.now() + later * 180 * 864e5);
    const day = {day: now.getDate(), month: now.getMonth() + 1, year: now.getFullYear()};
    for (const e of all.filter(e => !e.name.match(/:(region|sure|relation|safe|state|language)$/))) {
      const part = e.name.match(/_(day|month|year)$/);
      if (part && e.inputMode === "numeric") set(e, String(day[part[1]]));
      else if (e.tagName === "SELECT") set(e, [...e.options].find(o => o.value).value);
      else if (e.type === "date") set(e, now.toISOString().slice(0, 10));
      else if (e.type === "time") set(e, "10:30");
      else if (e.inputMode === "decimal") set(e, "1");
      else if (e.inputMode === "tel") set(e, "555 0100");
      else if (!e.value.trim()) set(e, prose);
    }
  };
  for (const wrong of form.querySelectorAll(".error[id]")) {
    const box = wrong.closest("fieldset, .field");
    if (!box) { lost.push(wrong.id); continue; }
    plain(box.matches(".group") ? box.querySelector(".question") || box : box);
  }
  return JSON.stringify(lost);
})`

// walker is one person on the way of a child, at a phone.
type walker struct {
	*taps
	child string // address
	prose string // what is written where nothing better is known
}

// plainly looks at the page as a phone shows it: it fits, it reads in its
// direction, and axe-core finds nothing.
func (w *walker) plainly(name string) {
	w.t.Helper()
	names, err := json.Marshal(staffNames())
	w.must("names", err)
	var m measures
	if err := json.Unmarshal([]byte(w.ask(probe+"("+string(names)+")")), &m); err != nil {
		w.t.Fatalf("measure: %v", err)
	}
	w.judge(name, w.width, &m)
	if w.script {
		w.axe(name, w.width)
	}
	w.shoot("walk-"+name, w.width)
	w.try("resize", viewport(w.width))
}

// see opens a page below the child's and looks at it.
func (w *walker) see(page string) {
	w.t.Helper()
	if status := w.open(w.child + page); status != 200 {
		w.t.Fatalf("GET %s: status %d: %s", page, status, w.text("main"))
	}
	w.plainly(strings.ReplaceAll(strings.Trim(page, "/"), "/", "-"))
}

// does opens a form below the child's page, fills it in and sends it until the
// page has no more questions.
func (w *walker) does(page string, given answers) {
	w.t.Helper()
	w.see(page)
	w.fills(given, "main button.main")
}

// fills fills in the form that is open and presses a button until nothing is
// wrong.
func (w *walker) fills(given answers, button string) {
	w.t.Helper()
	at := w.path()
	if given == nil {
		given = answers{}
	}
	for range 12 { // an answer may bring up further questions
		if lost := w.put(given); lost != "[]" {
			w.t.Fatalf("%s offers no place for %s: %s", at, lost, w.text("main form"))
		}
		status := w.click(button)
		wrong := w.text("#errors")
		if wrong == "" {
			if status != 200 {
				w.t.Fatalf("%s: status %d: %s", at, status, w.text("main"))
			}
			return
		}
		if w.text("main .error[id]") == "" {
			w.lost()
			w.t.Fatalf("%s is refused, and no field says why: %s", at, wrong)
		}
		given = answers{} // the page keeps what was typed
	}
	w.lost()
	w.t.Fatalf("%s is still wrong: %s", at, w.text("#errors"))
}

// put answers what is given in the form of the page, and returns what found no place.
func (w *walker) put(given answers) string {
	w.t.Helper()
	said, err := json.Marshal(given)
	w.must("answers", err)
	prose, err := json.Marshal(w.prose)
	w.must("answers", err)
	return w.ask(put + "(" + string(said) + "," + string(prose) + ")")
}

// form begins a form about the child and finishes it.
func (w *walker) form(id string, given answers) {
	w.t.Helper()
	w.see("/forms")
	begin := `main a[href="` + w.child + `/form/` + id + `"]`
	w.click(begin)
	w.plainly("form-" + id)
	w.fills(given, `main button[name="then"][value="finish"]:not([hidden])`)
	w.plainly("form-finished-" + id)
}

// approves says yes to all that waits for this person, on the page of approvals.
func (w *walker) approves() int {
	w.t.Helper()
	const decide = `main .ways a[href*="/approvals/"]`
	for n := range 20 {
		w.see("/approvals")
		if w.text(decide) == "" {
			return n
		}
		w.click(decide)
		w.plainly("approval")
		w.fills(answers{"approval_answer": "approve", "comment": w.prose}, "main button.main")
	}
	w.t.Fatal("approvals come back for ever")
	return 0
}

// headOffice is the supervisor who answers for all teams.
func headOffice(t testing.TB) demo.Login {
	t.Helper()
	unit := site.world.Units()[fixture.HeadOffice].Name
	for _, l := range site.logins {
		if l.Role == "supervisor" && l.Unit == unit {
			return l
		}
	}
	t.Fatal("the demo has no supervisor of the head office")
	return demo.Login{}
}

// TestTapsOfWhatIsOverdue counts that what is late stands on the first page, and
// that one tap leads to where it is done.
func TestTapsOfWhatIsOverdue(t *testing.T) {
	b := onPhone(t, "en", false)
	b.enter(worker(t))
	b.open("/")
	const do = `section[aria-labelledby="t-late"] ul[role="list"] a.button`
	if b.text(do) == "" {
		t.Fatalf("nothing that is overdue stands on the first page: %s", b.text("main"))
	}
	b.follow(do)
	if got := b.path(); got == "/" || b.text("main form") == "" && b.text("main a.main") == "" {
		t.Errorf("one tap leads to %s, where nothing can be done", got)
	}
}
