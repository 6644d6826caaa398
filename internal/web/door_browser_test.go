package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// away waits until the browser is at a path.
func away(t *testing.T, ctx context.Context, base, path string) {
	t.Helper()
	at := ""
	for range 500 {
		var err error
		at, err = chromedp.Run(ctx, chromedp.Evaluate[string]("document.readyState + ' ' + location.href"))
		if err == nil && strings.HasPrefix(at, "complete ") && at[len("complete "):] == base+path { // an error: between two pages
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("the browser is at %q, not at %s", at, path)
}

// press clicks a button once it is there.
func press(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.WaitVisible(selector), chromedp.Click(selector)); err != nil {
		t.Fatalf("press %s: %v", selector, err)
	}
}

// TestPasskeyInABrowser makes a passkey on the person's own page, signs in with
// it, unlocks with it, and makes the first credential of an invited person.
func TestPasskeyInABrowser(t *testing.T) {
	r := newRig(t)
	ctx, stop := context.WithTimeout(browser(t), time.Minute)
	defer stop()
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	_, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	link, voice := invite(t, r.as(t, "supervisor"), "ines.b", "Inès B.", "supervisor")
	if err := chromedp.Do(ctx, chromedp.Navigate(link), chromedp.SendKeys(`#f-voice_code`, voice)); err != nil {
		t.Fatalf("open the invitation: %v", err)
	}
	press(t, ctx, `form.form button.main`)
	press(t, ctx, `[data-passkey=welcome] button`)
	away(t, ctx, r.srv.URL, "/signin?done=welcome")
	press(t, ctx, `[data-passkey=get] button`)
	away(t, ctx, r.srv.URL, "/conduct")
	press(t, ctx, `form.form button.main`)
	away(t, ctx, r.srv.URL, "/")
	if err := chromedp.Do(ctx, chromedp.Navigate(r.srv.URL+"/account")); err != nil {
		t.Fatal(err)
	}
	press(t, ctx, `[data-passkey=create] button`) // the same one again is refused by the browser
	if err := chromedp.Do(ctx, chromedp.WaitVisible(`[data-passkey=create] .error`)); err != nil {
		t.Fatal(err)
	}
	press(t, ctx, `main form[action="/lock"] button`)
	press(t, ctx, `[data-passkey=confirm] button`)
	away(t, ctx, r.srv.URL, "/")
	if err := chromedp.Do(ctx, chromedp.Navigate(r.srv.URL+"/confirm?next=/people")); err != nil {
		t.Fatal(err)
	}
	press(t, ctx, `[data-passkey=confirm] button`)
	away(t, ctx, r.srv.URL, "/people")
}

// TestOfficeInABrowser looks at the pages of a whole node, in English and Arabic
// on a phone and a desk.
func TestOfficeInABrowser(t *testing.T) {
	r := newRig(t)
	source := axe(t)
	somebody := somebodyOf(t, r, "supervisor")
	shots := os.Getenv("CAUSEWAY_SHOTS")
	boss := r.as(t, "supervisor")
	columns := boss.upload("children.csv", childrenFile).header.Get("Location")
	report := strings.TrimSuffix(boss.upload("more-children.csv", childrenFile).header.Get("Location"), "/map")
	mapAndCheck(t, boss, report)
	for role, paths := range map[string][]string{
		"supervisor":    {"/import", columns, report, "/people", "/people/invite", somebody, "/account", "/account/authenticator", "/account/password", "/confirm?next=/people"},
		"node_operator": {"/people/units", "/health"},
		"auditor":       {"/journal", "/journal?outcome=denied"},
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			p := r.signedIn(t, role)
			ctx, stop := context.WithTimeout(p.browser(), 2*time.Minute)
			defer stop()
			for _, lang := range []string{"en", "ar"} {
				// The language belongs to the person.
				p.post("/language", url.Values{"language": {lang}}).wants(t, http.StatusSeeOther, "/")
				for i, path := range paths {
					t.Run(lang+" "+strings.ReplaceAll(path, "/", " "), func(t *testing.T) {
						visit(t, ctx, r.srv.URL+path)
						for _, width := range []int64{360, 1280} {
							judge(t, ctx, width, source, allRules)
							if shots != "" {
								shoot(t, ctx, width, filepath.Join(shots, fmt.Sprintf("office-%s-%d-%s-%d.png", role, i, lang, width)))
							}
						}
					})
				}
			}
			p.post("/language", url.Values{"language": {"en"}}).wants(t, http.StatusSeeOther, "/")
		})
	}
}

// browser opens a window in which the person is signed in.
func (p *person) browser() context.Context {
	p.t.Helper()
	ctx := browser(p.t.(*testing.T))
	base, err := url.Parse(p.r.srv.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range p.client.Jar.Cookies(base) {
		if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: p.r.srv.URL}); err != nil {
			p.t.Fatalf("set a cookie: %v", err)
		}
	}
	return ctx
}
