package names_test

import (
	"math"
	"testing"

	"causeway/internal/names"
)

func TestSimilar(t *testing.T) {
	for _, c := range []struct {
		a, b        string
		least, most float64
	}{
		{"Amina Yusuf", "amina  YUSUF", 1, 1},
		{"Amina Yusuf", "Yusuf Amina", 1, 1},                    // any order
		{"Dr. Amina Yusuf", "Amina Yusuf", 1, 1},                // titles say nothing
		{"Amina al-Yusuf", "Amina Yusuf", 1, 1},                 // nor do particles
		{"Amina Yusuf", "Amina", 0.9, 0.99},                     // part of a name
		{"Amina Yusuf", "Amina Youssef", 0.89, 0.99},            // another spelling
		{"Amina Yusuf", "أمينة يوسف", 0.9, 0.99},                // another script
		{"Olena Bondar", "Олена Бондар", 0.9, 1},                // another script
		{"Marhta", "Martha", 0.96, 0.962},                       // Winkler's own example: 0.961
		{"Dwayne", "Duane", 0.839, 0.841},                       // and 0.840
		{"Dixon", "Dicksonx", 0.813, 0.814},                     // and 0.813
		{"Amina Yusuf", "Olena Bondar", 0, 0.6},                 // two people
		{"Amina", "", 0, 0},                                     // nothing is like nothing
		{"", "", 0, 0},                                          // not even itself
		{"...", "...", 0, 0},                                    // nor marks
		{"Abcdefghijklmnopqrstuvwxyzabcdefgh", "Abc", 0.7, 0.9}, // longer than what is kept
	} {
		got := names.Similar(c.a, c.b)
		if got < c.least || got > c.most {
			t.Errorf("Similar(%q, %q) = %.4f, want %.3f to %.3f", c.a, c.b, got, c.least, c.most)
		}
		if back := names.Similar(c.b, c.a); math.Abs(back-got) > 1e-9 {
			t.Errorf("Similar(%q, %q) = %.4f, the other way round %.4f", c.a, c.b, got, back)
		}
	}
}

func TestSimilarAllocatesNothing(t *testing.T) {
	p, q := names.Prepare("Amina Yusuf Hassan"), names.Prepare("أمينة يوسف حسن")
	if n := testing.AllocsPerRun(100, func() { p.Similar(&q) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSameNickname(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"bill", "william", true},
		{"bill", "billy", true},
		{names.Fold("Саша"), "alexander", true},
		{names.Fold("حمودي"), names.Fold("محمد"), true},
		{"yannis", names.Fold("Ιωάννης"), true},
		{"bill", "bill", false},
		{"bill", "mary", false},
		{"", "", false},
	} {
		if got := names.SameNickname(c.a, c.b); got != c.want {
			t.Errorf("SameNickname(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

// FuzzNames: whatever is typed, the normal form is one, codes are bounded and a
// name is like itself.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"", "Amina", "أمينة", "김철수", "\xff\xfe", "ด.ช.", "0123", "'''", "ţ", "เอ", "ក្ក", "ﷺ", "İ̇", "ẞ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := names.Fold(s)
		if again := names.Fold(folded); again != folded {
			t.Errorf("Fold(%q) = %q, folded again %q", s, folded, again)
		}
		if codes := names.Codes(s); len(codes) > names.MaxCodes {
			t.Errorf("%d codes", len(codes))
		}
		p := names.Prepare(s)
		if v := p.Similar(&p); !p.Empty() && (v < 0.999 || v > 1.001) {
			t.Errorf("%q is like itself by %v", s, v)
		}
	})
}
