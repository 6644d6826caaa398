// Package ssotest is a provider of OpenID Connect inside a test: it signs its own
// tokens, keeps codes that serve once, and asks for PKCE. It is for tests only.
package ssotest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Client and Secret are what the provider knows of the node.
const (
	Client = "causeway"
	Secret = "an invented secret"
)

// Provider is one provider.
type Provider struct {
	srv  *httptest.Server
	key  *ecdsa.PrivateKey
	now  func() time.Time
	down atomic.Bool

	mu    sync.Mutex // guards codes
	codes map[string]grant
}

// grant is what a code stands for.
type grant struct {
	challenge string
	claims    map[string]any
	key       *ecdsa.PrivateKey
}

// New starts a provider whose tokens are of the time that now tells.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{now: now, key: newKey(t), codes: map[string]grant{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	p.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.down.Load() {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.srv.Close)
	return p
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Issuer returns the provider's address.
func (p *Provider) Issuer() string { return p.srv.URL }

// Down makes the provider answer nothing useful, or work again.
func (p *Provider) Down(down bool) { p.down.Store(down) }

// Claims are changed before a token is signed; a nil value takes a claim away.
type Claims map[string]any

// Login is somebody signing in where the node sent them: it returns what the provider
// sends back, the state and a code.
func (p *Provider) Login(t testing.TB, to string, change Claims) (state, code string) {
	t.Helper()
	return p.login(t, to, change, p.key)
}

// Forged is [Provider.Login] with a token that somebody else signed.
func (p *Provider) Forged(t testing.TB, to string, change Claims) (state, code string) {
	t.Helper()
	return p.login(t, to, change, newKey(t))
}

func (p *Provider) login(t testing.TB, to string, change Claims, key *ecdsa.PrivateKey) (state, code string) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("response_type") != "code" || q.Get("nonce") == "" {
		t.Fatal("the node asks without PKCE, or without a nonce")
	}
	now := p.now()
	claims := map[string]any{
		"iss": p.srv.URL, "aud": q.Get("client_id"), "nonce": q.Get("nonce"), "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"auth_time": now.Unix(),
	}
	for name, value := range change {
		if value == nil {
			delete(claims, name)
			continue
		}
		claims[name] = value
	}
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	code = base64.RawURLEncoding.EncodeToString(b)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = grant{q.Get("code_challenge"), claims, key}
	return q.Get("state"), code
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": p.srv.URL, "authorization_endpoint": p.srv.URL + "/auth", "token_endpoint": p.srv.URL + "/token",
		"jwks_uri": p.srv.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256"},
	})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	public, err := p.key.PublicKey.Bytes()
	if err != nil {
		http.Error(w, "no key", http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1",
		"x": base64.RawURLEncoding.EncodeToString(public[1:33]), "y": base64.RawURLEncoding.EncodeToString(public[33:]),
	}}})
}

// token answers a code once, to whoever knows the secret and the verifier.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if id == "" {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	plain, err := url.QueryUnescape(secret)
	p.mu.Lock()
	g, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if err != nil || id != Client || plain != Secret && secret != Secret || !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	signed, err := sign(g)
	if err != nil {
		http.Error(w, "no token", http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]any{"access_token": "unused", "token_type": "Bearer", "id_token": signed})
}

// sign makes a token (RFC 7515, ES256).
func sign(g grant) (string, error) {
	claims, err := json.Marshal(g.claims)
	if err != nil {
		return "", err
	}
	body := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","kid":"1","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(body))
	r, s, err := ecdsa.Sign(rand.Reader, g.key, sum[:])
	if err != nil {
		return "", err
	}
	both := make([]byte, 64)
	r.FillBytes(both[:32])
	s.FillBytes(both[32:])
	return body + "." + base64.RawURLEncoding.EncodeToString(both), nil
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client sees a broken answer
}
