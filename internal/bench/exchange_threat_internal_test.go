package bench

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"testing"

	"causeway/internal/peer"
	"causeway/internal/store"
	"causeway/protocol/cx"
)

// TestPartition is a part of the row "denial of service": for three days one end cannot be
// reached; then everything arrives, in order, and nothing has expired.
func TestPartition(t *testing.T) {
	o, clk := &Options{Short: true, Dir: t.TempDir()}, new(ahead)
	o.clock = clk
	a, b, err := exchangePair(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(a.end(), b.end()); err != nil {
			t.Error(err)
		}
	}()
	err = drain(t.Context(), o, clk, a, b, 300, func(m Measure) {
		if !m.Holds && m.Unit != "/s" { // how fast is the machine's affair
			t.Errorf("%s: %v %s", m.Name, m.Value, m.Unit)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestThreatForgedOverTLS is the row "forged or altered message" at the door itself: who
// shows a partner's key and brings what that partner did not sign so is told why, and
// nothing is stored.
func TestThreatForgedOverTLS(t *testing.T) {
	c := wedded(t, &Options{})
	for _, e := range []*nodeEnd{c.a, c.b} {
		c.must("serve", e.serve(t.Context()))
	}
	if _, err := c.a.queue(t.Context(), c.b.id, 1, newThreads(1), messageSize); err != nil { // they meet
		t.Fatal(err)
	}
	c.must("meet", awaitTold(t.Context(), c.a, c.b, 1))
	c.must("stop", c.a.stop())
	if _, err := c.a.queue(t.Context(), c.b.id, 2, newThreads(2), messageSize); err != nil {
		t.Fatal(err)
	}
	due, err := c.a.Exchange.Due(t.Context(), c.b.id, nil, 2)
	if err != nil || len(due) != 2 {
		t.Fatalf("%d messages are due: %v", len(due), err)
	}
	body, other := due[0].Body, due[1].Body
	swap := func(old, with string) []byte {
		if bytes.Count(body, []byte(old)) == 0 {
			t.Fatalf("an envelope without %q", old)
		}
		return bytes.Replace(body, []byte(old), []byte(with), 1)
	}
	header := headerEnd(body)
	signed := func(by []byte) []byte { // its header, signed as another's was
		at := bytes.Index(body, []byte("\n\n")) + 2
		from := bytes.Index(by, []byte("\n\n")) + 2
		h := append(bytes.Clone(body[:at]), by[from:headerEnd(by)]...)
		binary.BigEndian.PutUint32(h, uint32(len(h)-4))
		return append(h, body[header:]...)
	}
	if _, err := c.b.queue(t.Context(), c.a.id, 1, newThreads(1), messageSize); err != nil {
		t.Fatal(err)
	}
	theirs, err := c.b.Exchange.Due(t.Context(), c.a.id, nil, 1)
	if err != nil || len(theirs) != 1 {
		t.Fatalf("%d messages of the receiver are due: %v", len(theirs), err)
	}
	damaged := bytes.Clone(body)
	damaged[len(body)-1] ^= 1
	before := c.b.stored(t)
	for name, forged := range map[string]struct {
		body []byte
		want cx.Code
	}{
		"from another":                      {swap("\nfrom xa.bench", "\nfrom xc.bench"), cx.UnknownSender},
		"to another":                        {swap("\nto xb.bench", "\nto xc.bench"), cx.WrongRecipient},
		"another header, the old signature": {signed(other), cx.BadSignature},
		"signed by another node":            {signed(theirs[0].Body), cx.BadSignature},
		// What could be damage on the way is no final answer, so that nobody ends a message so.
		"a byte of the body":          {damaged, cx.Damaged},
		"the body of another message": {append(bytes.Clone(body[:header]), other[header:]...), cx.Damaged},
		"cut in the body":             {body[:len(body)-100], cx.Damaged},
		"cut in the header":           {body[:header/2], cx.Damaged},
	} {
		if got := c.posts(forged.body); got != forged.want {
			t.Errorf("%s: %q, want %q", name, got, forged.want)
		}
	}
	if after := c.b.stored(t); after != before {
		t.Errorf("%d rows are stored, before it were %d", after, before)
	}
	if got := c.posts(body); got != "" {
		t.Errorf("the message itself: %q", got)
	}
	if after := c.b.stored(t); after == before {
		t.Error("the message itself was not stored: the count of rows says nothing")
	}
}

// headerEnd is where the header of an envelope ends, behind its length.
func headerEnd(envelope []byte) int { return 4 + int(binary.BigEndian.Uint32(envelope)) }

// posts brings bytes to the door of b, with the transport key of a, and returns how they
// were refused.
func (c *couple) posts(body []byte) cx.Code {
	c.t.Helper()
	ctx := c.t.Context()
	var own tls.Certificate
	c.must("certificate", c.a.DB.Read(ctx, func(tx *store.Tx) (err error) {
		own, err = c.a.Exchange.Certificate(ctx, tx, c.a.Clock.Now())
		return err
	}))
	tr := &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{own}, InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	defer tr.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.b.Config.Exchange.URL+"/cx/1/inbox", bytes.NewReader(body))
	c.must("request", err)
	r.Header.Set("Content-Type", peer.MediaEnvelope)
	resp, err := (&http.Client{Transport: tr}).Do(r)
	c.must("post", err)
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	c.must("read", err)
	if resp.StatusCode < 400 {
		return ""
	}
	no, err := c.a.Exchange.ReadRefusal(ctx, c.b.id, said)
	c.must("a refusal that the door signed", err)
	if no.Code.Status() != resp.StatusCode {
		c.t.Errorf("%s with status %d", no.Code, resp.StatusCode)
	}
	return no.Code
}

// stored counts what a node holds of others.
func (e *nodeEnd) stored(t *testing.T) (n int) {
	t.Helper()
	err := e.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT COUNT(*) FROM exchange_item WHERE side <> 'ours'`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
