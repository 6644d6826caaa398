package sealed_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/sealed"
)

type person struct {
	Name   sealed.Text   `cbor:"1,keyasint"`
	Other  []sealed.Text `cbor:"2,keyasint"`
	Born   sealed.Date   `cbor:"3,keyasint"`
	Scan   sealed.Bytes  `cbor:"4,keyasint"`
	Marks  []byte        `cbor:"5,keyasint"`
	Height int64         `cbor:"6,keyasint,omitzero"`
	Alias  sealed.Text   `cbor:"7,keyasint,omitzero"`
}

func date(t *testing.T, s string) sealed.Date {
	t.Helper()
	d, err := sealed.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEncodeVectors(t *testing.T) {
	for _, c := range []struct {
		name string
		in   any
		want string
	}{
		{"none", sealed.Text{}, "f6"},
		{"empty", sealed.NewText(""), "60"},
		{"text", sealed.NewText("Zoë"), "645a6fc3ab"},
		{"date", date(t, "2011-07"), "67323031312d3037"},
		{"no bytes", sealed.NewBytes(nil), "f6"},
		{"empty bytes", sealed.NewBytes([]byte{}), "40"},
		{"bytes", sealed.NewBytes([]byte{1, 2}), "420102"},
		{"24 bytes need a longer head", sealed.NewBytes(make([]byte, 24)), "5818" + hex.EncodeToString(make([]byte, 24))},
		{"struct", struct {
			B sealed.Text `cbor:"2,keyasint"`
			A sealed.Text `cbor:"1,keyasint"`
		}{sealed.NewText("b"), sealed.NewText("a")}, "a2016161026162"},
	} {
		got, err := sealed.Encode(c.in)
		if err != nil || hex.EncodeToString(got) != c.want {
			t.Errorf("%s: Encode = %x, %v, want %s", c.name, got, err, c.want)
		}
	}
}

func TestRoundTripKeepsMissingAndEmptyApart(t *testing.T) {
	for name, want := range map[string]person{
		"full": {
			Name: sealed.NewText("Amina"), Other: []sealed.Text{sealed.NewText("أمينة"), {}},
			Born: date(t, "2011"), Scan: sealed.NewBytes(bytes.Repeat([]byte{7}, 70_000)), Marks: []byte{1},
			Height: 120, Alias: sealed.NewText("A"),
		},
		"missing": {},
		"empty":   {Name: sealed.NewText(""), Other: []sealed.Text{}, Scan: sealed.NewBytes([]byte{}), Marks: []byte{}},
	} {
		b, err := sealed.Encode(want)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got person
		if err := sealed.Decode(b, &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s: round trip (-got +want):\n%s", name, diff)
		}
		again, err := sealed.Encode(got)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: second encoding %x, want %x", name, again, b)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"empty input":             "",
		"trailing byte":           "a1016161ff",
		"unknown field":           "a1186361ff",
		"doubled field":           "a2016161016162",
		"number as text":          "a10101",
		"bytes as text":           "a1014161",
		"text as bytes":           "a1046161",
		"not UTF-8":               "a10161ff",
		"indefinite length":       "a1017f6161ff",
		"date that is not a date": "a103616a",
		"30 February":             "a1036a323031312d30322d3330",
		"cut":                     "a10163",
		"tag":                     "a101c06161",
	} {
		b, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		var p person
		if err := sealed.Decode(b, &p); err == nil {
			t.Errorf("%s: decoded, want a refusal", name)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string][3]int{
		"2011": {2011, 0, 0}, "2011-07": {2011, 7, 0}, "2011-07-23": {2011, 7, 23}, "2012-02-29": {2012, 2, 29},
	} {
		d, err := sealed.ParseDate(in)
		if err != nil {
			t.Errorf("ParseDate(%q): %v", in, err)
			continue
		}
		y, m, day := d.RevealParts()
		if got := [3]int{y, m, day}; got != want || d.Reveal() != in {
			t.Errorf("ParseDate(%q) = %v %q, want %v", in, got, d.Reveal(), want)
		}
		made, err := sealed.NewDate(want[0], want[1], want[2])
		if err != nil || !made.Equal(d) {
			t.Errorf("NewDate(%v) = %q, %v, want %q", want, made.Reveal(), err, in)
		}
	}
	for _, in := range []string{"", "11", "0000", "2011-13", "2011-00", "2011-7", "2011-02-29", "2011-07-23T00:00", "2011/07/23", "٢٠١١", "-011", "2011-07-"} {
		if _, err := sealed.ParseDate(in); !fault.Is(err, fault.Invalid) || fault.CodeOf(err) != "date" {
			t.Errorf("ParseDate(%q): %v, want Invalid date", in, err)
		}
	}
	for _, in := range [][3]int{{2011, 0, 5}, {-1, 1, 1}, {12345, 0, 0}, {2011, -1, 0}} {
		if _, err := sealed.NewDate(in[0], in[1], in[2]); err == nil {
			t.Errorf("NewDate(%v) was accepted", in)
		}
	}
}

func TestTextIsAlwaysReadable(t *testing.T) {
	b, err := sealed.Encode(sealed.NewText("a\xffb"))
	if err != nil {
		t.Fatal(err)
	}
	var got sealed.Text
	if err := sealed.Decode(b, &got); err != nil || got.Reveal() != "a\uFFFDb" {
		t.Errorf("text with a broken byte reads %q, %v", got.Reveal(), err)
	}
}

// FuzzDecode checks that whatever is accepted encodes to the same bytes again.
func FuzzDecode(f *testing.F) {
	for _, v := range []any{person{}, person{Name: sealed.NewText("x"), Marks: []byte{}}} {
		b, err := sealed.Encode(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var p, q person
		if sealed.Decode(b, &p) != nil {
			return
		}
		again, err := sealed.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := sealed.Decode(again, &q); err != nil {
			t.Fatalf("own encoding refused: %v", err)
		}
		if diff := cmp.Diff(p, q); diff != "" {
			t.Fatalf("changed by a round trip:\n%s", diff)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	p := person{Name: sealed.NewText("Amina Okoro"), Other: []sealed.Text{sealed.NewText("Mina")}, Scan: sealed.NewBytes(make([]byte, 400))}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sealed.Encode(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	blob, err := sealed.Encode(person{Name: sealed.NewText("Amina Okoro"), Other: []sealed.Text{sealed.NewText("Mina")}, Scan: sealed.NewBytes(make([]byte, 400))})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var p person
		if err := sealed.Decode(blob, &p); err != nil {
			b.Fatal(err)
		}
	}
}
