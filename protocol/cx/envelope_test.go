package cx_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

func TestSealAndOpen(t *testing.T) {
	r := newRig(t)
	d := draft()
	l := r.letter(t, d)
	env, err := r.read(seal(t, l, r.a, r.b).Bytes())
	if err != nil {
		t.Fatal(err)
	}
	m, got, err := env.Open([]age.Identity{r.b.e}, r.pairs)
	if err != nil {
		t.Fatal(err)
	}
	want := &cx.Message{
		From: "xa.dcs", ID: l.Content.ID, Thread: d.Thread, Stream: d.Stream, Seq: 1, Type: d.Type, Labels: d.Labels,
		Schema: d.Schema, Payload: d.Payload, Attachments: d.Attachments, Officer: d.Officer, Created: noon,
		Expires: noon.Add(cx.DefaultExpiry),
	}
	if diff := cmp.Diff(m, want); diff != "" {
		t.Errorf("message (-got +want):\n%s", diff)
	}
	if got.Digest() != env.Header.Content || !bytes.Equal(got.Note(), l.Note()) {
		t.Error("the letter that came out is not the one that went in")
	}
	for _, secret := range []string{"shelter", "guardian", "o-7f3a", "referral"} {
		if strings.Contains(string(env.Bytes()), secret) {
			t.Errorf("the envelope shows %q", secret)
		}
	}
}

// TestLetterStaysTheSame: a letter that is sent again, in another epoch and to another
// key, is the same letter.
func TestLetterStaysTheSame(t *testing.T) {
	r := newRig(t)
	l := r.letter(t, draft())
	kept, err := cx.ReadLetter(l.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	first := seal(t, l, r.a, r.b)
	later := newNode(t, r.b.id, 2)
	again, err := cx.Seal(kept, cx.Cover{Epoch: 2, Resend: 1, EKey: later.e.Recipient().String()}, r.a.sign)
	if err != nil {
		t.Fatal(err)
	}
	if again.Header.Content != first.Header.Content || again.Digest() == first.Digest() || again.Header.EKey == first.Header.EKey {
		t.Error("the content changed, or the envelope did not")
	}
	env, err := r.read(again.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if _, got, err := env.Open([]age.Identity{later.e}, r.pairs); err != nil || !bytes.Equal(got.Note(), l.Note()) {
		t.Errorf("opened again: %v", err)
	}
}

// refused expects that nothing comes out of an envelope that r.b gets, and why.
func refused(t *testing.T, r *rig, b []byte, want cx.Code) {
	t.Helper()
	env, err := r.read(b)
	if err != nil {
		if env != nil || cx.CodeOf(err) != want {
			t.Errorf("read: %v, want %s and nothing else", err, want)
		}
		return
	}
	m, l, err := env.Open([]age.Identity{r.b.e}, r.pairs)
	if m != nil || l != nil || cx.CodeOf(err) != want {
		t.Errorf("open: %v, want %s and nothing else", err, want)
	}
}

func TestRefusesTampered(t *testing.T) {
	r := newRig(t)
	e := seal(t, r.letter(t, draft()), r.a, r.b)
	b := e.Bytes()
	head := 4 + len(e.Note)
	t.Run("header", func(t *testing.T) {
		bad := bytes.Replace(b, []byte("\nepoch 1\n"), []byte("\nepoch 2\n"), 1)
		refused(t, r, bad, cx.BadSignature)
	})
	t.Run("body", func(t *testing.T) {
		bad := bytes.Clone(b)
		bad[len(bad)-20] ^= 1
		refused(t, r, bad, cx.Damaged)
	})
	t.Run("every byte", func(t *testing.T) {
		for i := 0; i < len(b); i += 1 + i/37 {
			bad := bytes.Clone(b)
			bad[i] ^= 0x10
			if _, err := r.read(bad); err == nil {
				t.Fatalf("byte %d of %d (header ends at %d): accepted", i, len(b), head)
			}
		}
	})
}

// TestRefusesTamperedInside: the sender signs a body that age or the letter's own
// digests find to be wrong.
func TestRefusesTamperedInside(t *testing.T) {
	r := newRig(t)
	l := r.letter(t, draft())
	inside := l.Bytes()
	bad, err := cx.ReadLetter(bytes.Replace(inside, []byte("shelter"), []byte("nothing"), 1))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, r, seal(t, bad, r.a, r.b).Bytes(), cx.BadSignature)

	bad, err = cx.ReadLetter(bytes.Replace(inside, []byte("handling H2"), []byte("handling H0"), 1))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, r, seal(t, bad, r.a, r.b).Bytes(), cx.BadSignature)
}

func TestRefusesTruncated(t *testing.T) {
	r := newRig(t)
	b := seal(t, r.letter(t, draft()), r.a, r.b).Bytes()
	for _, n := range []int{0, 1, 3, 4, 100, 5000, len(b) - 1} {
		refused(t, r, b[:n], cx.Damaged)
	}
	refused(t, r, append(bytes.Clone(b), 0), cx.BadFormat)
}

// TestRefusesReaddressed: what is signed inside names both parties, so a receiver cannot
// pass it on as if it had been sent to another, or as its own.
func TestRefusesReaddressed(t *testing.T) {
	r := newRig(t)
	d := draft()
	d.To = r.c.id
	l := r.letter(t, d)       // from a to c
	l.Content.To = r.b.id     // c seals it again for b
	e := seal(t, l, r.a, r.b) // with a's name outside, had it a's key
	refused(t, r, e.Bytes(), cx.Readdressed)
	l.Content.From = r.c.id
	e = seal(t, l, r.c, r.b) // with its own
	refused(t, r, e.Bytes(), cx.Readdressed)

	for name, change := range map[string]func(*cx.Content){
		"id":      func(n *cx.Content) { n.ID = cx.NewID(noon) },
		"thread":  func(n *cx.Content) { n.Thread = cx.NewThread() },
		"seq":     func(n *cx.Content) { n.Seq = 2 },
		"stream":  func(n *cx.Content) { n.Stream = cx.Status },
		"answers": func(n *cx.Content) { n.Answers = cx.NewID(noon) },
		"created": func(n *cx.Content) { n.Created = n.Created.Add(time.Second) },
		"expires": func(n *cx.Content) { n.Expires = n.Expires.Add(time.Second) },
		"class":   func(n *cx.Content) { n.Type = cx.Trial },
		"blobs":   func(n *cx.Content) { n.Attachments = nil },
	} {
		t.Run(name, func(t *testing.T) {
			l := r.letter(t, draft())
			change(&l.Content)
			refused(t, r, seal(t, l, r.a, r.b).Bytes(), cx.Readdressed)
		})
	}
}

func TestRefusesStrippedSignature(t *testing.T) {
	r := newRig(t)
	e := seal(t, r.letter(t, draft()), r.a, r.b)
	lines := bytes.SplitAfter(e.Note, []byte("\n"))
	classic, lattice := lines[len(lines)-3], lines[len(lines)-2]
	text := bytes.Join(lines[:len(lines)-3], nil)
	for name, left := range map[string][]byte{"classic": classic, "lattice": lattice} {
		t.Run(name+" left", func(t *testing.T) {
			e.Note = append(bytes.Clone(text), left...)
			refused(t, r, e.Bytes(), cx.BadSignature)
		})
	}
	t.Run("none left", func(t *testing.T) {
		e.Note = text
		refused(t, r, e.Bytes(), cx.BadFormat)
	})
}

// loud fails the test when more is read than the sizes allow.
type loud struct {
	t    *testing.T
	from *bytes.Reader
	left int
}

func (l *loud) Read(b []byte) (int, error) {
	n, err := l.from.Read(b)
	if l.left -= n; l.left < 0 {
		l.t.Error("read on after the size was known to be wrong")
	}
	return n, err
}

func TestRefusesOversized(t *testing.T) {
	r := newRig(t)
	t.Run("header", func(t *testing.T) {
		in := &loud{t, bytes.NewReader(append([]byte{0, 0, 0x80, 1}, make([]byte, 40000)...)), 4}
		if _, err := cx.Read(in, r.b.id, r.pairs); !errors.Is(err, cx.TooLarge) {
			t.Errorf("%v, want %s", err, cx.TooLarge)
		}
	})
	t.Run("body", func(t *testing.T) {
		e := seal(t, r.letter(t, draft()), r.a, r.b)
		b := resign(t, r.a, e, func(text string) string {
			return strings.Replace(text, "\nbody_len 1", "\nbody_len 2", 1)
		})
		in := &loud{t, bytes.NewReader(b), len(b) - len(e.Body)}
		if _, err := cx.Read(in, r.b.id, r.pairs); cx.CodeOf(err) != cx.BadFormat {
			t.Errorf("%v, want %s", err, cx.BadFormat)
		}
		b = resign(t, r.a, e, func(text string) string {
			return strings.Replace(text, "\nbody_len ", "\nbody_len 9999", 1)
		})
		in = &loud{t, bytes.NewReader(b), len(b) - len(e.Body)}
		if _, err := cx.Read(in, r.b.id, r.pairs); cx.CodeOf(err) != cx.TooLarge {
			t.Errorf("%v, want %s", err, cx.TooLarge)
		}
	})
	t.Run("payload", func(t *testing.T) {
		d := draft()
		d.Payload = []byte(`{"a":"` + strings.Repeat("a", cx.PayloadLimit) + `"}`)
		if _, err := cx.Write(d, place(), r.a.sign); !errors.Is(err, cx.TooLarge) {
			t.Errorf("%v, want %s", err, cx.TooLarge)
		}
	})
}

// resign signs a changed header, as a sender without scruples would.
func resign(t *testing.T, by *node, e *cx.Envelope, change func(string) string) []byte {
	t.Helper()
	text := note.Text(e.Note, cx.NoteLimit)
	changed := change(text)
	if changed == text {
		t.Fatal("nothing changed")
	}
	msg, err := by.sign.Sign(changed)
	if err != nil {
		t.Fatal(err)
	}
	return (&cx.Envelope{Note: msg, Body: e.Body}).Bytes()
}

func TestRefusesFutureDated(t *testing.T) {
	r := newRig(t)
	e := seal(t, r.letter(t, draft()), r.a, r.b)
	for _, tt := range []struct {
		now  time.Time
		want cx.Code
	}{
		{noon.Add(-24*time.Hour - time.Second), cx.Held},
		{noon.Add(-24 * time.Hour), ""},
		{noon.Add(30*24*time.Hour - time.Second), ""},
		{noon.Add(30 * 24 * time.Hour), cx.Expired},
	} {
		if got := cx.CodeOf(e.Header.Timely(tt.now)); got != tt.want {
			t.Errorf("at %v: %q, want %q", tt.now, got, tt.want)
		}
	}
}

func TestRefusesUnknownKey(t *testing.T) {
	r := newRig(t)
	t.Run("sign", func(t *testing.T) {
		stranger := newNode(t, "xa.dcs", 9)
		l, err := cx.Write(draft(), place(), stranger.sign)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, r, seal(t, l, stranger, r.b).Bytes(), cx.UnknownSender)
	})
	t.Run("sign, inside", func(t *testing.T) {
		stranger := newNode(t, "xa.dcs", 9)
		l, err := cx.Write(draft(), place(), stranger.sign)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, r, seal(t, l, r.a, r.b).Bytes(), cx.UnknownSender)
	})
	t.Run("another node's", func(t *testing.T) {
		posing := cx.NewSigner("xa.dcs", r.c.pair)
		l, err := cx.Write(draft(), place(), posing)
		if err != nil {
			t.Fatal(err)
		}
		e, err := cx.Seal(l, cx.Cover{Epoch: 1, EKey: r.b.e.Recipient().String()}, posing)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, r, e.Bytes(), cx.UnknownSender)
	})
	t.Run("revoked", func(t *testing.T) {
		e := seal(t, r.letter(t, draft()), r.a, r.b)
		_, err := cx.Read(bytes.NewReader(e.Bytes()), r.b.id, func(identity.NodeID, identity.KeyID) (*note.Public, error) {
			return nil, cx.RevokedKey
		})
		if cx.CodeOf(err) != cx.RevokedKey {
			t.Errorf("%v, want %s", err, cx.RevokedKey)
		}
	})
	t.Run("receive", func(t *testing.T) {
		refused(t, r, seal(t, r.letter(t, draft()), r.a, r.c).Bytes(), cx.UnknownEKey)
	})
}

func TestRefusesWrongRecipient(t *testing.T) {
	r := newRig(t)
	d := draft()
	d.To = r.c.id
	refused(t, r, seal(t, r.letter(t, d), r.a, r.b).Bytes(), cx.WrongRecipient)
}

func TestRefusesUnsupportedCrit(t *testing.T) {
	r := newRig(t)
	t.Run("header", func(t *testing.T) {
		e := seal(t, r.letter(t, draft()), r.a, r.b)
		refused(t, r, resign(t, r.a, e, func(s string) string { return s + "ext relay yes\ncrit relay\n" }), cx.Unsupported)
	})
	t.Run("header, not critical", func(t *testing.T) {
		e := seal(t, r.letter(t, draft()), r.a, r.b)
		env, err := r.read(resign(t, r.a, e, func(s string) string { return s + "ext relay yes\n" }))
		if err != nil || len(env.Header.Extra) != 1 || env.Header.Extra[0].Value != "yes" {
			t.Errorf("read: %v", err)
		}
	})
	t.Run("version", func(t *testing.T) {
		e := seal(t, r.letter(t, draft()), r.a, r.b)
		refused(t, r, resign(t, r.a, e, func(s string) string { return strings.Replace(s, "envelope/1", "envelope/2", 1) }), cx.Unsupported)
	})
	t.Run("label", func(t *testing.T) {
		d := draft()
		d.Labels.Extra = []cx.Extra{{Name: "embargo", Value: "2027-01-01"}}
		env, err := r.read(seal(t, r.letter(t, d), r.a, r.b).Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if m, _, err := env.Open([]age.Identity{r.b.e}, r.pairs); err != nil || len(m.Labels.Extra) != 1 || m.Labels.Extra[0].Value != "2027-01-01" {
			t.Errorf("not critical: %v", err)
		}
		d.Labels.Crit = []string{"embargo"}
		refused(t, r, seal(t, r.letter(t, d), r.a, r.b).Bytes(), cx.LabelRefused)
	})
}

// TestOpenNeedsTheHybridKey: a body sealed to a classic key is not opened, whoever
// signed it.
func TestOpenNeedsTheHybridKey(t *testing.T) {
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	if _, err := cx.Seal(r.letter(t, draft()), cx.Cover{Epoch: 1, EKey: classic.Recipient().String()}, r.a.sign); cx.CodeOf(err) != cx.BadFormat {
		t.Errorf("sealed to a classic key: %v", err)
	}
}

func TestPaddingHidesTheSize(t *testing.T) {
	r := newRig(t)
	sizes := map[int]bool{}
	for _, n := range []int{1, 100, 5000} {
		d := draft()
		d.Payload = []byte(`{"a":"` + strings.Repeat("a", n) + `"}`)
		sizes[len(seal(t, r.letter(t, d), r.a, r.b).Body)] = true
	}
	if len(sizes) != 1 {
		t.Errorf("payloads of 1 to 5000 bytes make %d sizes, want 1", len(sizes))
	}
}
