package web_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"causeway/internal/web"
)

func TestSignInAndOut(t *testing.T) {
	r := newRig(t)
	p := r.stranger(t)
	p.get("/").wants(t, http.StatusSeeOther, "/signin")
	p.get("/children?risk=high").wants(t, http.StatusSeeOther, "/signin?next=%2Fchildren%3Frisk%3Dhigh")
	door := p.get("/signin?next=/children")
	if door.status != http.StatusOK {
		t.Fatalf("the door: got %d", door.status)
	}
	r.reads(t, "case_worker")
	l := r.logins["case_worker"]
	form := with(door.form(t, "/signin"), "account", l.Name, "password", l.Password)
	p.post("/signin", form).wants(t, http.StatusSeeOther, "/children")
	if a := p.get("/"); a.status != http.StatusOK {
		t.Errorf("first page: got %d, want 200", a.status)
	}
	p.get("/signin").wants(t, http.StatusSeeOther, "/")
	p.post("/signout", nil).wants(t, http.StatusSeeOther, "/signin?done=signed-out")
	p.get("/").wants(t, http.StatusSeeOther, "/signin")
	if a := p.get("/signin?done=signed-out"); !strings.Contains(a.body, "You are signed out.") {
		t.Error("the door does not say that the person is signed out")
	}
}

// reads lets somebody take note of what other tests did to their account.
func (r *rig) reads(t *testing.T, role string) {
	t.Helper()
	p := r.as(t, role)
	for range 50 {
		account := p.get("/account")
		if !strings.Contains(account.body, `action="/account/notices/dismiss"`) {
			return
		}
		p.post("/account/notices/dismiss", account.form(t, "/account/notices/dismiss")).wants(t, http.StatusSeeOther, "/account")
	}
	t.Fatal("there is always more to take note of")
}

func TestWrongPasswordAndUnknownNameAreTheSame(t *testing.T) {
	r := newRig(t)
	name := r.logins["auditor"].Name
	wrong := r.stranger(t).post("/signin", url.Values{"account": {name}, "password": {"not the right one"}})
	other := strings.Repeat("x", len(name))
	unknown := r.stranger(t).post("/signin", url.Values{"account": {other}, "password": {"not the right one"}})
	if wrong.status != http.StatusUnprocessableEntity || unknown.status != wrong.status {
		t.Errorf("status: got %d and %d, want 422", wrong.status, unknown.status)
	}
	if !strings.Contains(wrong.body, `value="`+name+`"`) {
		t.Error("the name that was typed is not kept")
	}
	if got, want := strings.ReplaceAll(unknown.plain(), other, name), wrong.plain(); got != want {
		t.Error("an unknown name shows another page than a wrong password")
	}
	for _, a := range []answer{wrong, unknown} {
		if strings.Contains(a.body, "not the right one") {
			t.Error("the password comes back")
		}
	}
}

func TestGuessingIsSlowedDownWithWords(t *testing.T) {
	r := newRig(t)
	p := r.stranger(t)
	for range 12 {
		a := p.post("/signin", url.Values{"account": {"nobody.of.this.name"}, "password": {"guess"}})
		if a.status == http.StatusTooManyRequests {
			if a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "Wait ") {
				t.Error("the page does not say how long to wait")
			}
			return
		}
	}
	t.Error("twelve guesses were not slowed down")
}

func TestSessionCookie(t *testing.T) {
	r := newRig(t)
	for _, secure := range []bool{false, true} {
		d := r.deps
		d.Secure = secure
		h, err := web.New(d)
		if err != nil {
			t.Fatal(err)
		}
		l := r.logins["case_worker"]
		form := url.Values{"account": {l.Name}, "password": {l.Password}}
		req := httptest.NewRequest(http.MethodPost, "/signin", strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		cookies := w.Result().Cookies()
		if w.Code != http.StatusSeeOther || len(cookies) != 1 {
			t.Fatalf("secure %v: got %d with %d cookies, want 303 with one", secure, w.Code, len(cookies))
		}
		c := cookies[0]
		name := map[bool]string{false: "causeway", true: "__Host-causeway"}[secure]
		if c.Name != name || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
			t.Errorf("secure %v: cookie %q Secure=%v HttpOnly=%v SameSite=%v Path=%q Domain=%q MaxAge=%d",
				secure, c.Name, c.Secure, c.HttpOnly, c.SameSite, c.Path, c.Domain, c.MaxAge)
		}
	}
}

// TestSignInLeadsNowhereElse asks to be led to other sites: by a sign-in, and by
// the door of somebody who is signed in, which goes the same way without a password
// hash each time.
func TestSignInLeadsNowhereElse(t *testing.T) {
	r := newRig(t)
	l, in := r.logins["case_worker"], r.as(t, "case_worker")
	for i, next := range []string{"https://elsewhere.example/", "/a\r\nSet-Cookie: x=y", "//elsewhere.example", `/\elsewhere.example`, "javascript:alert(1)", "/\t/elsewhere.example", "/\n/elsewhere.example", "/%5celsewhere"} {
		answers := []answer{in.get("/signin?" + url.Values{"next": {next}}.Encode())}
		if i < 2 {
			answers = append(answers, r.stranger(t).post("/signin", url.Values{"account": {l.Name}, "password": {l.Password}, "next": {next}}))
		}
		for _, a := range answers {
			to, err := url.Parse(a.header.Get("Location"))
			if err != nil || a.status != http.StatusSeeOther || to.Host != "" || to.Scheme != "" || strings.HasPrefix(to.Path, "//") {
				t.Errorf("next %q leads to %q", next, a.header.Get("Location"))
			}
			if a.header.Get("Set-Cookie") == "x=y" {
				t.Errorf("next %q sets a header", next)
			}
		}
	}
}

// everyPost is every address that takes a form or a script's question.
var everyPost = []string{
	"/signin", "/signin/code", "/signout", "/lock", "/language", "/invite/x", "/welcome", "/welcome/authenticator", "/confirm",
	"/passkey/get/begin", "/passkey/get/finish", "/passkey/create/begin", "/passkey/confirm/begin", "/passkey/welcome/begin",
	"/account/password", "/account/authenticator", "/account/credentials/remove", "/account/sessions/end",
	"/account/sessions/end-others", "/account/notices/dismiss", "/people/invite", "/people/units", "/people/x", "/people/x/disable",
	"/people/x/enable", "/people/x/deputy", "/people/x/invite", "/journal/verify", "/journal/export", "/health/backup",
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	for _, path := range everyPost {
		for _, site := range []string{"cross-site", "same-site"} {
			if a := p.send(path, "application/x-www-form-urlencoded", "a=b", site); a.status != http.StatusForbidden {
				t.Errorf("POST %s from a %s page: got %d, want 403", path, site, a.status)
			}
		}
	}
	if a := p.get("/"); a.status != http.StatusOK {
		t.Errorf("after it the person is not signed in any more: %d", a.status)
	}
}

func TestLockAndUnlock(t *testing.T) {
	r := newRig(t)
	p := r.signedIn(t, "case_worker")
	p.post("/lock", url.Values{"next": {"/children"}}).wants(t, http.StatusSeeOther, "/signin?locked=1&next=%2Fchildren")
	p.get("/children").wants(t, http.StatusSeeOther, "/signin?locked=1&next=%2Fchildren")
	page := p.get("/signin?locked=1&next=/children")
	if !strings.Contains(page.body, "Locked") || strings.Contains(page.body, `name="account"`) {
		t.Error("this is not a lock screen")
	}
	form := page.form(t, "/signin")
	if a := p.post("/signin", with(form, "password", "wrong one")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Locked") {
		t.Errorf("a wrong password: got %d, want 422 and the lock screen", a.status)
	}
	p.get("/children").wants(t, http.StatusSeeOther, "/signin?locked=1&next=%2Fchildren")
	p.post("/signin", with(form, "password", r.logins["case_worker"].Password)).wants(t, http.StatusSeeOther, "/children")
	if a := p.get("/children"); a.status != http.StatusOK {
		t.Errorf("unlocked: got %d, want 200", a.status)
	}
}

func TestLanguageOfTheDoor(t *testing.T) {
	r := newRig(t)
	p := r.stranger(t)
	p.post("/language", url.Values{"language": {"ar"}, "next": {"/signin"}}).wants(t, http.StatusSeeOther, "/signin")
	if a := p.get("/signin"); !strings.Contains(a.body, `lang="ar" dir="rtl"`) {
		t.Error("the door is not in Arabic")
	}
	if a := p.post("/language", url.Values{"language": {"xx"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown language: got %d, want 422", a.status)
	}
}

func TestPasskeyQuestions(t *testing.T) {
	r := newRig(t)
	p := r.stranger(t)
	a := p.send("/passkey/get/begin", "application/json", "{}", "same-origin")
	if a.status != http.StatusOK || !strings.Contains(a.body, `"challenge"`) || !strings.Contains(a.body, `"userVerification":"required"`) {
		t.Errorf("begin: got %d %s", a.status, a.body)
	}
	for _, body := range []string{"{}", "", "[1", strings.Repeat("x", 100_000)} {
		a := p.send("/passkey/get/finish", "application/json", body, "same-origin")
		if a.status < 400 || a.status >= 500 || strings.Contains(a.header.Get("Set-Cookie"), "causeway=") {
			t.Errorf("finish with %d bytes of nonsense: got %d", len(body), a.status)
		}
	}
	if a := p.send("/passkey/create/begin", "application/json", "{}", "same-origin"); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "/signin") {
		t.Errorf("a passkey for nobody: got %d %s", a.status, a.body)
	}
	if a := p.send("/passkey/get/finish", "text/plain", "{}", "same-origin"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a body that is no JSON: got %d, want 422", a.status)
	}
}

var (
	shownSecret = regexp.MustCompile(`<code class="secret" dir="ltr">([^<]*)</code>`)
	shownLoud   = regexp.MustCompile(`<code class="secret loud" dir="ltr">([^<]*)</code>`)
)

// totpCode is what an authenticator app shows (RFC 6238).
func totpCode(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(at.Unix()/30))
	mac.Write(step[:])
	sum := mac.Sum(nil)
	at4 := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at4:])&0x7fffffff%1_000_000)
}

// TestInvitation takes somebody from the invitation to their first sign-in, and
// then through an authenticator app.
func TestInvitation(t *testing.T) {
	r := newRig(t)
	boss := r.as(t, "supervisor")
	link, voice := invite(t, boss, "nadia.q", "Nadia Q.", "case_worker")
	path := strings.TrimPrefix(link, r.srv.URL)
	r.secret(strings.TrimPrefix(path, "/invite/"), "the token of an invitation")

	guest := r.stranger(t)
	before := r.journalSize(t)
	page := guest.get(path)
	if page.status != http.StatusOK || !strings.Contains(page.body, "Nadia Q.") || len(page.header.Values("Set-Cookie")) > 0 {
		t.Fatalf("the invitation: got %d, cookies %v", page.status, page.header.Values("Set-Cookie"))
	}
	guest.get(path)
	if after := r.journalSize(t); after != before {
		t.Errorf("looking at an invitation wrote %d entries", after-before)
	}
	if a := guest.get("/welcome"); a.status != http.StatusGone {
		t.Errorf("welcome without an admission: got %d, want 410", a.status)
	}
	if a := guest.post(path, url.Values{"voice_code": {"AAAA-AAA"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: got %d, want 422", a.status)
	}
	guest.post(path, with(page.form(t, "?"), "voice_code", voice)).wants(t, http.StatusSeeOther, "/welcome")

	const password = "seven quiet herons"
	r.secret(password, "a password")
	form := guest.get("/welcome").form(t, "/welcome")
	for _, wrong := range [][2]string{{"short", "short"}, {password, "another one altogether"}, {"", ""}} {
		a := guest.post("/welcome", with(form, "new_password", wrong[0], "new_password_again", wrong[1]))
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("a password that cannot be: got %d, want 422", a.status)
		}
	}
	guest.post("/welcome", with(form, "new_password", password, "new_password_again", password)).wants(t, http.StatusSeeOther, "/signin?done=welcome")
	for _, again := range []string{path, "/welcome"} {
		if a := guest.get(again); a.status != http.StatusGone {
			t.Errorf("%s after it was used: got %d, want 410", again[:8], a.status)
		}
	}
	in := url.Values{"account": {"nadia.q"}, "password": {password}}
	guest.post("/signin", in).wants(t, http.StatusSeeOther, "/conduct")
	guest.post("/conduct", guest.get("/conduct").form(t, "/conduct")).wants(t, http.StatusSeeOther, "/")

	addApp(t, r, guest, in)
}

func (r *rig) journalSize(t *testing.T) int64 {
	t.Helper()
	if _, err := r.node.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := r.node.Journal.Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// invite makes an invitation and returns what is shown once.
func invite(t *testing.T, boss *person, account, name, role string) (link, voice string) {
	t.Helper()
	page := boss.get("/people/invite")
	form := with(page.form(t, "/people/invite"), "account", account, "staff_name", name, "role", role,
		"unit", firstOption(t, page, "unit"), "supervisor", firstOption(t, page, "supervisor"), "staff_language", "en")
	boss.post("/people/invite", form).wants(t, http.StatusSeeOther, "/people/invited")
	once := boss.get("/people/invited")
	l, v := shownSecret.FindStringSubmatch(once.body), shownLoud.FindStringSubmatch(once.body)
	if once.status != http.StatusOK || l == nil || v == nil {
		t.Fatalf("the invitation is not shown: %d", once.status)
	}
	boss.get("/people/invited").wants(t, http.StatusSeeOther, "/people")
	if a := boss.post("/people/invite", form); a.status != http.StatusConflict {
		t.Errorf("the same form again: got %d, want 409", a.status)
	}
	return html.UnescapeString(l[1]), html.UnescapeString(v[1])
}

var optionValue = regexp.MustCompile(`<option value="([^"]+)"`)

func firstOption(t testing.TB, a answer, field string) string {
	t.Helper()
	_, rest, ok := strings.Cut(a.body, `<select id="f-`+field+`"`)
	m := optionValue.FindStringSubmatch(rest)
	if !ok || m == nil {
		t.Fatalf("no answer to choose for %s", field)
	}
	return m[1]
}

// addApp sets up an authenticator app and signs in with it.
func addApp(t *testing.T, r *rig, p *person, in url.Values) {
	t.Helper()
	page := p.get("/account/authenticator")
	m := shownSecret.FindStringSubmatch(page.body)
	if m == nil || !strings.Contains(page.body, `class="qr"`) {
		t.Fatalf("the app's secret is not shown: %d", page.status)
	}
	r.secret(m[1], "the secret of an authenticator app")
	if a := p.post("/account/authenticator", url.Values{"code": {"000000"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong first code: got %d, want 422", a.status)
	}
	now := r.node.Clock.Now()
	p.post("/account/authenticator", url.Values{"code": {totpCode(t, m[1], now)}}).wants(t, http.StatusSeeOther, "/account?done=authenticator")
	p.post("/signout", nil)

	p.post("/signin", in).wants(t, http.StatusSeeOther, "/signin/code")
	p.get("/").wants(t, http.StatusSeeOther, "/signin")
	if a := p.post("/signin/code", url.Values{"code": {"000000"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: got %d, want 422", a.status)
	}
	// A new app is told at the next sign-in; the code of the next half minute
	// is accepted, the one used before is not.
	if a := p.post("/signin/code", url.Values{"code": {totpCode(t, m[1], now)}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("the code used before: got %d, want 422", a.status)
	}
	p.post("/signin/code", url.Values{"code": {totpCode(t, m[1], now.Add(30*time.Second))}}).wants(t, http.StatusSeeOther, "/account")
	account := p.get("/account")
	if !strings.Contains(account.body, "An authenticator app was added") {
		t.Error("the new authenticator app is not told")
	}
	p.post("/account/notices/dismiss", account.form(t, "/account/notices/dismiss")).wants(t, http.StatusSeeOther, "/account")
	if a := p.get("/account"); strings.Contains(a.body, "An authenticator app was added") {
		t.Error("a dismissed notice is told again")
	}
}
