package web_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/exchange"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// farRing is the keyring of an invented node abroad.
func farRing(t *testing.T) *keys.Ring {
	t.Helper()
	ring, err := keys.CreateRing([]string{filepath.Join(t.TempDir(), "keyring")}, keys.PlainFile(), clock.System(), "XB-far")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ring.Close)
	return ring
}

// cardOf is the card of a node with the keys of a keyring, its ten groups, and what signs
// its next schedules.
func cardOf(t *testing.T, node identity.NodeID, ring *keys.Ring) (card, digits string, sits func() string) {
	t.Helper()
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

	far := farRing(t)
	card, digits, sits := cardOf(t, "xb.moi", far)
	if a := operator.get("/partners"); a.status != http.StatusOK || !a.says("xa.demo") || !a.says("causeway peer init") {
		t.Fatalf("the list before: got %d", a.status)
	}
	form := operator.get("/partners/add").form(t, "/partners/add")
	full := with(form, "card", strings.ReplaceAll(card, "\n", "\r\n"), "peer_purposes", "protection", "peer_types", "referral.offer",
		"peer_until", time.Now().AddDate(1, 0, 0).Format("2006-01-02"), "peer_called", "+999 55 0404, consulate", "peer_emergency", "+999 55 0303")
	if a := operator.post("/partners/add", with(full, "card", card[:len(card)/2])); a.status != http.StatusUnprocessableEntity || !a.says("+999 55 0303") {
		t.Errorf("half a card: got %d, want 422 and what was typed", a.status)
	}
	if a := operator.post("/partners/add", with(full, "peer_blob", "30", "peer_envelope", "20,5")); a.status != http.StatusUnprocessableEntity ||
		!a.says(words("error.limit-whole")) || !a.says(`value="20,5"`) {
		t.Errorf("a whole that is less than a part: got %d, want 422 and what was typed", a.status)
	}
	full = with(full, "peer_payload", "0.5", "peer_blob", "٢٠", "peer_envelope", "40")
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
	if a := auditor.get(at); !a.says("0.5 MiB") || !a.says("40 MiB") {
		t.Error("the limits of the pair are not shown")
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
	if a := head.get(at + "/match"); a.status != http.StatusOK || !a.says(words("match.none")) || !strings.Contains(a.body, at+"/match/propose") {
		t.Errorf("what was agreed on about matching: got %d", a.status)
	}
	empty := head.get(at+"/match/propose").form(t, at+"/match/propose")
	if a := head.post(at+"/match/propose", with(empty, "match_officer", "60")); a.status != http.StatusUnprocessableEntity || !a.says(words("field.match_basis")) || !strings.Contains(a.body, `value="60"`) {
		t.Errorf("a proposal without a basis: got %d, want 422 and what was typed", a.status)
	}
	if a := operator.get(at + "/match"); a.status != http.StatusOK || strings.Contains(a.body, "/propose") {
		t.Errorf("whoever runs the machine: got %d, or is offered to propose", a.status)
	}
	if a := operator.get(at + "/match/propose"); a.status != http.StatusNotFound {
		t.Errorf("whoever runs the machine proposes: got %d", a.status)
	}
	r.writesDown(t, operator, at, far)
	missing := r.as(t, "case_worker").get("/there/is/no/such/page")
	for _, path := range []string{"/partners", "/partners/add", at, at + "/confirm", at + "/remove", at + "/pair", at + "/agree", at + "/match", at + "/match/propose"} {
		if a := r.as(t, "case_worker").get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("a worker on %s: got %d", path, a.status)
		}
	}
	operator.post(at+"/remove", operator.get(at+"/remove").form(t, at+"/remove")).wants(t, http.StatusSeeOther, at+"?done=partner-remove")
}

// writesDown has both nodes sign the pair note: the file goes to the partner and comes back.
func (r *rig) writesDown(t *testing.T, operator *person, at string, far *keys.Ring) {
	t.Helper()
	card, _, _ := cardOf(t, "xa.demo", r.node.Ring)
	own, _, err := identity.OpenCard([]byte(card))
	if err != nil {
		t.Fatal(err)
	}
	err = r.deps.Exchange.KeepSelf(t.Context(), r.node.Gate.Job("peer-shell"), ident.New[ident.Command](), exchange.Signed{Card: []byte(card), Schedule: own.Schedule})
	if err != nil {
		t.Fatal(err)
	}
	if a := operator.get(at + "/pair"); a.status != http.StatusNotFound || !operator.get(at).says(words("partnerpair.none")) {
		t.Errorf("before it is signed: got %d", a.status)
	}
	agree, sign := at+"/agree", at+"/sign"
	again := operator.post(agree, with(operator.get(agree).form(t, agree), "peer_their_first", "far", "peer_night", "Night desk, +999 55 0909"))
	if again.status != http.StatusUnprocessableEntity || !again.says("Night desk, +999 55 0909") || !again.says(words("error.officer-line")) {
		t.Errorf("half of the officers: got %d", again.status)
	}
	half := operator.post(agree, with(again.form(t, agree), "peer_their_first", "FAR-1@2027-03-01t09:30:00z", "peer_their_second", "far-2@٢٠٢٧-03-01T10:30:00Z",
		"peer_night", "Night desk, +999 55 0909"))
	if half.status != http.StatusOK || !strings.HasPrefix(half.header.Get("Content-Disposition"), "attachment") || !half.says("officer xb.moi") {
		t.Fatalf("our half: got %d %q", half.status, half.body)
	}
	if a := operator.post(sign, with(operator.get(sign).form(t, sign), "peer_pair", half.body)); !a.says(words("error.peer-pair")) {
		t.Error("our own half is taken for the note of both")
	}
	whole, err := note.Cosign([]byte(half.body), signerOf(t, "xb.moi", far))
	if err != nil {
		t.Fatal(err)
	}
	operator.post(sign, with(operator.get(sign).form(t, sign), "peer_pair", strings.ReplaceAll(string(whole), "\n", "\r\n"))).
		wants(t, http.StatusSeeOther, at+"?done=partner-sign")
	if a := r.as(t, "auditor").get(at + "/pair"); a.body != string(whole) || !operator.get(at).says(words("partnerpair.both")) {
		t.Errorf("signed by both: got %d", a.status)
	}
	if a := r.as(t, "auditor").get(at); strings.Contains(a.body, agree) {
		t.Error("the auditor is offered to sign")
	}
}

// signerOf is what signs for a node now.
func signerOf(t *testing.T, node identity.NodeID, ring *keys.Ring) note.Signer {
	t.Helper()
	for _, k := range ring.ExchangeKeysNow(time.Now()) {
		if k.Role == identity.Sign {
			s, err := ring.ExchangeSigner(node, k.ID(node))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	t.Fatal("no key signs")
	return note.Signer{}
}
