package witness_test

import (
	"bytes"
	"strings"
	"testing"

	"causeway/protocol/witness"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
)

func request(t testing.TB, old, size int64) *witness.Request {
	t.Helper()
	r := &witness.Request{Old: old, Note: checkpoint(t, size)}
	if old > 0 {
		var err error
		if r.Proof, err = tlog.ProveTree(size, old, hashes(size)); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestRequest(t *testing.T) {
	for _, r := range []*witness.Request{request(t, 0, 5), request(t, 3, 9), request(t, 9, 9)} {
		got, err := witness.ParseRequest(r.Bytes())
		if err != nil || !cmp.Equal(got.Proof, r.Proof, cmp.Transformer("list", func(p tlog.TreeProof) []tlog.Hash { return append([]tlog.Hash{}, p...) })) ||
			got.Old != r.Old || got.Note != r.Note {
			t.Errorf("ParseRequest = %+v, %v; want %+v", got, err, r)
		}
		if again := got.Bytes(); !bytes.Equal(again, r.Bytes()) {
			t.Errorf("written again: %q", again)
		}
	}
}

func TestRequestRefuses(t *testing.T) {
	good := string(request(t, 3, 9).Bytes())
	line := "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
	for name, bad := range map[string]string{
		"empty": "", "no checkpoint": "old 0\n\n", "no empty line": strings.Replace(good, "\n\n", "\n", 1),
		"no old size": strings.TrimPrefix(good, "old 3\n"), "a zero before it": strings.Replace(good, "old 3", "old 03", 1),
		"below zero": strings.Replace(good, "old 3", "old -3", 1), "above 63 bits": strings.Replace(good, "old 3", "old 9223372036854775808", 1),
		"64 hashes": "old 3\n" + strings.Repeat(line, 64) + "\n" + checkpoint(t, 9), "a short hash": "old 3\nAAAA\n\n" + checkpoint(t, 9),
		"unused bits": "old 3\n" + strings.Replace(line, "I=", "J=", 1) + "\n" + checkpoint(t, 9), "a carriage return": strings.Replace(good, "\n", "\r\n", 1),
		"too large": good + strings.Repeat("x", witness.RequestMost),
	} {
		if _, err := witness.ParseRequest([]byte(bad)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

func TestProves(t *testing.T) {
	for old := range int64(12) {
		for size := old; size < 12; size++ {
			if size == 0 {
				continue
			}
			p := request(t, old, size).Proof
			var before tlog.Hash
			if old > 0 {
				before = rootOf(old)
			}
			if old == size {
				p = nil
			}
			if !witness.Proves(p, old, before, size, rootOf(size)) {
				t.Errorf("%d to %d: refused", old, size)
			}
			if old > 0 && witness.Proves(p, old, rootOf(13), size, rootOf(size)) {
				t.Errorf("%d to %d: from another root", old, size)
			}
			if old > 0 && witness.Proves(p, old, before, size, rootOf(13)) {
				t.Errorf("%d to %d: to another root", old, size)
			}
			if witness.Proves(append(p, rootOf(13)), old, before, size, rootOf(size)) {
				t.Errorf("%d to %d: a hash too many", old, size)
			}
		}
	}
	if witness.Proves(nil, 5, rootOf(5), 4, rootOf(4)) || witness.Proves(nil, -1, rootOf(5), 4, rootOf(4)) {
		t.Error("a log that shrinks is proven")
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add(request(f, 0, 5).Bytes())
	f.Add(request(f, 3, 9).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := witness.ParseRequest(b)
		if err == nil && !bytes.Equal(r.Bytes(), b) {
			t.Fatalf("%q has a second spelling: %q", b, r.Bytes())
		}
	})
}

func FuzzCosigned(f *testing.F) {
	s := signer(f, 2)
	good := cosigned(f, s, checkpoint(f, 5), at)
	f.Add(good)
	f.Add(checkpoint(f, 5))
	f.Fuzz(func(t *testing.T, signed string) {
		line, _, ok := s.Cosigned(signed)
		if ok && !(strings.Contains(good, line) && strings.HasPrefix(signed, witness.Checkpoint{Origin: origin, Size: 5, Root: rootOf(5)}.Text())) {
			t.Fatalf("a cosignature that nobody made: %q", signed)
		}
	})
}
