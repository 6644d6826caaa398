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

	"causeway/internal/demo"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// enter signs in by hand, as a person would.
func enter(t *testing.T, ctx context.Context, base string, l demo.Login) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(base+"/signin?next=/account"), chromedp.WaitVisible(`#f-account`),
		chromedp.SendKeys(`#f-account`, l.Name), chromedp.SendKeys(`#f-password`, l.Password))
	if err != nil {
		t.Fatalf("sign in by hand: %v", err)
	}
	press(t, ctx, `form.form button.main`)
	away(t, ctx, base, "/account")
}

// away waits until the browser is at a path.
func away(t *testing.T, ctx context.Context, base, path string) {
	t.Helper()
	at := ""
	for range 100 {
		var err error
		at, err = chromedp.Run(ctx, chromedp.Evaluate[string]("document.readyState + ' ' + location.href"))
		if err == nil && strings.HasPrefix(at, "complete ") && at[len("complete "):] == base+path { // an error: between two pages
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the browser is at %q, not at %s", at, path)
}

// press clicks a button once it stands still: pages fade into each other.
func press(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.WaitVisible(selector), chromedp.Sleep(600*time.Millisecond), chromedp.Click(selector)); err != nil {
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
	link, voice := invite(t, r.signedIn(t, "supervisor"), "ines.b", "Inès B.", "supervisor")
	if err := chromedp.Do(ctx, chromedp.Navigate(link), chromedp.SendKeys(`#f-voice_code`, voice)); err != nil {
		t.Fatalf("open the invitation: %v", err)
	}
	press(t, ctx, `form.form button.main`)
	press(t, ctx, `[data-passkey=welcome] button`)
	away(t, ctx, r.srv.URL, "/signin?done=welcome")
	press(t, ctx, `[data-passkey=get] button`)
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
	boss := r.signedIn(t, "supervisor")
	columns := boss.upload("children.csv", childrenFile).header.Get("Location")
	report := strings.TrimSuffix(boss.upload("more-children.csv", childrenFile).header.Get("Location"), "/map")
	mapAndCheck(t, boss, report)
	pages := map[string][]string{
		"supervisor":    {"/import", columns, report, "/people", "/people/invite", somebody, "/account", "/account/authenticator", "/account/password", "/confirm?next=/people"},
		"node_operator": {"/people/units", "/health"},
		"auditor":       {"/journal", "/journal?outcome=denied"},
	}
	for _, lang := range []string{"en", "ar"} {
		ctx, stop := context.WithTimeout(browser(t), 2*time.Minute)
		defer stop()
		for role, paths := range pages {
			// The language belongs to the person.
			r.signedIn(t, role).post("/language", url.Values{"language": {lang}}).wants(t, http.StatusSeeOther, "/")
			enter(t, ctx, r.srv.URL, r.logins[role])
			for _, width := range []int64{360, 1280} {
				for i, path := range paths {
					name := fmt.Sprintf("office-%s-%d-%s-%d", role, i, lang, width)
					t.Run(name, func(t *testing.T) {
						visit(t, ctx, r.srv.URL+path, width, source)
						if shots != "" {
							shoot(t, ctx, width, filepath.Join(shots, name+".png"))
						}
					})
				}
			}
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(r.srv.URL+"/account")); err != nil {
				t.Fatal(err)
			}
			press(t, ctx, `main form[action="/signout"] button`)
			away(t, ctx, r.srv.URL, "/signin?done=signed-out")
		}
	}
	for _, role := range roles {
		r.signedIn(t, role).post("/language", url.Values{"language": {"en"}}).wants(t, http.StatusSeeOther, "/")
	}
}
