package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"causeway/internal/names/agreement"
)

// TestLearnsFromPairs teaches a few invented names in Hebrew letters and looks
// whether the letters came out as anybody would read them.
func TestLearnsFromPairs(t *testing.T) {
	latin, err := newModel("latin")
	if err != nil {
		t.Fatal(err)
	}
	var pairs []agreement.Pair
	for _, p := range [][2]string{
		{"dana", "דנה"},
		{"nadim", "נדים"},
		{"mira", "מירה"},
		{"rami", "רמי"},
		{"lina", "לינה"},
		{"tamar", "תמר"},
		{"karim", "קרים"},
		{"salim", "סלים"},
		{"golan", "גולן"},
		{"gal", "גל"},
		{"moran", "מורן"},
		{"sara", "שרה"},
		{"shira", "שירה"},
		{"bar", "בר"},
		{"viki", "ויקי"},
		{"aviv", "אביב"},
		{"libi", "ליבי"},
		{"pola", "פולה"},
		{"rafi", "רפי"},
		{"jack", "ג'ק"},
		{"cohen", "כהן"},
	} {
		pairs = append(pairs, agreement.Pair{Latin: p[0], Native: p[1], Count: 1})
	}
	l, err := newLesson("hebrew", "hebrew", pairs)
	if err != nil {
		t.Fatal(err)
	}
	l.begin(latin)
	first := 0.0
	for n := range 4 {
		var likely float64
		latin, likely = round(latin, []*lesson{l})
		if n == 0 {
			first = likely
		} else if likely < first {
			t.Errorf("round %d finds the pairs less likely (%.3f) than the first (%.3f)", n+1, likely, first)
		}
	}
	for letter, sounds := range map[string]string{"ד": "D", "נ": "N", "מ": "M", "ר": "R", "ל": "L", "ת": "T", "ק": "K", "ס": "S", "ג": "G", "ג׳": "J"} {
		ways := l.native.waysOf(context{"", letter, ""})
		if len(ways) == 0 || ways[0].sounds != sounds {
			t.Errorf("%s is read %v, want %s first", letter, ways, sounds)
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "tables"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeTable(dir, "hebrew", l.native); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "tables", "hebrew.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), "\nמ M ") {
		t.Errorf("the table does not say that mem is m:\n%s", b)
	}
	if got := string(page(string(b), "hebrew", "Hebrew script", pairs)); !strings.Contains(got, "| מ | m ") || !strings.Contains(got, "dana") {
		t.Errorf("the page does not say that mem is m, or shows no name:\n%s", got)
	}
}

func TestMandarin(t *testing.T) {
	for character, want := range map[string][2]string{"张": {"JN", "JN"}, "黄": {"AN", "N"}, "艾": {"A", ""}, "尔": {"AR", "R"}, "王": {"VN", "VN"}} {
		if got := mandarin(character); got != want {
			t.Errorf("mandarin(%s) = %q, want %q", character, got, want)
		}
	}
}
