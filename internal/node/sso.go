package node

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/sso"
	"causeway/internal/staff"
)

// SSO says through which provider people may sign in, besides their local accounts.
type SSO struct {
	// Issuer is the provider's address, as its tokens name it.
	Issuer string `json:"issuer"`
	// Client is the identifier this node has there.
	Client string `json:"client"`
	// Credential names the file with the client's secret: a path, or the name of a
	// systemd credential.
	Credential string `json:"credential"`
	// Label names the provider on the sign-in page.
	Label string `json:"label"`
	// Groups says which post a group there stands for. A group that is not here
	// stands for nothing.
	Groups []SSOGroup `json:"groups"`
	// GroupsClaim and NameClaim are the claims with the groups and with the sign-in
	// name here; "groups" and "preferred_username" when they are left out.
	GroupsClaim string `json:"groups_claim,omitempty"`
	NameClaim   string `json:"name_claim,omitempty"`
	// StrongACR and StrongAMR are the values of acr and amr that say that more than a
	// password was given. Without them every sign-in counts as a password.
	StrongACR []string `json:"strong_acr,omitempty"`
	StrongAMR []string `json:"strong_amr,omitempty"`
}

// SSOGroup is the post that a group stands for.
type SSOGroup struct {
	Group string `json:"group"`
	Role  string `json:"role"`
	Unit  string `json:"unit"` // its name
}

// check refuses what leaves a question of safety open.
func (s *SSO) check(k *fault.Check) {
	k.Require(strings.HasPrefix(s.Issuer, "https://") || strings.HasPrefix(s.Issuer, "http://127.0.0.1:"), "sso.issuer", "origin")
	k.Require(s.Client != "", "sso.client", "required")
	k.Require(s.Credential != "", "sso.credential", "required")
	k.Require(s.Label != "" && len(s.Label) <= 60, "sso.label", "required")
	k.Require(len(s.Groups) > 0, "sso.groups", "required")
	for _, g := range s.Groups {
		_, known := staff.DefaultRules()[staff.Role(g.Role)]
		k.Require(g.Group != "" && g.Unit != "" && known, "sso.groups", "not-in-list")
	}
}

// secret reads the client's secret each time: it can be renewed while the node runs.
func (s *SSO) secret() (string, error) {
	path := s.Credential
	if !filepath.IsAbs(path) {
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return "", fault.New(fault.Unavailable, "sso-unavailable")
		}
		path = filepath.Join(dir, filepath.Base(path))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the secret of single sign-on: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// ssoDesk joins the provider and the accounts.
type ssoDesk struct {
	n      *Node
	cfg    *SSO
	client *sso.Client
}

func (n *Node) newSSO() *ssoDesk {
	s := n.Config.SSO
	if s == nil {
		return nil
	}
	or := func(text, otherwise string) string {
		if text == "" {
			return otherwise
		}
		return text
	}
	return &ssoDesk{n, s, sso.New(sso.Config{
		Issuer: s.Issuer, Client: s.Client, Secret: s.secret, Redirect: n.Config.Origin + "/signin/sso/back",
		Groups: or(s.GroupsClaim, "groups"), Name: or(s.NameClaim, "preferred_username"), ACR: s.StrongACR, AMR: s.StrongAMR,
	}, n.Clock, nil)}
}

// Label implements web.SSODesk.
func (d *ssoDesk) Label() string { return d.cfg.Label }

// Begin implements web.SSODesk.
func (d *ssoDesk) Begin(ctx context.Context, next string, again bool) (to string, kept []byte, err error) {
	to, ask, err := d.client.Begin(ctx, next, again)
	if err != nil {
		return "", nil, err
	}
	kept, err = json.Marshal(ask)
	return to, kept, err
}

// Finish implements web.SSODesk.
func (d *ssoDesk) Finish(ctx context.Context, kept []byte, state, code string) (v staff.Vouched, next string, err error) {
	var ask sso.Ask
	if err := json.Unmarshal(kept, &ask); err != nil {
		return v, "", fmt.Errorf("read what was kept: %w", err)
	}
	who, err := d.client.Finish(ctx, ask, state, code)
	if err != nil {
		return v, "", err
	}
	posts, err := d.posts(ctx, who.Groups)
	if err != nil {
		return v, "", err
	}
	now := d.n.Clock.Now()
	recent := !who.At.IsZero() && !who.At.After(now.Add(d.n.Office.FreshFor())) && now.Sub(who.At) < d.n.Office.FreshFor()
	return staff.Vouched{
		Issuer: staff.Secret(who.Issuer), Subject: staff.Secret(who.Subject), SignIn: staff.Secret(who.Name),
		Posts: posts, Strong: who.Strong, Recent: recent,
	}, ask.Next, nil
}

// posts returns what some groups stand for. A unit whose name two have stands for
// nothing.
func (d *ssoDesk) posts(ctx context.Context, groups []string) (out []staff.Post, err error) {
	dir, err := d.n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range d.cfg.Groups {
		for _, has := range groups {
			if has != g.Group {
				continue
			}
			var found []staff.Unit
			for _, u := range dir.Units() {
				if u.Name == g.Unit {
					found = append(found, u)
				}
			}
			if len(found) == 1 {
				out = append(out, staff.Post{Role: staff.Role(g.Role), Unit: found[0].ID})
			}
		}
	}
	return out, nil
}
