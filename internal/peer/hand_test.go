package peer_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"causeway/internal/peer"
	"causeway/protocol/cx"
)

func TestHand(t *testing.T) {
	a, b := pair(t)
	hand := [][]byte{[]byte("one"), []byte("two"), []byte("three")}
	got, err := a.client.DeliverHand(t.Context(), "xb.moi", hand)
	if err != nil || len(got) != 3 || string(got[2].Answer) != "receipt for three" {
		t.Fatalf("DeliverHand = %q, %v", got, err)
	}
	if n := b.door.Tally().Counts().Received; n != 3 {
		t.Errorf("%d counted, want 3", n)
	}
	for name, tt := range map[string]struct {
		refuses string
		as      error
		answers int // before the refusal
		code    cx.Code
		whole   bool // it is the answer to the request
	}{
		"the second is refused":         {"two", cx.Gap, 1, cx.Gap, false},
		"the first is refused":          {"one", cx.BadSignature, 0, cx.BadSignature, false},
		"the first fails":               {"one", errors.New("broken"), 0, cx.Internal, true},
		"the second fails, and is late": {"two", errors.New("broken"), 1, "", false},
	} {
		b.office.mu.Lock()
		b.office.only, b.office.err = tt.refuses, tt.as
		b.office.mu.Unlock()
		got, err := a.client.DeliverHand(t.Context(), "xb.moi", hand)
		var r *peer.Refusal
		if tt.whole {
			if !errors.As(err, &r) || r.Code != tt.code {
				t.Errorf("%s: %v, %v", name, got, err)
			}
			continue
		}
		if err != nil || len(got) < tt.answers {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		rest := got[tt.answers:]
		if tt.code == "" && len(rest) != 0 || tt.code != "" && (len(rest) != 1 || !errors.As(rest[0].Err, &r) || r.Code != tt.code) {
			t.Errorf("%s: %v after the first %d, want %q", name, rest, tt.answers, tt.code)
		}
	}
}

// TestHandThatIsNone: what is no hand, or too many for one, is refused, and nothing of it is
// taken.
func TestHandThatIsNone(t *testing.T) {
	a, b := pair(t)
	for name, tt := range map[string]struct {
		body []byte
		want int
	}{
		"empty":              {nil, http.StatusBadRequest},
		"cut in a length":    {[]byte{0, 0, 0}, http.StatusBadRequest},
		"cut in a thing":     {[]byte{0, 0, 0, 9, 'x'}, http.StatusBadRequest},
		"a length too large": {[]byte{255, 255, 255, 255, 'x'}, http.StatusRequestEntityTooLarge},
		"thirty-three":       {bytes.Repeat([]byte{0, 0, 0, 1, 'x'}, 33), http.StatusRequestEntityTooLarge},
	} {
		client, url, err := a.client.Witness(t.Context(), "xb.moi")
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Post(url[:len(url)-len("witness")]+"hand", peer.MediaEnvelope, bytes.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, tt.want)
		}
	}
	if len(b.office.got) != 0 {
		t.Errorf("%d were taken", len(b.office.got["xa.dcs"]))
	}
}
