package ident_test

import (
	"strings"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
)

func TestIdentifierRoundTrip(t *testing.T) {
	id := ident.New[ident.Case]()
	back, err := ident.Parse[ident.Case](id.String())
	if err != nil || back != id {
		t.Fatalf("parse = %v, %v, want %v", back, err, id)
	}
	var scanned ident.Case
	v, _ := id.Value()
	if err := scanned.Scan(v); err != nil || scanned != id {
		t.Errorf("scan = %v, %v, want %v", scanned, err, id)
	}
}

func TestForgedIdentifiersAreNotFound(t *testing.T) {
	good := ident.New[ident.Case]().String()
	for _, s := range []string{
		"", "x", good[:25], good + "0", strings.ToUpper("abcdefghjkmnpqrstvwxyz0123"),
		"../../../../etc/passwd0000", strings.Repeat("\x00", 26), good[:25] + "é",
	} {
		if _, err := ident.Parse[ident.Case](s); !fault.Is(err, fault.NotFound) {
			t.Errorf("parse of a forged identifier = %v, want not found", err)
		}
	}
}

func TestEntryIdentifiersSortByTime(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 5000, time.UTC)
	a, b := ident.NewEntry(at), ident.NewEntry(at.Add(time.Microsecond))
	if a.String() >= b.String() {
		t.Error("a later entry sorts first")
	}
	if got := ident.EntryTime(a); !got.Equal(at) {
		t.Errorf("time = %v, want %v", got, at)
	}
}

func TestCaseNumberForgivesWritingNotMistakes(t *testing.T) {
	n := ident.NewCaseNumber()
	for _, s := range []string{n.String(), strings.ToLower(n.String()), " " + string(n) + " "} {
		got, err := ident.ParseCaseNumber(s)
		if err != nil || got != n {
			t.Errorf("parse = %v, %v, want %v", got, err, n)
		}
	}
}

func TestCaseNumberFindsSlips(t *testing.T) {
	const alphabet = "34679ACDEFGHJKMNPQRTWXY"
	for range 50 {
		n := []byte(ident.NewCaseNumber())
		for i := range 8 {
			for _, c := range []byte(alphabet) {
				if c == n[i] {
					continue
				}
				m := append([]byte(nil), n...)
				m[i] = c
				if _, err := ident.ParseCaseNumber(string(m)); err == nil {
					t.Fatal("a wrong character was accepted")
				}
			}
			if i < 7 && n[i] != n[i+1] {
				m := append([]byte(nil), n...)
				m[i], m[i+1] = m[i+1], m[i]
				if _, err := ident.ParseCaseNumber(string(m)); err == nil {
					t.Fatal("swapped neighbours were accepted")
				}
			}
		}
	}
}

func FuzzParseCaseNumber(f *testing.F) {
	f.Add("7KQM-T3XA-R")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ident.ParseCaseNumber(s)
		if err == nil {
			again, err := ident.ParseCaseNumber(n.String())
			if err != nil || again != n {
				t.Errorf("accepted number does not read back: %v", err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(ident.New[ident.Case]().String())
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ident.Parse[ident.Case](s); err == nil && id.String() != s && !id.IsZero() {
			t.Errorf("identifier has two spellings")
		}
	})
}
