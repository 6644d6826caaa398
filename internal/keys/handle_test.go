package keys_test

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

func TestSealAndOpen(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		blob := h.seal(sealer, 1, "Amina Okoro")
		if bytes.Contains(blob, []byte("Amina")) {
			h.t.Error("the name is in the blob")
		}
		if again := h.seal(sealer, 1, "Amina Okoro"); bytes.Equal(again, blob) {
			h.t.Error("sealing twice gives the same blob")
		}
		h.reopen()
		o := h.mustOpener(s)
		var got child
		h.must(o.Open(table, row, 1, blob, &got))
		if diff := cmp.Diff(got, child{Name: sealed.NewText("Amina Okoro")}); diff != "" || got.Name.Reveal() != "Amina Okoro" {
			h.t.Errorf("opened (-got +want):\n%s", diff)
		}
		raw, err := sealer.SealRaw(table, row, 1, []byte("payload"))
		h.must(err)
		back, err := o.OpenRaw(table, row, 1, raw)
		if err != nil || string(back) != "payload" {
			h.t.Errorf("raw = %q, %v", back, err)
		}
		if o.Subject() != s || sealer.Subject() != s {
			h.t.Error("handle of another subject")
		}

		// The sealer of an existing subject seals under the same key.
		var later *keys.Sealer
		h.must(h.write(func(ctx context.Context, tx *store.Tx) (err error) {
			later, err = h.custody.Sealer(ctx, tx, s)
			return err
		}))
		h.must(o.Open(table, row, 2, h.seal(later, 2, "Amina"), &got))
		if !bytes.Equal(later.Commitment(), sealer.Commitment()) || len(later.Commitment()) != 32 {
			h.t.Error("commitments of one subject differ")
		}
	})
}

// TestBlobBelongsToItsPlace: a blob opens only for the subject, table, row and
// version it was sealed for, and only unedited.
func TestBlobBelongsToItsPlace(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		other, _ := h.subject()
		o, stranger := h.mustOpener(s), h.mustOpener(other)
		blob := h.seal(sealer, 2, "Amina")
		older := h.seal(sealer, 1, "Old")
		edit := func(i int) []byte {
			b := bytes.Clone(blob)
			b[i] ^= 1
			return b
		}
		for name, err := range map[string]error{
			"edited nonce":      o.Open(table, row, 2, edit(0), &child{}),
			"edited text":       o.Open(table, row, 2, edit(14), &child{}),
			"edited tag":        o.Open(table, row, 2, edit(len(blob)-1), &child{}),
			"cut":               o.Open(table, row, 2, blob[:len(blob)-1], &child{}),
			"empty":             o.Open(table, row, 2, nil, &child{}),
			"other row":         o.Open(table, []byte("another row here"), 2, blob, &child{}),
			"other table":       o.Open("person_name", row, 2, blob, &child{}),
			"table and row cut": o.Open(table+"0", row[1:], 2, blob, &child{}),
			"older row put in":  o.Open(table, row, 2, older, &child{}),
			"other version":     o.Open(table, row, 3, blob, &child{}),
			"other subject":     stranger.Open(table, row, 2, blob, &child{}),
		} {
			mustCode(h.t, name, err, fault.Unavailable, "record-altered")
		}
		var wrong struct {
			X int64 `cbor:"9,keyasint"`
		}
		mustCode(h.t, "another type", o.Open(table, row, 2, blob, &wrong), fault.Internal, "record-unreadable")
	})
}

type stage string

func TestRowMAC(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		other, stranger := h.subject()
		o := h.mustOpener(s)
		blob := h.seal(sealer, 1, "Amina")
		at := start.Add(time.Hour)
		unit := ident.New[ident.Unit]()
		mac := sealer.MAC(table, row, 1, "open", int64(3), true, at, unit, blob, nil)
		if len(mac) != keys.MACSize {
			h.t.Fatalf("MAC of %d bytes, want %d", len(mac), keys.MACSize)
		}
		empty := ""
		// The same row in the types that engines and rooms hand back.
		for name, cols := range map[string][]any{
			"as written":         {"open", int64(3), true, at, unit, blob, nil},
			"as stored":          {"open", int64(3), int64(1), at.UnixMicro(), unit[:], blob, []byte(nil)},
			"named types":        {stage("open"), uint8(3), true, at, &unit, blob, (*string)(nil)},
			"none as identifier": {"open", 3, true, at, unit, blob, ident.Unit{}},
		} {
			if err := o.CheckMAC(mac, table, row, 1, cols...); err != nil {
				h.t.Errorf("%s: %v", name, err)
			}
		}
		cols := func() []any { return []any{"open", int64(3), true, at, unit, blob, nil} }
		for name, check := range map[string]error{
			"other row":       o.CheckMAC(mac, table, []byte("x"), 1, cols()...),
			"other table":     o.CheckMAC(mac, "person", row, 1, cols()...),
			"other version":   o.CheckMAC(mac, table, row, 2, cols()...),
			"a column less":   o.CheckMAC(mac, table, row, 1, cols()[:6]...),
			"a column more":   o.CheckMAC(mac, table, row, 1, append(cols(), nil)...),
			"empty, not null": o.CheckMAC(mac, table, row, 1, append(cols()[:6], []byte{})...),
			"empty text":      o.CheckMAC(mac, table, row, 1, append(cols()[:6], &empty)...),
			"other blob":      o.CheckMAC(mac, table, row, 1, "open", int64(3), true, at, unit, h.seal(sealer, 1, "Amina"), nil),
			"edited text":     o.CheckMAC(mac, table, row, 1, "shut", int64(3), true, at, unit, blob, nil),
			"number as text":  o.CheckMAC(mac, table, row, 1, "open", "3", true, at, unit, blob, nil),
			"text as bytes":   o.CheckMAC(mac, table, row, 1, []byte("open"), int64(3), true, at, unit, blob, nil),
			"cut MAC":         o.CheckMAC(mac[:15], table, row, 1, cols()...),
			"no MAC":          o.CheckMAC(nil, table, row, 1, cols()...),
			"other subject":   o.CheckMAC(stranger.MAC(table, row, 1, cols()...), table, row, 1, cols()...),
			"a float":         o.CheckMAC(nil, table, row, 1, 1.5),
		} {
			mustCode(h.t, name, check, fault.Unavailable, "record-altered")
		}
		if err := sealer.CheckMAC(mac, table, row, 1, cols()...); err != nil {
			h.t.Errorf("checked by the sealer: %v", err)
		}
		mustCode(h.t, "sealer, edited", sealer.CheckMAC(mac, table, row, 1, "shut"), fault.Unavailable, "record-altered")
		mustCode(h.t, "sealer, no MAC of a float", sealer.CheckMAC([]byte{}, table, row, 1, 1.5), fault.Unavailable, "record-altered")
		for name, col := range map[string]any{"float": 1.5, "map": map[string]int{}, "sealed value": sealed.NewText("x"), "too large": uint64(1 << 63)} {
			if got := sealer.MAC(table, row, 1, col); got != nil {
				h.t.Errorf("MAC over a %s = %x, want none", name, got)
			}
		}
		if bytes.Equal(sealer.MAC(table, row, 1, "ab", "c"), sealer.MAC(table, row, 1, "a", "bc")) {
			h.t.Error("columns run into each other")
		}
		if err := h.mustOpener(other).CheckMAC(stranger.MAC(table, row, 1), table, row, 1); err != nil {
			h.t.Errorf("a row without columns: %v", err)
		}
	})
}

func TestHandlesCannotBeForged(t *testing.T) {
	var s keys.Sealer
	_, err := s.Seal(table, row, 1, child{})
	mustCode(t, "zero sealer", err, fault.Denied, "no-key")
	_, err = s.SealRaw(table, row, 1, nil)
	mustCode(t, "zero sealer, raw", err, fault.Denied, "no-key")
	mustCode(t, "zero sealer, MAC", s.CheckMAC(nil, table, row, 1), fault.Denied, "no-key")
	if s.MAC(table, row, 1, 1) != nil || s.Commitment() != nil || !s.Subject().IsZero() {
		t.Error("a zero sealer gives something")
	}
	var o keys.Opener
	mustCode(t, "zero opener", o.Open(table, row, 1, make([]byte, 64), &child{}), fault.Denied, "no-key")
	mustCode(t, "zero opener, MAC", o.CheckMAC(nil, table, row, 1), fault.Denied, "no-key")
	o.Close()
	mustCode(t, "zero opener, closed", o.Open(table, row, 1, make([]byte, 64), &child{}), fault.Denied, "no-key")
}

func TestOpenerEnds(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		blob := h.seal(sealer, 1, "Amina")
		o := h.mustOpener(s)
		if want := start.Add(10 * time.Minute); !o.Until().Equal(want) {
			h.t.Errorf("until %v, want %v", o.Until(), want)
		}
		h.clk.Set(o.Until())
		h.must(o.Open(table, row, 1, blob, &child{}))
		h.clk.Advance(time.Microsecond)
		mustCode(h.t, "after its time", o.Open(table, row, 1, blob, &child{}), fault.Expired, "key-closed")
		mustCode(h.t, "after its time, MAC", o.CheckMAC(nil, table, row, 1), fault.Expired, "key-closed")
		h.clk.Advance(-time.Hour) // setting the clock back does not revive it
		mustCode(h.t, "clock set back", o.Open(table, row, 1, blob, &child{}), fault.Expired, "key-closed")

		o = h.mustOpener(s)
		o.Close()
		mustCode(h.t, "signed out", o.Open(table, row, 1, blob, &child{}), fault.Expired, "key-closed")
		sealer.Close()
		_, err := sealer.Seal(table, row, 1, child{})
		mustCode(h.t, "closed sealer", err, fault.Denied, "no-key")
	})
}

func TestHandlesDoNotPrint(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		o := h.mustOpener(s)
		commitment := fmt.Sprint(sealer.Commitment()[:6])
		for _, shape := range []any{sealer, o, struct{ s *keys.Sealer }{sealer}, struct{ o *keys.Opener }{o}, []*keys.Opener{o}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				// The commitment stands for all the material beside it.
				out := fmt.Sprintf(verb, shape)
				if strings.Contains(out, strings.Trim(commitment, "[]")) || strings.Contains(out, fmt.Sprintf("%x", sealer.Commitment()[:6])) {
					h.t.Errorf("%T with %s shows key material", shape, verb)
				}
			}
		}
	})
}

// TestHandlesServeSeveralRequests is for the race detector.
func TestHandlesServeSeveralRequests(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		o, blob := h.mustOpener(s), h.seal(sealer, 1, "Amina")
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				for range 50 {
					mac := sealer.MAC(table, row, int64(n), "a", blob)
					if err := o.CheckMAC(mac, table, row, int64(n), "a", blob); err != nil {
						h.t.Errorf("check: %v", err)
					}
					if err := o.Open(table, row, 1, blob, &child{}); err != nil {
						h.t.Errorf("open: %v", err)
					}
				}
			})
		}
		all.Wait()
		all.Go(func() { _ = o.Open(table, row, 1, blob, &child{}) }) // open or closed, never half
		all.Go(o.Close)
		all.Wait()
	})
}

// TestDerivationIsHKDF: the cheap derivation is the standard one.
func TestDerivationIsHKDF(t *testing.T) {
	for n := range 40 {
		key := bytes.Repeat([]byte{byte(n)}, 32)
		label := strings.Repeat("l", n)
		want, err := hkdf.Expand(sha256.New, key, label, 32)
		if err != nil {
			t.Fatal(err)
		}
		if got := keys.Expand(key, label); !bytes.Equal(got, want) {
			t.Fatalf("label of %d bytes: %x, want %x", n, got, want)
		}
	}
}
