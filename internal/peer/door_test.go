package peer_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/peer"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

func TestDeliver(t *testing.T) {
	a, b := pair(t)
	receipt, err := a.client.Deliver(t.Context(), "xb.moi", []byte("envelope"))
	if err != nil || string(receipt) != "receipt for envelope" {
		t.Fatalf("Deliver = %q, %v", receipt, err)
	}
	if got := b.office.got["xa.dcs"]; len(got) != 1 || string(got[0]) != "envelope" {
		t.Errorf("received %q", got)
	}
	if answer, err := a.client.Sync(t.Context(), "xb.moi", []byte("q")); err != nil || string(answer) != "xa.dcs asks q" {
		t.Errorf("Sync = %q, %v", answer, err)
	}
	client, url, err := a.client.Witness(t.Context(), "xb.moi")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Post(url+"/add-checkpoint", "text/plain", strings.NewReader("c"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, err := io.ReadAll(resp.Body); err != nil || string(answer) != "xa.dcs shows c at /add-checkpoint" {
		t.Errorf("the witness answers %q, %v", answer, err)
	}
}

// stranger returns a client that looks at no certificate and shows the given one.
func stranger(t *testing.T, c *tls.Config) *http.Client {
	t.Helper()
	c.InsecureSkipVerify = true
	tr := &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// TestNothingBeforeAuthentication: whoever shows no key of a partner gets the same bytes
// to everything, and a partner gets them for what is not there.
func TestNothingBeforeAuthentication(t *testing.T) {
	a, b := pair(t)
	_, unknown, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	certificate := func(key ed25519.PrivateKey) []tls.Certificate {
		c, err := peer.Certificate(key)
		if err != nil {
			t.Fatal(err)
		}
		return []tls.Certificate{*c}
	}
	digest := strings.Repeat("ab", 32)
	var first string
	for who, c := range map[string]*tls.Config{
		"nobody": {}, "an unknown key": {Certificates: certificate(unknown)}, "a partner": {Certificates: certificate(a.key)},
	} {
		client := stranger(t, c)
		for _, ask := range []struct{ method, path, body string }{
			{"GET", "/", ""},
			{"GET", "/healthz", ""},
			{"GET", "/cx/1/", ""},
			{"GET", "/cx/1/inbox", ""},
			{"POST", "/cx/1/inbox/", "x"},
			{"POST", "/cx/1/hand", "x"},
			{"GET", "/cx/1/hand", ""},
			{"POST", "/cx/1/directory", "x"},
			{"GET", "/cx/1/blob/" + digest, ""},
			{"PUT", "/cx/1/blob/..%2f..%2fkeyring?offset=0", "x"},
			{"DELETE", "/cx/1/blob/" + digest, ""},
			{"POST", "/cx/2/inbox", "x"},
			{"POST", "/cx/1/inbox", strings.Repeat("x", 1<<20)},
			{"PUT", "/cx/1/blob/" + digest + "?offset=0", "x"},
			{"GET", "/cx/1/outbox?for=me", ""},
			{"POST", "/cx/1/sync", "x"},
			{"POST", "/cx/1/witness/add-checkpoint", "x"},
			{"POST", "/cx/1/witness/../inbox", "x"},
		} {
			there := (ask.path == "/cx/1/inbox" || ask.path == "/cx/1/hand") && ask.method == "POST" || strings.Contains(ask.path, "?") && !strings.Contains(ask.path, "..") ||
				strings.HasSuffix(ask.path, "sync") || strings.Contains(ask.path, "add-checkpoint")
			if who == "a partner" && there {
				continue
			}
			r, err := http.NewRequestWithContext(t.Context(), ask.method, "https://"+b.addr+ask.path, strings.NewReader(ask.body))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(r)
			if err != nil {
				t.Fatalf("%s: %s %s: %v", who, ask.method, ask.path, err)
			}
			got, err := httputil.DumpResponse(resp, true)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if first == "" {
				first = string(got)
			}
			if string(got) != first {
				t.Errorf("%s: %s %s: %q, elsewhere %q", who, ask.method, ask.path, got, first)
			}
		}
	}
	if !strings.HasPrefix(first, "HTTP/2.0 404") || strings.Contains(strings.ToLower(first), "server") || strings.Contains(first, "Date") {
		t.Errorf("the empty answer is %q", first)
	}
	if len(b.office.got) != 0 {
		t.Errorf("a stranger reached the post office: %v", b.office.got)
	}
}

// TestClassicOnlyIsRefused: whoever cannot exchange keys in the hybrid way gets no
// connection; neither does whoever speaks an older TLS or another HTTP.
func TestClassicOnlyIsRefused(t *testing.T) {
	a, b := pair(t)
	own, err := peer.Certificate(a.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*tls.Config{
		"X25519":     {CurvePreferences: []tls.CurveID{tls.X25519}, NextProtos: []string{"h2"}},
		"P-256":      {CurvePreferences: []tls.CurveID{tls.CurveP256}, NextProtos: []string{"h2"}},
		"TLS 1.2":    {MaxVersion: tls.VersionTLS12, NextProtos: []string{"h2"}},
		"HTTP/1":     {NextProtos: []string{"http/1.1"}},
		"no HTTP":    {},
		"P-256 + ML": {CurvePreferences: []tls.CurveID{tls.SecP256r1MLKEM768}, NextProtos: []string{"h2"}},
	} {
		c.InsecureSkipVerify, c.Certificates = true, []tls.Certificate{*own}
		conn, err := tls.Dial("tcp", b.addr, c)
		if err == nil {
			// The last message of the handshake is ours: what the door says to it comes now.
			_, err = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "remote error: tls: ") {
			t.Errorf("%s: %v, want a refusal by the door", name, err)
		}
	}
}

// TestPlaced: a peer proves its leaves in the order in which they were asked for, some not
// yet; what is no list of leaves is refused.
func TestPlaced(t *testing.T) {
	a, b := pair(t)
	leaves := []cx.Digest{{1}, {0, 2}, {3}}
	got, err := a.client.Placed(t.Context(), "xb.moi", leaves)
	if err != nil || len(got) != 3 || string(got[0]) != leaves[0].String() || len(got[1]) != 0 || string(got[2]) != leaves[2].String() {
		t.Errorf("Placed = %q, %v", got, err)
	}
	for name, body := range map[string]string{
		"no digest": "x\n", "no end of a line": leaves[0].String(), "too many": strings.Repeat(leaves[0].String()+"\n", 257),
	} {
		var r *peer.Refusal
		err := post(t, a, b, "/cx/1/log", strings.NewReader(body))
		if !errors.As(err, &r) || r.Code != cx.BadFormat && r.Code != cx.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestHostileTerminator is the row "stolen or hostile TLS terminator" of the threats: who
// stands at the peer's address with another key gets not one byte of a message.
func TestHostileTerminator(t *testing.T) {
	a, b := pair(t)
	evil := newEnd(t, "xb.moi")
	evil.register.set(a.partner())
	p := b.partner()
	p.URL = "https://" + evil.addr
	a.register.set(p)
	if _, err := a.client.Deliver(t.Context(), "xb.moi", []byte("envelope")); fault.CodeOf(err) != "peer-key" {
		t.Errorf("Deliver = %v, want peer-key", err)
	}
	if len(evil.office.got) != 0 {
		t.Error("the message went to another key")
	}
}

// TestRevokedKeyEndsAtOnce: also on a connection that stands, at both ends.
func TestRevokedKeyEndsAtOnce(t *testing.T) {
	a, b := pair(t)
	if _, err := a.client.Deliver(t.Context(), "xb.moi", []byte("one")); err != nil {
		t.Fatal(err)
	}
	revoked := a.partner()
	revoked.Transport = nil
	b.register.set(revoked)
	if _, err := a.client.Deliver(t.Context(), "xb.moi", []byte("two")); fault.CodeOf(err) != "peer-unknown-here" {
		t.Errorf("a caller whose key was revoked: %v", err)
	}
	b.register.set(a.partner())
	_, other, _ := ed25519.GenerateKey(nil)
	changed := b.partner()
	changed.Transport = []ed25519.PublicKey{other.Public().(ed25519.PublicKey)}
	a.register.set(changed)
	if _, err := a.client.Deliver(t.Context(), "xb.moi", []byte("three")); fault.CodeOf(err) != "peer-key" {
		t.Errorf("a door whose key was revoked: %v", err)
	}
	changed.Transport = append(changed.Transport, b.public())
	a.register.set(changed)
	if _, err := a.client.Deliver(t.Context(), "xb.moi", []byte("four")); err != nil {
		t.Errorf("in the overlap of two keys: %v", err)
	}
	if got := b.office.got["xa.dcs"]; len(got) != 2 {
		t.Errorf("%d messages arrived, want 2", len(got))
	}
}

// TestTooLargeIsRefusedUnread is a part of the row "parser attack, zip bomb, huge file".
func TestTooLargeIsRefusedUnread(t *testing.T) {
	a, b := pair(t)
	for name, body := range map[string]io.Reader{
		"length told":   bytes.NewReader(make([]byte, 16<<20)),
		"length untold": io.MultiReader(bytes.NewReader(make([]byte, 16<<20))),
	} {
		err := post(t, a, b, "/cx/1/inbox", body)
		var r *peer.Refusal
		if !errors.As(err, &r) || r.Code != cx.TooLarge {
			t.Errorf("%s: %v, want too_large", name, err)
		}
	}
	if len(b.office.got) != 0 {
		t.Error("it was stored")
	}
	d := cx.DigestOf([]byte("x"))
	resp := put(t, a, b, d, "0", bytes.NewReader(make([]byte, peer.PartSize+1)))
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a part of more than 8 MiB: %d", resp.StatusCode)
	}
	for _, offset := range []string{"-1", "x", "", "01", "9223372036854775807", "1&offset=2", "1&a=b"} {
		if resp := put(t, a, b, d, offset, strings.NewReader("x")); resp.StatusCode < 400 {
			t.Errorf("offset %q: %d", offset, resp.StatusCode)
		}
	}
}

// as returns an HTTP client that shows the key of an end.
func as(t *testing.T, a *end) *http.Client {
	t.Helper()
	c, err := peer.Certificate(a.key)
	if err != nil {
		t.Fatal(err)
	}
	return stranger(t, &tls.Config{Certificates: []tls.Certificate{*c}})
}

// post posts and returns how it was refused.
func post(t *testing.T, a, b *end, path string, body io.Reader) error {
	t.Helper()
	resp, err := as(t, a).Post("https://"+b.addr+path, peer.MediaEnvelope, body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	note, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode < 400 {
		return nil
	}
	code := readCode(b.id, note)
	if code.Status() != resp.StatusCode {
		t.Errorf("%s with status %d", code, resp.StatusCode)
	}
	return &peer.Refusal{Code: code}
}

func put(t *testing.T, a, b *end, d cx.Digest, offset string, body io.Reader) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://"+b.addr+"/cx/1/blob/"+d.String()+"?offset="+offset, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := as(t, a).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

// TestDeletionStorm is the row "denial of service, deletion storm": a partner that asks
// too fast waits, and another one does not wait with it.
func TestDeletionStorm(t *testing.T) {
	a, b := pair(t)
	other := newEnd(t, "xc.ngo")
	other.register.set(b.partner())
	b.register.set(other.partner())
	p := a.partner()
	p.Limits = peer.Limits{Rate: 0.5, Burst: 3, Daily: 2}
	b.register.set(p)
	for range 3 {
		if _, err := a.client.Deliver(t.Context(), "xb.moi", []byte("delete")); err != nil {
			t.Fatal(err)
		}
	}
	_, err := a.client.Deliver(t.Context(), "xb.moi", []byte("delete"))
	var r *peer.Refusal
	if !errors.As(err, &r) || r.Code != cx.Limit || r.Wait != 2*time.Second {
		t.Errorf("the fourth: %v, %+v, want limit in 2 s", err, r)
	}
	if _, err := other.client.Deliver(t.Context(), "xb.moi", []byte("one")); err != nil {
		t.Errorf("another partner: %v", err)
	}
	b.clock.Advance(2 * time.Second)
	if _, err := a.client.Deliver(t.Context(), "xb.moi", []byte("delete")); err != nil {
		t.Errorf("after two seconds: %v", err)
	}
	if who := alarm(b); who != "xa.dcs" {
		t.Errorf("the alarm names %q", who)
	}
	if who := alarm(b); who != "" {
		t.Error("one day has two alarms")
	}
	if c := b.door.Tally().Counts(); c.Refused[cx.Limit] != 1 || c.Received != 5 || c.Alarms != 1 {
		t.Errorf("counted %+v", c)
	}
}

func alarm(e *end) identity.NodeID {
	select {
	case who := <-e.alarms:
		return who
	default:
		return ""
	}
}

func TestRefusals(t *testing.T) {
	a, b := pair(t)
	for _, tt := range []struct {
		err  error
		want cx.Code
	}{
		{cx.UnknownSender, cx.UnknownSender},
		{cx.BadSignature, cx.BadSignature},
		{fault.New(fault.Unavailable, "disk-full"), cx.Busy},
		{fault.New(fault.Conflict, "lost-race"), cx.Busy},
		{errors.New("a bug"), cx.Internal},
	} {
		b.office.mu.Lock()
		b.office.err = tt.err
		b.office.mu.Unlock()
		_, err := a.client.Deliver(t.Context(), "xb.moi", []byte("x"))
		var r *peer.Refusal
		if !errors.As(err, &r) || r.Code != tt.want || (tt.want == cx.Busy) != (r.Wait > 0) {
			t.Errorf("%v: %v, want %s", tt.err, err, tt.want)
		}
	}
	*b.full = true
	d := cx.DigestOf([]byte("x"))
	if resp := put(t, a, b, d, "0", strings.NewReader("x")); resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "600" {
		t.Errorf("a full disk: %d, %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
}

func TestClientFollowsNothing(t *testing.T) {
	a, b := pair(t)
	p := b.partner()
	for _, url := range []string{"", "http://" + b.addr, "https://user:x@" + b.addr, "https://" + b.addr + "?x=y", "ftp://" + b.addr} {
		p.URL = url
		a.register.set(p)
		if _, err := a.client.Deliver(t.Context(), "xb.moi", []byte("x")); fault.CodeOf(err) != "peer-address" {
			t.Errorf("%q: %v", url, err)
		}
	}
	if _, err := a.client.Deliver(t.Context(), "zz.zz", []byte("x")); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown peer: %v", err)
	}
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	a.register.set(b.partner())
	if _, err := a.client.Deliver(context.WithoutCancel(t.Context()), "xb.moi", []byte("x")); err != nil {
		t.Errorf("a proxy of the environment is asked: %v", err)
	}
}
