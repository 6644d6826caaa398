package sso_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/sso"
	"causeway/internal/sso/ssotest"
)

var ctx = context.Background()

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func rig(t *testing.T) (*ssotest.Provider, *sso.Client, *clock.Fake) {
	t.Helper()
	clk := clock.NewFake(start)
	p := ssotest.New(t, clk.Now)
	return p, client(p, clk), clk
}

func client(p *ssotest.Provider, clk clock.Clock) *sso.Client {
	return sso.New(sso.Config{
		Issuer: p.Issuer(), Client: ssotest.Client, Secret: func() (string, error) { return ssotest.Secret, nil },
		Redirect: "https://node.example/signin/sso/back", Groups: "groups", Name: "preferred_username", ACR: []string{"mfa"}, AMR: []string{"hwk"},
	}, clk, nil)
}

// person is what the provider says of an invented person.
func person(more ssotest.Claims) ssotest.Claims {
	all := ssotest.Claims{"sub": "s-1", "preferred_username": "amal", "groups": []string{"carers", "choir"}}
	for k, v := range more {
		all[k] = v
	}
	return all
}

func TestSignIn(t *testing.T) {
	p, c, _ := rig(t)
	to, ask, err := c.Begin(ctx, "/children", false)
	if err != nil {
		t.Fatal(err)
	}
	state, code := p.Login(t, to, person(ssotest.Claims{"amr": []string{"pwd", "hwk"}}))
	who, err := c.Finish(ctx, ask, state, code)
	if err != nil {
		t.Fatal(err)
	}
	if who.Issuer != p.Issuer() || who.Subject != "s-1" || who.Name != "amal" || !slices.Equal(who.Groups, []string{"carers", "choir"}) ||
		!who.Strong || !who.At.Equal(start) || ask.Next != "/children" {
		t.Errorf("vouched for %+v", who)
	}
	if _, err := c.Finish(ctx, ask, state, code); fault.CodeOf(err) != "sso-refused" {
		t.Errorf("the code a second time: %v, want sso-refused", err)
	}
}

func TestStrength(t *testing.T) {
	p, c, _ := rig(t)
	for name, tt := range map[string]struct {
		claims ssotest.Claims
		want   bool
	}{
		"nothing said":     {nil, false},
		"a password":       {ssotest.Claims{"amr": []string{"pwd"}}, false},
		"a key":            {ssotest.Claims{"amr": []string{"pwd", "hwk"}}, true},
		"an acr":           {ssotest.Claims{"acr": "mfa"}, true},
		"another acr":      {ssotest.Claims{"acr": "0"}, false},
		"an acr of a list": {ssotest.Claims{"acr": []string{"mfa"}}, false},
	} {
		to, ask, err := c.Begin(ctx, "/", false)
		if err != nil {
			t.Fatal(err)
		}
		state, code := p.Login(t, to, person(tt.claims))
		if who, err := c.Finish(ctx, ask, state, code); err != nil || who.Strong != tt.want {
			t.Errorf("%s: strong %v, %v, want %v", name, who.Strong, err, tt.want)
		}
	}
}

// TestWhatIsRefused: each is a sign-in that must not count.
func TestWhatIsRefused(t *testing.T) {
	p, c, clk := rig(t)
	login := func(change ssotest.Claims) func(*sso.Ask, string) (string, string) {
		return func(_ *sso.Ask, to string) (string, string) { return p.Login(t, to, person(change)) }
	}
	for name, do := range map[string]func(ask *sso.Ask, to string) (state, code string){
		"a wrong nonce":    login(ssotest.Claims{"nonce": "of another sign-in"}),
		"no nonce":         login(ssotest.Claims{"nonce": nil}),
		"a wrong audience": login(ssotest.Claims{"aud": "another client"}),
		"a wrong issuer":   login(ssotest.Claims{"iss": "https://elsewhere.example"}),
		"an expired token": login(ssotest.Claims{"exp": clk.Now().Add(-time.Minute).Unix()}),
		"no subject":       login(ssotest.Claims{"sub": nil}),
		"a forged token":   func(_ *sso.Ask, to string) (string, string) { return p.Forged(t, to, person(nil)) },
		"a wrong state": func(_ *sso.Ask, to string) (string, string) {
			_, code := p.Login(t, to, person(nil))
			return "of another sign-in", code
		},
		"no state": func(ask *sso.Ask, to string) (string, string) {
			_, code := p.Login(t, to, person(nil))
			ask.State = ""
			return "", code
		},
		"a code nobody gave": func(_ *sso.Ask, to string) (string, string) {
			state, _ := p.Login(t, to, person(nil))
			return state, "guessed"
		},
		"no code": func(_ *sso.Ask, to string) (string, string) {
			state, _ := p.Login(t, to, person(nil))
			return state, ""
		},
		"a code of another browser": func(ask *sso.Ask, to string) (string, string) {
			state, code := p.Login(t, to, person(nil))
			ask.Verifier = "another verifier, of at least forty-three characters"
			return state, code
		},
	} {
		to, ask, err := c.Begin(ctx, "/", false)
		if err != nil {
			t.Fatal(err)
		}
		state, code := do(&ask, to)
		if who, err := c.Finish(ctx, ask, state, code); fault.CodeOf(err) != "sso-refused" {
			t.Errorf("%s: %+v, %v, want sso-refused", name, who, err)
		}
	}
}

// TestProviderDown: a provider that does not answer is a fault of its own, and is
// asked again later.
func TestProviderDown(t *testing.T) {
	p, c, clk := rig(t)
	p.Down(true)
	if _, _, err := c.Begin(ctx, "/", false); fault.CodeOf(err) != "sso-unavailable" || !fault.Is(err, fault.Unavailable) {
		t.Errorf("down at the start: %v", err)
	}
	p.Down(false)
	to, ask, err := c.Begin(ctx, "/", true)
	if err != nil {
		t.Fatalf("up again: %v", err)
	}
	state, code := p.Login(t, to, person(nil))
	p.Down(true)
	if _, err := c.Finish(ctx, ask, state, code); fault.CodeOf(err) != "sso-unavailable" {
		t.Errorf("down in between: %v", err)
	}
	p.Down(false)
	noSecret := sso.New(sso.Config{
		Issuer: p.Issuer(), Client: ssotest.Client, Secret: func() (string, error) { return "", fault.New(fault.Unavailable, "no-credentials") },
	}, clk, nil)
	to, ask, err = noSecret.Begin(ctx, "/", false)
	if err != nil {
		t.Fatal(err)
	}
	state, code = p.Login(t, to, person(nil))
	if _, err := noSecret.Finish(ctx, ask, state, code); fault.CodeOf(err) != "sso-unavailable" {
		t.Errorf("without its secret: %v", err)
	}
}
