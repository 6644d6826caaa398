package matching_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"causeway/protocol/mask"
	"causeway/protocol/matching"
)

func terms() matching.Terms {
	return matching.Terms{
		ID: "000102030405060708090a0b0c0d0e0f", Purpose: matching.Child, Asker: "xa.care", Holder: "xb.care", Basis: "Treaty of the River, article 4 <2>",
		Size: 1_000, Day: 50, Officer: 10, Urgent: 5, EpochDay: 30,
	}
}

// vectors are messages that every reader takes or refuses alike.
type vectors struct {
	Good []string          // agreements, each in its one form
	Bad  map[string]string // by what is wrong with it
}

func read(t *testing.T) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("testdata/agree.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil || len(v.Good) == 0 || len(v.Bad) == 0 {
		t.Fatalf("vectors: %v", err)
	}
	return v
}

func TestVectorsOfAgreements(t *testing.T) {
	v := read(t)
	for _, text := range v.Good {
		a, err := matching.ReadAgree([]byte(text))
		if err != nil {
			t.Errorf("refused %s: %v", text, err)
			continue
		}
		if again, err := a.Encode(); err != nil || string(again) != text {
			t.Errorf("written again: %s, %v", again, err)
		}
	}
	for name, text := range v.Bad {
		if _, err := matching.ReadAgree([]byte(text)); !errors.Is(err, matching.ErrFormat) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	want := matching.Agree{V: 1, Step: matching.Propose, Terms: terms()}
	if text, err := want.Encode(); err != nil || string(text) != v.Good[0] {
		t.Errorf("the first one is %s, %v", text, err)
	}
}

// TestTermsHaveOneText: what both sides sign is the same text, and its digest.
func TestTermsHaveOneText(t *testing.T) {
	x := terms()
	text, err := x.Text()
	if err != nil {
		t.Fatal(err)
	}
	again, err := matching.ReadTerms(text)
	if err != nil || *again != x {
		t.Errorf("read as %+v, %v", again, err)
	}
	if d, err := x.Digest(); err != nil || d != sha256.Sum256(text) {
		t.Errorf("digest %x, %v", d, err)
	}
	if _, err := matching.ReadTerms(append(text, '\n')); !errors.Is(err, matching.ErrFormat) {
		t.Errorf("with a line end: %v", err)
	}
}

// partOf is a part whose points are all that of one key, under a fixed secret.
func partOf(t *testing.T) *matching.Part {
	t.Helper()
	b, err := hex.DecodeString("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706")
	if err != nil {
		t.Fatal(err)
	}
	s, err := mask.ParseSecret(b)
	if err != nil {
		t.Fatal(err)
	}
	one := s.Hide(mask.Domain{Purpose: "child", Asker: "xa.care", Holder: "xb.care", Epoch: 1}, mask.Key{Kind: "2n+y", Value: "KRNK|PTR|2014"})
	points := make([]mask.Point, matching.PartPoints)
	for i := range points {
		points[i] = one
	}
	return matching.NewPart(terms().ID, 1, 0, points)
}

// TestVectorOfAPart: the form of a part is fixed, byte for byte.
func TestVectorOfAPart(t *testing.T) {
	p := partOf(t)
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("testdata/part.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != strings.TrimSpace(string(b)) {
		t.Errorf("the part is %x", sum)
	}
	again, err := matching.ReadPart(text)
	if err != nil || !bytes.Equal(again.Points, p.Points) || again.All()[17_999] != p.All()[0] {
		t.Errorf("read otherwise: %v", err)
	}
	if matching.Parts(1_000) != 1 || matching.Parts(100_000) != 100 || matching.Points(10_000) != 180_000 {
		t.Error("tables have another size")
	}
}

// TestAPartIsWhole: another count of points is refused when it is read, and what is no point
// by a look at all of them.
func TestAPartIsWhole(t *testing.T) {
	for name, change := range map[string]func(*matching.Part){
		"a point less":       func(p *matching.Part) { p.Points = p.Points[mask.PointSize:] },
		"half a point more":  func(p *matching.Part) { p.Points = append(p.Points, make([]byte, 16)...) },
		"no epoch":           func(p *matching.Part) { p.Epoch = 0 },
		"a part before zero": func(p *matching.Part) { p.Part = -1 },
		"another version":    func(p *matching.Part) { p.V = 2 },
	} {
		p := partOf(t)
		change(p)
		if _, err := p.Encode(); !errors.Is(err, matching.ErrFormat) {
			t.Errorf("%s: written: %v", name, err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := matching.ReadPart(text); !errors.Is(err, matching.ErrFormat) {
			t.Errorf("%s: read: %v", name, err)
		}
	}
	if err := matching.CheckPoints(partOf(t).All()); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func([]byte){
		"the identity":      func(b []byte) { clear(b) },
		"a second spelling": func(b []byte) { copy(b, bytes.Repeat([]byte{0xff}, 32)) },
		"no point":          func(b []byte) { b[0] ^= 1 },
	} {
		p := partOf(t)
		change(p.Points[len(p.Points)-mask.PointSize:])
		if err := matching.CheckPoints(p.All()); !errors.Is(err, matching.ErrPoint) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzReadAgree(f *testing.F) {
	f.Add([]byte(`{"v":1}`))
	x := matching.Agree{V: 1, Step: matching.Accept, Terms: terms(), From: 1_772_442_000}
	text, err := x.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := matching.ReadAgree(b)
		if err != nil {
			return
		}
		if again, err := a.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("read, and written as %q, %v", again, err)
		}
	})
}
