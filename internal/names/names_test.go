package names_test

import (
	"slices"
	"testing"

	"causeway/internal/names"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"  O'Brien-Smith ", "obrien smith"},
		{"Müller", "muller"},
		{"Łukasz Ðorđe", "lukasz dorde"},
		{"STRAßE", "strasse"},
		{"İbrahim Işık", "ibrahim isik"},
		{"مُحَمَّد", "محمد"},
		{"أحمـــد آل إبراهيم", "احمد ال ابراهيم"},
		{"فاطمة", "فاطمه"},
		{"على", "علي"},
		{"کریم", "كريم"},
		{"שָׁלוֹם", "שלומ"},
		{"צ'רלי", "צ׳רלי"},
		{"Ёлкин Майя", "елкин майя"},
		{"Νίκος", "νικοσ"},
		{"김 철수", "김 철수"},
		{"১২৩ ٤٥٦", "123 456"},
		{"សុខា", "សុខា"},
	} {
		got := names.Fold(c.in)
		if got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
		if again := names.Fold(got); again != got {
			t.Errorf("Fold(%q) changes on the second fold: %q", got, again)
		}
	}
}

func TestTokens(t *testing.T) {
	type tok = names.Token
	for _, c := range []struct {
		in   string
		want []tok
	}{
		{"", nil},
		{"Amina", []tok{{"amina", names.Given}}},
		{"Dr. Amina al-Hasan", []tok{{"dr", names.Honorific}, {"amina", names.Given}, {"al", names.Particle}, {"hasan", names.Given}}},
		{"أمينة الحسن", []tok{{"امينه", names.Given}, {"ال", names.Particle}, {"حسن", names.Given}}},
		{"Mohamed ould Salem", []tok{{"mohamed", names.Given}, {"ould", names.Particle}, {"salem", names.Given}}},
		{"Olena Ivanivna Bondar", []tok{{"olena", names.Given}, {"ivanivna", names.Patronymic}, {"bondar", names.Given}}},
		{"Анна Петровна", []tok{{"анна", names.Given}, {"петровна", names.Patronymic}}},
		{"Ben", []tok{{"ben", names.Given}}},
		{"J. Adem", []tok{{"j", names.Initial}, {"adem", names.Given}}},
	} {
		if got := names.Tokens(c.in); !slices.Equal(got, c.want) {
			t.Errorf("Tokens(%q) = %v, want %v", c.in, got, c.want)
		}
	}
}
