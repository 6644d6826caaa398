package note_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"causeway/protocol/note"
)

// pair returns the pair of a number: the same for the same number.
func pair(t testing.TB, n byte) *note.Secret {
	t.Helper()
	s, err := note.SecretFrom(bytes.Repeat([]byte{n}, note.SecretSize))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const text = "causeway/test/1\nfrom xa.dcs\n"

func TestSignAndOpen(t *testing.T) {
	old, now, other := pair(t, 1), pair(t, 2), pair(t, 3)
	signed, err := note.Sign(text, note.Signer{Name: "xa.dcs", Pair: now})
	if err != nil {
		t.Fatal(err)
	}
	known := note.Known{Name: "xa.dcs", Pairs: []*note.Public{old.Public(), now.Public()}}
	got, by, err := note.Open(signed, 1<<15, known)
	if err != nil || got != text || len(by) != 1 || !by[0].Equal(now.Public()) {
		t.Fatalf("Open = %q, %v, %v", got, by, err)
	}
	both, err := note.Cosign(signed, note.Signer{Name: "xb.moi", Pair: other})
	if err != nil {
		t.Fatal(err)
	}
	if _, by, err := note.Open(both, 1<<15, known, note.Known{Name: "xb.moi", Pairs: []*note.Public{other.Public()}}); err != nil || len(by) != 2 {
		t.Errorf("two signers: %v, %v", by, err)
	}
	if _, _, err := note.Open(both, 1<<15, known); !errors.Is(err, note.ErrSignature) {
		t.Errorf("one signer too many: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	a, b := pair(t, 1), pair(t, 2)
	signed, err := note.Sign(text, note.Signer{Name: "xa.dcs", Pair: a})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(signed), "\n")
	classic, lattice := lines[len(lines)-3], lines[len(lines)-2]
	mixed, err := note.Sign(text, note.Signer{Name: "xa.dcs", Pair: b})
	if err != nil {
		t.Fatal(err)
	}
	mixedLines := strings.SplitAfter(string(mixed), "\n")
	known := note.Known{Name: "xa.dcs", Pairs: []*note.Public{a.Public(), b.Public()}}
	for name, tt := range map[string]struct {
		msg  string
		want error
	}{
		"classic stripped":        {text + "\n" + lattice, note.ErrSignature},
		"lattice stripped":        {text + "\n" + classic, note.ErrSignature},
		"halves of two pairs":     {text + "\n" + classic + mixedLines[len(mixedLines)-2], note.ErrSignature},
		"lines swapped":           {text + "\n" + lattice + classic, note.ErrSignature},
		"a line twice":            {text + "\n" + classic + classic + lattice, note.ErrFormat},
		"text changed":            {strings.Replace(string(signed), "xa.dcs\n", "xa.dcx\n", 1), note.ErrSignature},
		"another name":            {strings.ReplaceAll(string(signed), " xa.dcs ", " xa.dcx "), note.ErrSignature},
		"no signature":            {text, note.ErrFormat},
		"empty":                   {"", note.ErrFormat},
		"cut off":                 {string(signed[:len(signed)-1]), note.ErrFormat},
		"a carriage return":       {strings.Replace(string(signed), "\n", "\r\n", 1), note.ErrFormat},
		"a stranger's line added": {string(signed) + "\u2014 zz.zz AAAAAAAAAAAA\n", note.ErrSignature},
	} {
		if _, _, err := note.Open([]byte(tt.msg), 1<<15, known); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if _, _, err := note.Open(signed, len(signed)-1, known); !errors.Is(err, note.ErrTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	if _, _, err := note.Open(signed, 1<<15); !errors.Is(err, note.ErrSignature) {
		t.Errorf("nobody asked for: %v", err)
	}
}

// TestEveryBitCounts turns bits all over a note: none may go unnoticed.
func TestEveryBitCounts(t *testing.T) {
	a := pair(t, 1)
	signed, err := note.Sign(text, note.Signer{Name: "xa.dcs", Pair: a})
	if err != nil {
		t.Fatal(err)
	}
	known := note.Known{Name: "xa.dcs", Pairs: []*note.Public{a.Public()}}
	for i := 0; i < len(signed); i += 1 + i/64 {
		for bit := range 8 {
			bad := bytes.Clone(signed)
			bad[i] ^= 1 << bit
			if _, _, err := note.Open(bad, 1<<15, known); err == nil {
				t.Fatalf("byte %d, bit %d: accepted", i, bit)
			}
		}
	}
}

func TestPublicRoundTrip(t *testing.T) {
	p := pair(t, 1).Public()
	again, err := note.ParsePublic(p.String())
	if err != nil || !again.Equal(p) {
		t.Fatalf("ParsePublic = %v, %v", again, err)
	}
	for _, bad := range []string{"", "AAAA", p.String() + "\n", p.String()[1:], p.String() + "AAAA"} {
		if _, err := note.ParsePublic(bad); err == nil {
			t.Errorf("ParsePublic accepted %d characters", len(bad))
		}
	}
}

func TestSecretDoesNotPrint(t *testing.T) {
	s := pair(t, 1)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		if got := fmt.Sprintf(verb, s); got != "[secret pair]" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
	if again, err := note.SecretFrom(s.Seeds()); err != nil || !again.Public().Equal(s.Public()) {
		t.Errorf("from its seeds again: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	a := pair(f, 1)
	signed, err := note.Sign(text, note.Signer{Name: "xa.dcs", Pair: a})
	if err != nil {
		f.Fatal(err)
	}
	known := note.Known{Name: "xa.dcs", Pairs: []*note.Public{a.Public()}}
	f.Add(signed)
	f.Add([]byte(text))
	f.Fuzz(func(t *testing.T, msg []byte) {
		got, by, err := note.Open(msg, 1<<15, known)
		if err == nil && (got != text || len(by) != 1 || !bytes.Equal(msg, signed)) {
			t.Fatalf("accepted %q, which nobody signed", msg)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	a := pair(b, 1)
	for b.Loop() {
		if _, err := note.Sign(text, note.Signer{Name: "xa.dcs", Pair: a}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	a := pair(b, 1)
	signed, err := note.Sign(text, note.Signer{Name: "xa.dcs", Pair: a})
	if err != nil {
		b.Fatal(err)
	}
	known := note.Known{Name: "xa.dcs", Pairs: []*note.Public{a.Public()}}
	for b.Loop() {
		if _, _, err := note.Open(signed, 1<<15, known); err != nil {
			b.Fatal(err)
		}
	}
}

// TestOpenTwice: what was verified, or made here, is recalled by its bytes and by who is
// to have signed it, and by nothing less.
func TestOpenTwice(t *testing.T) {
	a, b := pair(t, 1), pair(t, 2)
	signed, err := note.Sign(text, note.Signer{Name: "xa.dcs", Pair: a})
	if err != nil {
		t.Fatal(err)
	}
	known := note.Known{Name: "xa.dcs", Pairs: []*note.Public{b.Public(), a.Public()}}
	for range 2 {
		got, by, err := note.Open(signed, 1<<15, known)
		if err != nil || got != text || len(by) != 1 || !by[0].Equal(a.Public()) {
			t.Errorf("Open = %q, %v, %v", got, by, err)
		}
	}
	for name, tt := range map[string]struct {
		msg   []byte
		limit int
		by    []note.Known
		want  error
	}{
		"another name":      {signed, 1 << 15, []note.Known{{Name: "xb.moi", Pairs: known.Pairs}}, note.ErrSignature},
		"another pair":      {signed, 1 << 15, []note.Known{{Name: "xa.dcs", Pairs: known.Pairs[:1]}}, note.ErrSignature},
		"one signer more":   {signed, 1 << 15, []note.Known{known, {Name: "xb.moi", Pairs: known.Pairs}}, note.ErrSignature},
		"over the limit":    {signed, len(signed) - 1, []note.Known{known}, note.ErrTooLarge},
		"a byte is another": {bytes.Replace(signed, []byte("xa.dcs\n"), []byte("xa.dcx\n"), 1), 1 << 15, []note.Known{known}, note.ErrSignature},
	} {
		if _, _, err := note.Open(tt.msg, tt.limit, tt.by...); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
