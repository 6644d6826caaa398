package keys_test

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// house is a node's keyring and custody over one test database.
type house struct {
	t       *testing.T
	db      *store.DB
	clk     *clock.Fake
	paths   []string
	ring    *keys.Ring
	custody *keys.Custody
}

// each runs body on every engine with a keyring of its own.
func each(t *testing.T, body func(h *house)) {
	t.Helper()
	clk := clock.NewFake(start)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clk.Set(start)
		h := &house{t: t, db: db, clk: clk, paths: places(t)}
		h.ring = create(t, h.paths, keys.PlainFile())
		h.custody = keys.New(h.ring, clk)
		body(h)
	}, storetest.WithClock(clk))
}

// reopen is a restart of the node.
func (h *house) reopen() {
	h.t.Helper()
	h.ring = open(h.t, h.paths, keys.PlainFile())
	h.custody = keys.New(h.ring, h.clk)
}

func (h *house) write(fn func(ctx context.Context, tx *store.Tx) error) error {
	h.t.Helper()
	return h.db.Write(h.t.Context(), func(tx *store.Tx) error { return fn(h.t.Context(), tx) })
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// exec changes rows behind the program's back.
func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, query, args...)
		if err == nil && n == 0 {
			return errors.New("no row changed")
		}
		return err
	}))
}

// subject creates a subject and returns its sealer.
func (h *house) subject() (ident.Subject, *keys.Sealer) {
	h.t.Helper()
	s := ident.New[ident.Subject]()
	var sealer *keys.Sealer
	h.must(h.write(func(ctx context.Context, tx *store.Tx) (err error) {
		sealer, err = h.custody.Create(ctx, tx, s, "case")
		return err
	}))
	return s, sealer
}

// opener returns the opener of a subject, for ten minutes.
func (h *house) opener(s ident.Subject) (*keys.Opener, error) {
	h.t.Helper()
	var o *keys.Opener
	err := h.db.Read(h.t.Context(), func(tx *store.Tx) (err error) {
		o, err = h.custody.Opener(h.t.Context(), tx, s, h.clk.Now().Add(10*time.Minute))
		return err
	})
	return o, err
}

func (h *house) mustOpener(s ident.Subject) *keys.Opener {
	h.t.Helper()
	o, err := h.opener(s)
	h.must(err)
	return o
}

type child struct {
	Name sealed.Text `cbor:"1,keyasint"`
	Note sealed.Text `cbor:"2,keyasint"`
}

const table = "person_secret"

var row = []byte("0123456789abcdef")

func (h *house) seal(s *keys.Sealer, version int64, name string) []byte {
	h.t.Helper()
	blob, err := s.Seal(table, row, version, child{Name: sealed.NewText(name)})
	h.must(err)
	return blob
}

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

func TestWrappedKeyBelongsToItsSubject(t *testing.T) {
	each(t, func(h *house) {
		a, _ := h.subject()
		b, _ := h.subject()
		kept := map[string][]byte{}
		h.must(h.db.Read(h.t.Context(), func(tx *store.Tx) error {
			var wrapped, commitment []byte
			err := tx.QueryRow(h.t.Context(), `SELECT wrapped, commitment FROM keys_subject WHERE subject = $1`, b).Scan(&wrapped, &commitment)
			kept["wrapped"], kept["commitment"] = wrapped, commitment
			return err
		}))
		for name, change := range map[string]func(){
			"key of another subject": func() {
				h.exec(`UPDATE keys_subject SET wrapped = $1, commitment = $2 WHERE subject = $3`, kept["wrapped"], kept["commitment"], a)
			},
			"other commitment": func() {
				h.exec(`UPDATE keys_subject SET commitment = $1 WHERE subject = $2`, make([]byte, 32), a)
			},
			"other kind": func() { h.exec(`UPDATE keys_subject SET kind = 'thread' WHERE subject = $1`, a) },
			"cut":        func() { h.exec(`UPDATE keys_subject SET wrapped = $1 WHERE subject = $2`, []byte{1}, a) },
		} {
			h.exec(`DELETE FROM keys_subject WHERE subject = $1`, a)
			h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := h.custody.Create(ctx, tx, a, "case")
				return err
			}))
			h.mustOpener(a)
			change()
			_, err := h.opener(a)
			mustCode(h.t, name, err, fault.Unavailable, "key-altered")
		}
		h.exec(`UPDATE keys_subject SET epoch = 7 WHERE subject = $1`, b)
		_, err := h.opener(b)
		mustCode(h.t, "unknown epoch", err, fault.Unavailable, "key-unknown")
	})
}

func TestCreateIsOncePerSubject(t *testing.T) {
	each(t, func(h *house) {
		s, _ := h.subject()
		again := func(s ident.Subject, kind string) error {
			return h.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := h.custody.Create(ctx, tx, s, kind)
				return err
			})
		}
		mustCode(h.t, "second key", again(s, "case"), fault.Conflict, "exists")
		mustCode(h.t, "no subject", again(ident.Subject{}, "case"), fault.Invalid, "subject")
		mustCode(h.t, "no kind", again(ident.New[ident.Subject](), ""), fault.Invalid, "subject")
	})
}

func TestCreateIsUndoneWithItsTransaction(t *testing.T) {
	each(t, func(h *house) {
		s := ident.New[ident.Subject]()
		stop := errors.New("stop")
		err := h.write(func(ctx context.Context, tx *store.Tx) error {
			if _, err := h.custody.Create(ctx, tx, s, "case"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			h.t.Fatal(err)
		}
		if _, err := h.opener(s); !fault.Is(err, fault.NotFound) {
			h.t.Errorf("opener of an undone subject: %v, want not found", err)
		}
		h.subject() // the first epoch row was undone too; the next creation writes it
		if got := h.epochs(); len(got) != 1 || got[0].Epoch != 1 {
			h.t.Errorf("epochs = %+v, want the first", got)
		}
	})
}

func TestDestroySubject(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		other, _ := h.subject()
		blob := h.seal(sealer, 1, "Amina")
		var wrapped, digest []byte
		h.must(h.write(func(ctx context.Context, tx *store.Tx) (err error) {
			if err := tx.QueryRow(ctx, `SELECT wrapped FROM keys_subject WHERE subject = $1`, s).Scan(&wrapped); err != nil {
				return err
			}
			digest, err = h.custody.Destroy(ctx, tx, s)
			return err
		}))
		if want := sha256.Sum256(wrapped); !bytes.Equal(digest, want[:]) {
			h.t.Errorf("digest %x, want that of the wrapped key", digest)
		}
		_, err := h.opener(s)
		if !fault.Is(err, fault.NotFound) {
			h.t.Errorf("opener after destruction: %v, want not found", err)
		}
		again := h.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := h.custody.Destroy(ctx, tx, s)
			return err
		})
		if !fault.Is(again, fault.NotFound) {
			h.t.Errorf("destroyed twice: %v, want not found", again)
		}
		h.mustOpener(other)
		// A new key for the same subject does not open what was erased.
		h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := h.custody.Create(ctx, tx, s, "case")
			return err
		}))
		mustCode(h.t, "old blob, new key", h.mustOpener(s).Open(table, row, 1, blob, &child{}), fault.Unavailable, "record-altered")
	})
}

func TestOpenersOfAList(t *testing.T) {
	each(t, func(h *house) {
		var subjects []ident.Subject
		blobs := map[ident.Subject][]byte{}
		for range keys.SubjectsAtOnce + 7 {
			s, sealer := h.subject()
			subjects = append(subjects, s)
			blobs[s] = h.seal(sealer, 1, s.String())
		}
		damaged, unknown := subjects[3], ident.New[ident.Subject]()
		h.exec(`UPDATE keys_subject SET wrapped = $1 WHERE subject = $2`, []byte("nonsense"), damaged)
		var got map[ident.Subject]*keys.Opener
		openers := func(list []ident.Subject) {
			h.must(h.db.Read(h.t.Context(), func(tx *store.Tx) (err error) {
				got, err = h.custody.Openers(h.t.Context(), tx, list, start.Add(time.Minute))
				return err
			}))
		}
		openers(append(subjects, unknown))
		if len(got) != len(subjects) || got[unknown] != nil {
			h.t.Errorf("%d openers, want %d and none for the unknown subject", len(got), len(subjects))
		}
		for _, s := range subjects {
			var c child
			err := got[s].Open(table, row, 1, blobs[s], &c)
			if s == damaged {
				mustCode(h.t, "damaged key", err, fault.Unavailable, "key-altered")
				continue
			}
			if err != nil || c.Name.Reveal() != s.String() {
				h.t.Errorf("subject of the list: %v", err)
			}
		}
		openers(nil)
		if len(got) != 0 {
			h.t.Errorf("%d openers for an empty list", len(got))
		}
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
