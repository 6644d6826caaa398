package e2e_test

import (
	"strings"
	"testing"

	"causeway/internal/locale"

	"github.com/chromedp/chromedp"
)

func viewport(width int64) chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(width, 800)
}

// way is the whole way of one child and those who go it.
type way struct {
	t            *testing.T
	worker, boss *walker
}

// TestWholeWay walks a child through the whole life cycle on a phone, in the roles
// of those who work with the child, from the first check of a first responder: in
// English with JavaScript, and in Arabic without.
func TestWholeWay(t *testing.T) {
	for _, way := range []struct {
		name, language string
		script         bool
	}{{"English with JavaScript", "en", true}, {"Arabic without JavaScript", "ar", false}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			walkWholeWay(t, way.language, way.script)
		})
	}
}

func walkWholeWay(t *testing.T, language string, script bool) {
	prose := map[string]string{"en": "As written in the notes of this week.", "ar": "كما هو مكتوب في ملاحظات هذا الأسبوع."}[language]
	on := func() *walker { return &walker{taps: onPhone(t, language, script), prose: marked(prose)} }
	w := &way{t: t, worker: on(), boss: on()}
	worker, first := login(t, "case_worker", language), on()
	w.worker.enter(worker)
	if language == "en" {
		w.boss.enter(supervisor(t))
		first.enter(login(t, "first_responder", language))
	} else {
		first.enter(newResponder(t, worker, language)) // the demo's hands over to another team
		w.boss.enter(headOffice(t))                    // no other test reads as this person
		w.boss.open("/menu")
		w.boss.click(`form[action="/language"] button[value="ar"]`)
	}
	w.begins(first)
	w.assesses()
	w.plans()
	w.places()
	w.goesMissing()
	w.findsSolution()
	w.closes()
	w.told(language)
}

// begins: a check at a workplace, the call for help, and the worker who takes over
// and registers the child from it.
func (w *way) begins(first *walker) {
	w.t.Helper()
	first.place = "workplace"
	first.open("/check")
	result := first.screen("brought", "pay", "long_hours")
	w.worker.open("/duty")
	w.worker.plainly("duty")
	w.worker.click(`main form[action="` + result + `/accept"] button`)
	first.open(result + "/receipt")
	first.plainly("receipt")
	w.worker.open(result)
	w.worker.registerFrom(result, map[string]string{"en": "Linden Moss", "ar": "\u0645\u0631\u0648\u0629 \u0627\u0644\u0632\u064a\u062a\u0648\u0646"}[first.language])
	w.worker.child = w.worker.here()
	w.boss.child = w.worker.child
	w.worker.plainly("registered")
}

// assesses: a first talk, the risk, and the assessments that the next stage needs.
func (w *way) assesses() {
	w.t.Helper()
	b := w.worker
	b.does("/note", answers{"kind": "conversation", "interpreter": "not_needed", "seen_alone": "yes", "words": b.prose})
	b.does("/risk", answers{"risk": "high", "risk_reason": "threats", "reason": b.prose})
	b.form("rapid_assessment", nil)
	w.stage("assessed")
	b.form("full_assessment", nil)
	for _, service := range []string{"legal_aid", "school"} {
		b.does("/needs/new", answers{"service": service, "need_words": b.prose})
	}
	b.form("bia_full", nil)
	w.approved(1)
	w.stage("best_interests")
}

// plans: the plan, the supervisor's yes, and the child's.
func (w *way) plans() {
	w.t.Helper()
	b := w.worker
	b.form("plan", nil)
	w.approved(1)
	b.see("/plan")
	b.does("/plan/agree", answers{"plan_agreed": "yes", "plan_words": b.prose, "seen_alone": "yes", "plan_copy": "yes"})
	w.stage("planned")
	w.stage("in_services")
}

// places: a placement is planned, authorised by a second person and recorded.
func (w *way) places() {
	w.t.Helper()
	b := w.worker
	b.does("/acts/plan", answers{"act_kind": "placement", "reason": b.prose})
	w.approved(1)
	b.see("/acts")
	record := `main a[href*="/acts/record?act="]`
	if b.text(record) == "" {
		w.t.Fatalf("an authorised placement cannot be recorded: %s", b.text("main"))
	}
	b.click(record)
	b.plainly("acts-record")
	b.fills(answers{"what_happened": b.prose}, "main button.main")
	b.see("/acts")
	b.does("/care/add", answers{"care_kind": "foster", "care_where": b.prose})
	b.see("/care")
	for kind, state := range map[string]string{"guardian": "guardian_named", "identification": "identification_recognised"} {
		b.does("/status/"+kind, answers{"status_state": state, "body": b.prose, "grounds": b.prose})
	}
	b.see("/status")
}

// goesMissing: reported, found, and talked with after the return.
func (w *way) goesMissing() {
	w.t.Helper()
	b := w.worker
	b.does("/missing/report", answers{"what_happened": b.prose, "told": b.prose})
	b.see("/missing")
	b.does("/missing/found", answers{"what_happened": b.prose, "words": b.prose})
	b.does("/missing/talk", answers{"words": b.prose, "seen": b.prose, "thought": b.prose, "seen_alone": "yes"})
	b.see("/missing")
}

// findsSolution: a lasting solution, the follow-up, and a risk that is low.
func (w *way) findsSolution() {
	w.t.Helper()
	b := w.worker
	b.form("durable_solution", nil)
	w.approved(1)
	w.stage("solution")
	w.stage("followup")
	b.form("reintegration_followup", nil)
	b.see("/reintegration")
	b.does("/risk", answers{"risk": "low", "risk_reason": "other", "reason": b.prose})
}

// seesTo: what forms said on the way that could not wait stands against closing,
// until somebody says what was done.
func (w *way) seesTo() {
	w.t.Helper()
	b := w.worker
	const end = `main section.alarm a[href*="/urgent/"]`
	b.see("/close")
	if b.text(end) == "" {
		w.t.Fatalf("nothing stands against closing: %s", b.text("main"))
	}
	for range 10 {
		if b.text(end) == "" {
			break
		}
		b.click(end)
		b.plainly("seento")
		b.fills(answers{"urgent_outcome": "done", "reason": b.prose}, "main button.main")
		b.see("/close")
	}
	if left := b.text("main section.alarm"); left != "" {
		w.t.Fatalf("everything was seen to, and this stands against closing: %s", left)
	}
}

// closes: the closure is approved, the child has the last word, and the supervisor
// takes the case up again.
func (w *way) closes() {
	w.t.Helper()
	b := w.worker
	b.form("closure", nil)
	w.approved(1)
	w.seesTo()
	b.does("/close", answers{"close_reason": "goals_met", "last_word": marked("ZZ last word, " + b.prose), "continues": b.prose})
	b.plainly("closed")
	b.says("main", "ZZ last word, "+b.prose)
	b.says(".timeline .what", locale.Get(b.language).Word("event", "closed"))
	w.boss.does("/reopen", answers{"reopen_reason": "found", "reason": b.prose})
	w.boss.plainly("reopened")
}

// steps are the kinds of what happens on the way.
var steps = []string{
	"screened", "handed-over", "accepted", "registered", "note", "risk", "record-finished", "stage", "need-added", "approved", "plan-agreed", "act-asked",
	"act-done", "care-added", "status", "missing", "found", "return-talk", "closed", "reopened",
}

// told: the timeline tells each step, and the list of who looked names each role.
func (w *way) told(language string) {
	w.t.Helper()
	b := w.worker
	l := locale.Get(language)
	b.see("/timeline")
	said := ""
	for {
		said += b.ask(`[...document.querySelectorAll(".timeline .what")].map(e => e.textContent.trim() + "\n").join("")`)
		if b.text(`main a[rel="next"]`) == "" {
			break
		}
		b.click(`main a[rel="next"]`)
	}
	for _, kind := range steps {
		if !strings.Contains("\n"+said, "\n"+l.Word("event", kind)) {
			w.t.Errorf("the timeline does not tell %q:\n%s", kind, said)
		}
	}
	b.see("/looked")
	for _, role := range []string{"case_worker", "supervisor", "first_responder"} {
		b.says(".looks", l.Word("role", role))
	}
}

// stage takes the step to a stage.
func (w *way) stage(to string) {
	w.t.Helper()
	w.worker.does("/stage", answers{"stage": to})
	if got := w.worker.path(); got != w.worker.child {
		w.t.Fatalf("after the step to %s at %s", to, got)
	}
}

// approved lets the supervisor approve what waits, at least so much.
func (w *way) approved(least int) {
	w.t.Helper()
	if n := w.boss.approves(); n < least {
		w.t.Fatalf("%d things wait for the supervisor, want at least %d", n, least)
	}
}
