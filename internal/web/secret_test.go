package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// secretsOf makes texts that look like nothing else; from then on the rig finds
// them in any answer.
func secretsOf(r *rig, test string) func(field string) string {
	n := 0
	return func(field string) string {
		n++
		s := fmt.Sprintf("%s-%s-%d", test, strings.ReplaceAll(field, "_", ""), n)
		r.secret(s, "what was typed into "+field)
		return s
	}
}

// TestNoSecretComesBack refuses every form that has a field for a secret, and
// some that have none but are sent one: the page that comes back holds nothing
// of it, and the form is not kept to be shown again by GET.
func TestNoSecretComesBack(t *testing.T) {
	r := newRig(t)
	secret := secretsOf(r, "heron")
	typed := func(form url.Values, fields ...string) url.Values {
		out := with(form)
		for _, f := range fields {
			out.Set(f, secret(f))
		}
		return out
	}
	refused := func(p *person, path string, form url.Values) answer {
		t.Helper()
		a := p.send(path, "application/x-www-form-urlencoded", form.Encode(), "same-origin")
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("POST %s: got %d to %q, want 422 at once", path, a.status, a.header.Get("Location"))
		}
		return a
	}
	link, voice := invite(t, r.as(t, "supervisor"), "sela.k", "Sela K.", "case_worker")
	path := strings.TrimPrefix(link, r.srv.URL)

	p := r.stranger(t)
	refused(p, "/signin", typed(url.Values{"account": {"nobody.here"}}, "password", "code"))
	refused(p, path, typed(p.get(path).form(t, "?"), "voice_code", "password"))
	p.post(path, with(p.get(path).form(t, "?"), "voice_code", voice)).wants(t, http.StatusSeeOther, "/welcome")
	form := p.get("/welcome").form(t, "/welcome")
	refused(p, "/welcome", typed(form, "new_password", "new_password_again")) // two that differ
	app := p.get("/welcome/authenticator").form(t, "/welcome/authenticator")
	refused(p, "/welcome/authenticator", typed(app, "code", "new_password", "new_password_again"))
	const password = "nine quiet egrets"
	p.post("/welcome", with(form, "new_password", password, "new_password_again", password)).wants(t, http.StatusSeeOther, "/signin?done=welcome")

	in := url.Values{"account": {"sela.k"}, "password": {password}}
	p.post("/signin", in).wants(t, http.StatusSeeOther, "/conduct")
	refused(p, "/confirm", typed(p.get("/confirm?next=/account").form(t, "/confirm"), "password", "code"))
	refused(p, "/account/password", typed(p.get("/account/password").form(t, "/account/password"), "new_password", "new_password_again"))
	p.get("/account/authenticator")
	refused(p, "/account/authenticator", typed(nil, "code"))

	// Forms without such a field, sent one all the same.
	refused(p, "/children/new/form", typed(with(p.get("/children/new/form").form(t, "/children/new/form"), "name", "Kept Name"), "password"))
	a := refused(p, "/children/new", typed(p.get("/children/new").form(t, "/children/new"), "voice_code", "response"))
	if !strings.Contains(a.body, `id="errors"`) {
		t.Error("the refused form does not say what is wrong")
	}
	refused(p, "/language", typed(url.Values{"language": {"xx"}}, "password", "new_password"))

	p.post("/lock", nil).wants(t, http.StatusSeeOther, "/signin?locked=1")
	refused(p, "/signin", typed(p.get("/signin?locked=1").form(t, "/signin"), "password", "code"))
	p.post("/signin", url.Values{"password": {password}}).wants(t, http.StatusSeeOther, "/")
	addApp(t, r, p, in)
	p.post("/signout", nil)
	p.post("/signin", in).wants(t, http.StatusSeeOther, "/signin/code")
	refused(p, "/signin/code", typed(nil, "code"))
}
