package witness_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"causeway/protocol/witness"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func cosigned(t testing.TB, s *witness.Signer, signed string, when time.Time) string {
	t.Helper()
	text, _, _ := strings.Cut(signed, "\n\n")
	line, err := s.Cosign(text+"\n", when)
	if err != nil {
		t.Fatal(err)
	}
	return witness.AddLines(signed, line)
}

func TestCosigned(t *testing.T) {
	a, b := signer(t, 2), signer(t, 3)
	plain := checkpoint(t, 5)
	if _, _, ok := a.Cosigned(plain); ok {
		t.Error("a checkpoint without cosignatures has one")
	}
	both := cosigned(t, b, cosigned(t, a, plain, at), at.Add(time.Minute))
	for s, want := range map[*witness.Signer]time.Time{a: at, b: at.Add(time.Minute)} {
		if line, got, ok := s.Cosigned(both); !ok || !got.Equal(want) || !strings.Contains(both, line) {
			t.Errorf("%s: %q, %s, %v; want %s", s.Name(), line, got, ok, want)
		}
	}
	newer := cosigned(t, a, both, at.Add(time.Hour))
	if _, got, ok := a.Cosigned(newer); !ok || !got.Equal(at.Add(time.Hour)) {
		t.Errorf("of two lines of one witness, the one of %s counts", got)
	}
	if _, _, ok := a.Cosigned(strings.Replace(both, "\n5\n", "\n6\n", 1)); ok {
		t.Error("a cosignature holds for another checkpoint")
	}
	for i, line := range strings.SplitAfter(both, "\n") {
		if !strings.HasPrefix(line, "— "+a.Name()) {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(strings.Fields(line)[2])
		if err != nil {
			t.Fatal(err)
		}
		for at := range raw { // key hash, time and signature: every byte counts
			bad := bytes.Clone(raw)
			bad[at] ^= 1
			lines := strings.SplitAfter(both, "\n")
			lines[i] = "— " + a.Name() + " " + base64.StdEncoding.EncodeToString(bad) + "\n"
			if _, _, ok := a.Cosigned(strings.Join(lines, "")); ok {
				t.Errorf("byte %d of the line may be anything", at)
			}
		}
	}
}

func TestReadLines(t *testing.T) {
	a, b := signer(t, 2), signer(t, 3)
	signed := checkpoint(t, 5)
	lines := func(s *witness.Signer) string { return strings.TrimPrefix(cosigned(t, s, signed, at), signed) }
	if _, c, err := witness.ReadLines(a.Verifier, signed, lines(b)+lines(a)); err != nil || !c.At.Equal(at) {
		t.Errorf("ReadLines = %+v, %v", c, err)
	}
	for name, answer := range map[string]string{
		"nothing": "", "of another key": lines(b), "of another checkpoint": strings.TrimPrefix(cosigned(t, a, checkpoint(t, 6), at), checkpoint(t, 6)),
		"without its newline": strings.TrimSuffix(lines(a), "\n"), "a text before it": "causeway/XA-test/1\n5\n" + strings.TrimSuffix(lines(a), "\n"),
		"too large": strings.Repeat(lines(b), 1000),
	} {
		if _, _, err := witness.ReadLines(a.Verifier, signed, answer); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCosignRefuses(t *testing.T) {
	s := signer(t, 2)
	for _, text := range []string{"", "a\n5\n", "a\n05\n" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n", "cosignature/v1\n"} {
		if _, err := s.Cosign(text, at); err == nil {
			t.Errorf("cosigned %q", text)
		}
	}
	if _, err := s.Cosign(witness.Checkpoint{Origin: origin}.Text(), time.Unix(-1, 0)); err == nil {
		t.Error("cosigned before 1970")
	}
}

func TestVerifierKeys(t *testing.T) {
	s := signer(t, 2)
	if v, err := witness.ParseVerifier(s.String()); err != nil || v.String() != s.Verifier.String() {
		t.Errorf("ParseVerifier = %v, %v", v, err)
	}
	for _, bad := range []string{
		"", "a+b", logKey(t), strings.Replace(s.Verifier.String(), "XB-2", "XB-3", 1),
		strings.Replace(s.Verifier.String(), "/witness", " witness", 1), s.Verifier.String() + "\n", s.Verifier.String() + "AAAA",
	} {
		if _, err := witness.ParseVerifier(bad); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
	if name, key, err := witness.ParseLogKey(logKey(t)); err != nil || name != origin || !bytes.Equal(key, ed25519.NewKeyFromSeed(seed(1)).Public().(ed25519.PublicKey)) {
		t.Errorf("ParseLogKey = %s, %x, %v", name, key, err)
	}
	if _, _, err := witness.ParseLogKey(s.Verifier.String()); err == nil {
		t.Error("a witness's key passes for a log's")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		if got := fmt.Sprintf(verb, s); got != "[witness key]" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

func TestCheckpointAndStatement(t *testing.T) {
	c := witness.Checkpoint{Origin: origin, Size: 5, Root: rootOf(5)}
	if got, err := witness.ParseCheckpoint(c.Text()); err != nil || got != c {
		t.Errorf("ParseCheckpoint = %+v, %v", got, err)
	}
	s := witness.Statement{Old: origin, New: witness.Origin("XA-test", 2), Size: 5, Root: rootOf(5), At: at, Cause: "a disk"}
	if got, err := witness.ParseStatement(s.Text()); err != nil || got != s {
		t.Errorf("ParseStatement = %+v, %v", got, err)
	}
	if got := witness.StatementName(s.Text()); got != s.New {
		t.Errorf("StatementName = %q", got)
	}
	for _, bad := range []string{"", c.Text(), s.Text() + "more\n", strings.Replace(s.Text(), "size 5", "size 05", 1), strings.Replace(s.Text(), "size 5", "size -5", 1)} {
		if _, err := witness.ParseStatement(bad); err == nil {
			t.Errorf("statement %q was read", bad)
		}
	}
	for name, want := range map[string]int64{"causeway/a/1": 1, "causeway/a/b/12": 12, "causeway/a/0": 0, "causeway/a/01": 0, "causeway//1": 0, "other/a/1": 0, "causeway/1": 0, "": 0} {
		if _, epoch, ok := witness.SplitOrigin(name); epoch != want || ok != (want > 0) {
			t.Errorf("SplitOrigin(%q) = %d, %v", name, epoch, ok)
		}
	}
}
