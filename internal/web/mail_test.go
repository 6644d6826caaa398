package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/mail"
	"causeway/internal/mail/mailtest"
	"causeway/internal/node"
	"causeway/internal/store"
)

var voiceCode = regexp.MustCompile(`\b[0-9A-Z]{6}\b`)

// TestToldByMail: somebody gives an address and confirms it; when a child is referred to
// their unit they get a letter that says nothing of it, and nobody else sees the address.
func TestToldByMail(t *testing.T) {
	r := newRig(t)
	s := mailtest.New(t, false)
	r.node.Config.Mail = &node.Mail{Host: "127.0.0.1", Port: s.Port, Security: mail.Loopback, From: "node@example.org"}
	post := func() []mailtest.Letter {
		t.Helper()
		before := len(s.Letters())
		if err := r.node.SendMail(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s.Letters()[before:]
	}
	worker, shelter, boss := r.as(t, "case_worker"), r.signedIn(t, "provider"), r.as(t, "supervisor")

	form := shelter.get("/account/mail").form(t, "/account/mail")
	if a := shelter.post("/account/mail", with(form, "mail_address", "nobody")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no address: got %d", a.status)
	}
	const address = "nessa@example.org"
	shelter.post("/account/mail", with(form, "mail_address", address)).wants(t, http.StatusSeeOther, "/account/mail/code")
	letters := post()
	if len(letters) != 1 || letters[0].To != address {
		t.Fatalf("%d letters, want the code", len(letters))
	}
	code := shelter.get("/account/mail/code").form(t, "/account/mail/code")
	if a := shelter.post("/account/mail/code", with(code, "mail_code", "AAAAAA")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: got %d", a.status)
	}
	shelter.post("/account/mail/code", with(code, "mail_code", voiceCode.FindString(letters[0].Text))).
		wants(t, http.StatusSeeOther, "/account?done=mail-confirmed")
	if a := shelter.get("/account"); !a.says(address) {
		t.Error("the account does not show its own address")
	}
	for _, path := range []string{"/account", "/people", "/team"} {
		if a := boss.get(path); a.says(address) {
			t.Errorf("%s shows somebody else's address", path)
		}
	}

	const called = "Iven Marrowlight"
	child := newChild(t, worker, called)
	at, preview := child+"/refer", child+"/refer/preview"
	page := worker.get(at)
	unit := regexp.MustCompile(`<option value="([0-9a-z]{26})"[^>]*>Harbour House shelter`).FindStringSubmatch(page.body)
	look := worker.post(preview, with(page.form(t, preview), "referral_kind", "referral", "referral_unit", unit[1], "service", "emergency_shelter",
		"referral_urgency", "at_once", "language", "en", "reason", "A safe bed.", "consent_purpose", "services",
		"legal_basis", "public_task", "norm", "Act 12", "disclosure_part", "identity"))
	worker.post(at, look.form(t, at)).wants(t, http.StatusSeeOther, child+"/referrals?done=referral-offered")
	if letters = post(); len(letters) != 1 || letters[0].To != address {
		t.Fatalf("%d letters after a referral, want one", len(letters))
	}
	said := letters[0].Head.Get("Subject") + letters[0].Text
	if !strings.Contains(said, r.node.Config.Origin) || !strings.Contains(said, words("mail.waits")) {
		t.Errorf("the letter does not say where to look: %s", said)
	}
	for _, no := range []string{called, "Marrowlight", "shelter", "Harbour", "Nessa", "referral", "child", strings.TrimPrefix(child, "/child/")} {
		if strings.Contains(strings.ToLower(said), strings.ToLower(no)) {
			t.Errorf("the letter says %q", no)
		}
	}
	if a := r.as(t, "node_operator").get("/health"); !a.says(words("check.mail")) || a.says(words("advice.mail-unsent")) {
		t.Error("the health page does not say that word goes")
	}
	s.Refuse(true)
	if err := r.node.DB.Write(t.Context(), func(tx *store.Tx) error {
		now := r.node.Clock.Now()
		_, err := tx.Exec(t.Context(), `UPDATE staff_outbox SET queued_at = $1, due_at = $2 WHERE kind = 'waits'`,
			now.AddDate(0, 0, -2).UnixMicro(), now.UnixMicro())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if letters = post(); len(letters) != 0 {
		t.Errorf("%d letters after a day", len(letters))
	}
	if a := r.as(t, "node_operator").get("/health"); !a.says(words("advice.mail-unsent")) || a.says(address) {
		t.Error("the health page does not say that word could not be sent")
	}
	shelter.post("/account/mail/end", shelter.get("/account").form(t, "/account/mail/end")).wants(t, http.StatusSeeOther, "/account?done=mail-ended")
	if a := shelter.get("/account/mail/code"); a.status != http.StatusNotFound {
		t.Errorf("a code nobody asked for: got %d", a.status)
	}
}
