// Package sso speaks OpenID Connect with the one provider a node trusts: it sends a
// browser there and reads, from what comes back, whom the provider vouches for.
//
// It must never decide whether somebody may sign in (package staff does), never take a
// claim from a token that it did not verify, and never put a name, a subject or a token
// into an error.
//
// Start at [New]; [Client.Begin] and [Client.Finish] are the two halves of a sign-in.
package sso

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Config says which provider is trusted, and what of its claims.
type Config struct {
	Issuer   string
	Client   string                 // the identifier this node has there
	Secret   func() (string, error) // read when it is needed, from a credential file
	Redirect string                 // where the browser comes back
	Groups   string                 // the claim with the groups
	Name     string                 // the claim with the sign-in name of an account here
	ACR, AMR []string               // values that say that more than a password was given
}

// Ask is one sign-in that was begun. It is kept where neither the browser nor the
// provider reads it.
type Ask struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // PKCE (RFC 7636)
	Next     string `json:"next"`     // where the person was going
	Again    bool   `json:"again"`    // the provider was told to ask the person anew
}

// Identity is whom the provider vouches for.
type Identity struct {
	Issuer, Subject string
	Name            string
	Groups          []string
	Strong          bool      // more than a password was given
	At              time.Time // when the person proved who they are; zero: the provider does not say
}

// Client is safe for concurrent use.
type Client struct {
	cfg  Config
	clk  clock.Clock
	http *http.Client

	mu       sync.Mutex     // guards provider
	provider *oidc.Provider // nil until the provider answered once
}

// patience is how long the provider may take for one answer.
const patience = 10 * time.Second

// New returns a client. It asks the provider nothing yet: a node starts without it.
func New(cfg Config, clk clock.Clock, transport http.RoundTripper) *Client {
	return &Client{cfg: cfg, clk: clk, http: &http.Client{Timeout: patience, Transport: transport}}
}

func errDown(err error) error { return fault.Wrap(fault.Unavailable, "sso-unavailable", err) }

// errRefused hides why: the reason is the provider's business, or an attacker's.
func errRefused() error { return fault.New(fault.Denied, "sso-refused") }

// discovered returns the provider as it described itself, asked once.
func (c *Client) discovered(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.provider == nil {
		// The provider keeps its context for fetching keys later: not this request's.
		p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), c.http), c.cfg.Issuer)
		if err != nil {
			return nil, nil, errDown(err)
		}
		c.provider = p
	}
	return c.provider, &oauth2.Config{
		ClientID: c.cfg.Client, Endpoint: c.provider.Endpoint(), RedirectURL: c.cfg.Redirect, Scopes: []string{oidc.ScopeOpenID, "profile"},
	}, nil
}

// Begin returns where the browser goes, and what must be kept until it comes back.
// With again the provider asks the person anew. A provider that does not answer is
// Unavailable "sso-unavailable".
func (c *Client) Begin(ctx context.Context, next string, again bool) (to string, ask Ask, err error) {
	_, oc, err := c.discovered(ctx)
	if err != nil {
		return "", ask, err
	}
	ask = Ask{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier(), Next: next, Again: again}
	opts := []oauth2.AuthCodeOption{oidc.Nonce(ask.Nonce), oauth2.S256ChallengeOption(ask.Verifier)}
	if again {
		opts = append(opts, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return oc.AuthCodeURL(ask.State, opts...), ask, nil
}

// Finish exchanges the code that came back for an ID token and verifies it: state,
// signature, issuer, audience, expiry, nonce. Whatever does not fit is Denied
// "sso-refused"; a provider that does not answer is Unavailable.
func (c *Client) Finish(ctx context.Context, ask Ask, state, code string) (Identity, error) {
	var who Identity
	if ask.State == "" || code == "" || subtle.ConstantTimeCompare([]byte(ask.State), []byte(state)) != 1 {
		return who, errRefused()
	}
	provider, oc, err := c.discovered(ctx)
	if err != nil {
		return who, err
	}
	if oc.ClientSecret, err = c.cfg.Secret(); err != nil {
		return who, errDown(err)
	}
	tokens, err := oc.Exchange(oidc.ClientContext(ctx, c.http), code, oauth2.VerifierOption(ask.Verifier))
	if err != nil {
		if answered := (*oauth2.RetrieveError)(nil); errors.As(err, &answered) && answered.Response.StatusCode < http.StatusInternalServerError {
			return who, errRefused()
		}
		return who, errDown(err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return who, errRefused()
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: c.cfg.Client, Now: c.clk.Now})
	token, err := verifier.Verify(oidc.ClientContext(ctx, c.http), raw)
	if err != nil || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(ask.Nonce)) != 1 || token.Subject == "" {
		return who, errRefused()
	}
	return c.identity(token)
}

// identity reads the claims of a token that was verified.
func (c *Client) identity(token *oidc.IDToken) (Identity, error) {
	who := Identity{Issuer: token.Issuer, Subject: token.Subject}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return who, errRefused()
	}
	who.Name, _ = claims[c.cfg.Name].(string)
	who.Groups = texts(claims[c.cfg.Groups])
	acr, _ := claims["acr"].(string)
	who.Strong = acr != "" && slices.Contains(c.cfg.ACR, acr) ||
		slices.ContainsFunc(texts(claims["amr"]), func(m string) bool { return slices.Contains(c.cfg.AMR, m) })
	if at, ok := claims["auth_time"].(float64); ok && at > 0 {
		who.At = time.Unix(int64(at), 0)
	}
	return who, nil
}

// texts reads a claim that is one text or a list of them.
func texts(claim any) (out []string) {
	switch v := claim.(type) {
	case string:
		out = append(out, v)
	case []any:
		for _, one := range v {
			if s, ok := one.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

func random() string {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		panic("sso: no randomness: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}
