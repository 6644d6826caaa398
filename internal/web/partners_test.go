package web_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/keys"
	"causeway/protocol/identity"
)

// abroadCard is the card of an invented node abroad, its ten groups, and what signs its
// next schedules.
func abroadCard(t *testing.T, node identity.NodeID) (card, digits string, sits func() string) {
	t.Helper()
	ring, err := keys.CreateRing([]string{filepath.Join(t.TempDir(), "keyring")}, keys.PlainFile(), clock.System(), "XB-far")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ring.Close)
	recovery, _ := keys.NewRecovery()
	serial := int64(0)
	sits = func() string {
		serial++
		now := time.Now().UTC().Truncate(time.Second)
		all, err := ring.MakeExchangeKeys(now)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := identity.SignSchedule(&identity.Schedule{
			Node: node, Serial: serial, Issued: now, Protocols: []int64{1}, Limits: identity.StandardLimits, Keys: all,
		}, recovery.Pair())
		if err != nil {
			t.Fatal(err)
		}
		return string(signed)
	}
	signed, err := identity.SignCard(&identity.Card{
		Node: node, Issued: time.Now().UTC().Truncate(time.Second), Names: []identity.Name{{Language: "en", Text: "River office"}}, Authority: "Ministry of the River",
		Country: node.Country(), Contact: "+999 55 0202", Recovery: recovery.Public(), Schedule: []byte(sits()),
	}, recovery.Pair())
	if err != nil {
		t.Fatal(err)
	}
	return string(signed), identity.FingerprintOf(recovery.Public()).String(), sits
}

var markup = regexp.MustCompile(`<[^>]*>`)

// shows reports whether a page has the first two groups of a fingerprint, whatever stands
// between its digits.
func shows(a answer, digits string) bool {
	only := func(text string) string {
		return strings.Map(func(c rune) rune {
			if c < '0' || c > '9' {
				return -1
			}
			return c
		}, text)
	}
	return strings.Contains(only(markup.ReplaceAllString(a.body, " ")), only(digits)[:10])
}

// TestPartners: the operator takes a card in, the head confirms it by telephone, and each
// may stop it; who may not finds nothing.
func TestPartners(t *testing.T) {
	r := newRig(t)
	operator, head, auditor := r.as(t, "node_operator"), r.as(t, "head"), r.as(t, "auditor")

	card, digits, sits := abroadCard(t, "xb.moi")
	if a := operator.get("/partners"); a.status != http.StatusOK || !a.says("xa.demo") || !a.says("causeway peer init") {
		t.Fatalf("the list before: got %d", a.status)
	}
	form := operator.get("/partners/add").form(t, "/partners/add")
	full := with(form, "card", strings.ReplaceAll(card, "\n", "\r\n"), "peer_purposes", "protection", "peer_types", "referral.offer",
		"peer_until", time.Now().AddDate(1, 0, 0).Format("2006-01-02"), "peer_called", "+999 55 0404, consulate", "peer_emergency", "+999 55 0303")
	if a := operator.post("/partners/add", with(full, "card", card[:len(card)/2])); a.status != http.StatusUnprocessableEntity || !a.says("+999 55 0303") {
		t.Errorf("half a card: got %d, want 422 and what was typed", a.status)
	}
	operator.post("/partners/add", full).wants(t, http.StatusSeeOther, "/partners/at/xb.moi?done=partner-added")
	const at = "/partners/at/xb.moi"
	if a := operator.get(at); a.status != http.StatusOK || strings.Contains(a.body, at+"/confirm") {
		t.Errorf("who prepared it: got %d, or is offered to confirm", a.status)
	}
	if a := operator.get(at + "/confirm"); a.status != http.StatusNotFound {
		t.Errorf("who prepared it confirms: got %d", a.status)
	}
	for _, path := range []string{"/partners", at, at + "/confirm", at + "/drop", at + "/remove"} {
		for who, c := range map[string]*person{"the operator": operator, "the head": head, "the auditor": auditor} {
			if shows(c.get(path), digits) {
				t.Errorf("%s shows %s the digits that must be heard", path, who)
			}
		}
	}
	wrong := head.get(at+"/confirm").form(t, at+"/confirm")
	sent := head.post(at+"/confirm", with(wrong, "peer_heard", "12345"))
	if sent.status != http.StatusUnprocessableEntity || !sent.says(words("error.peer-fingerprint")) {
		t.Errorf("five digits: got %d, want 422 and what to do", sent.status)
	}
	if shows(sent, digits) {
		t.Error("who typed other digits is shown the right ones")
	}
	head.post(at+"/confirm", with(head.get(at+"/confirm").form(t, at+"/confirm"), "peer_heard", digits)).wants(t, http.StatusSeeOther, at+"?done=partner-confirm")
	if a := auditor.get("/partners"); a.status != http.StatusOK || !a.says("River office") || strings.Contains(a.body, "/partners/add") {
		t.Errorf("the auditor: got %d", a.status)
	}
	if !shows(auditor.get(at), digits) {
		t.Error("the digits of a partner in force are not shown")
	}
	operator.post(at+"/keys", with(operator.get(at+"/keys").form(t, at+"/keys"), "peer_note", sits())).wants(t, http.StatusSeeOther, at+"?done=partner-keys")
	operator.post(at+"/quarantine", operator.get(at+"/quarantine").form(t, at+"/quarantine")).wants(t, http.StatusSeeOther, at+"?done=partner-quarantine")
	if a := operator.get(at + "/resume"); a.status != http.StatusNotFound {
		t.Errorf("who stopped it lets it go on: got %d", a.status)
	}
	head.post(at+"/resume", head.get(at+"/resume").form(t, at+"/resume")).wants(t, http.StatusSeeOther, at+"?done=partner-resume")
	missing := r.as(t, "case_worker").get("/there/is/no/such/page")
	for _, path := range []string{"/partners", "/partners/add", at, at + "/confirm", at + "/remove"} {
		if a := r.as(t, "case_worker").get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("a worker on %s: got %d", path, a.status)
		}
	}
	operator.post(at+"/remove", operator.get(at+"/remove").form(t, at+"/remove")).wants(t, http.StatusSeeOther, at+"?done=partner-remove")
}
