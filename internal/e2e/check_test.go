package e2e_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The taps a person needs at most, and how wide their phone is.
const (
	tapsToScreen   = 20
	tapsToRegister = 4
	phone          = 360
)

// taps counts what a thumb does; typing is not counted.
type taps struct {
	*tab
	n     int
	place string // where the child of a check is met; "" for the street
}

// onPhone opens a window as narrow as a phone.
func onPhone(t *testing.T, language string, script bool) *taps {
	t.Helper()
	b := newTab(t, language, script)
	b.width = phone
	b.try("size", chromedp.EmulateViewport(b.width, 800))
	return &taps{tab: b}
}

// follow taps what leads to another page.
func (b *taps) follow(selector string) {
	b.t.Helper()
	b.n++
	b.click(selector)
}

// answer taps an answer.
func (b *taps) answer(name, value string) {
	b.t.Helper()
	b.n++
	b.centre(`main label > input[name="` + name + `"]`)
	b.pick(name, value)
}

// screen makes a check from the first page to the call for help, and returns the
// address of its result. The cards that are listed are answered with yes.
func (b *taps) screen(yes ...string) string {
	b.t.Helper()
	b.n = 0
	b.follow(`nav.side a[href="/check"]`)
	b.look("check-start")
	b.answer("age_about", "12-14")
	b.answer("place_met", cmp.Or(b.place, "street"))
	b.follow("main button.main")
	b.look("check")
	b.answer("q_safe_now", "yes")
	b.answer("language", "fr")
	cards := strings.Fields(b.ask(`[...document.querySelectorAll(".part input[value=yes]")].map(e => e.name).join(" ")`))
	if len(cards) != 12 {
		b.t.Fatalf("the check has %d cards, want 12", len(cards))
	}
	for _, card := range cards {
		value := "no"
		for _, y := range yes {
			if card == "q_"+y {
				value = "yes"
			}
		}
		b.answer(card, value)
	}
	b.follow("main button.main") // see result
	b.look("check-result")
	b.follow("main button.main") // get help now
	b.look("check-helped")
	path := b.path()
	if !strings.HasPrefix(path, "/check/") || b.text(".notice") == "" {
		b.t.Fatalf("after the call for help at %s, want the result and a notice", path)
	}
	if b.n > tapsToScreen {
		b.t.Errorf("a check takes %d taps, want at most %d", b.n, tapsToScreen)
	}
	b.t.Logf("a check takes %d taps", b.n)
	return path
}

// registerFrom registers the child of the check whose result is open.
func (b *taps) registerFrom(result, name string) {
	b.t.Helper()
	b.n = 0
	b.write("query", marked(name))
	b.follow(`main form[action="` + result + `/register"] button`)
	b.look("check-find")
	b.follow("main .actions a.main") // none of these
	b.look("check-register")
	b.answer("basis", "vital_interest")
	b.follow("main button.main") // register
	b.says(".childhead h1", name)
	if b.n > tapsToRegister {
		b.t.Errorf("registering after a check takes %d taps, want at most %d", b.n, tapsToRegister)
	}
	b.t.Logf("registering after a check takes %d taps", b.n)
}

// TestTapsOfACheck counts, on a phone, with and without JavaScript, in English and
// in Arabic: a check takes 20 taps to the call for help, and registering the child
// from it 4 more.
func TestTapsOfACheck(t *testing.T) {
	for _, language := range []string{"en", "ar"} {
		t.Run(language, func(t *testing.T) {
			inBothModes(t, func(t *testing.T, script bool) {
				b := onPhone(t, language, script)
				b.enter(login(t, "case_worker", language))
				b.open("/")
				result := b.screen("set_sum", "brought")
				b.registerFrom(result, "Juno Fenwick "+language)
				b.look("check-registered")
			})
		})
	}
}

// TestAResponderHandsOver checks as the first responder of the demo, who sees
// nothing but checks, and reads in the receipt who took over.
func TestAResponderHandsOver(t *testing.T) {
	b := onPhone(t, "en", false)
	b.signIn(login(t, "first_responder", "en"))
	if got := b.path(); got != "/check" {
		t.Errorf("a responder begins at %s, want /check", got)
	}
	result := b.screen("injury", "begs_for")
	w := onPhone(t, "en", false)
	w.enter(login(t, "case_worker", "en"))
	w.open("/duty")
	w.look("duty")
	w.click(`main form[action="` + result + `/accept"] button`)
	w.look("check-accepted")
	b.open(result + "/receipt")
	b.look("check-receipt")
	b.says("main", "A worker leads the case now")
}
