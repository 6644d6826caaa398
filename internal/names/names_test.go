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
	type tok struct {
		text string
		kind names.Kind
	}
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
		var got []tok
		for _, w := range names.Tokens(c.in) {
			got = append(got, tok{w.Text, w.Kind})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("Tokens(%q) = %v, want %v", c.in, got, c.want)
		}
	}
}

// TestAnyScriptFindsAnyScript: every pair of these spellings of one name shares
// a code.
func TestAnyScriptFindsAnyScript(t *testing.T) {
	for _, spellings := range [][]string{
		{"Daniel", "Daniil", "دانيال", "Даниэль", "דניאל", "ዳንኤል", "ড্যানিয়েল", "डैनियल", "Δανιήλ", "다니엘", "ดาเนียล", "丹尼尔", "დანიელ"},
		{"Mohammed", "Muhammad", "Mohamed", "Mehmed", "محمد", "Мухаммед", "Мохаммед", "מוחמד", "መሐመድ", "মোহাম্মদ", "मोहम्मद", "Μοχάμεντ"},
		{"Samira", "Sameera", "سميرة", "Самира", "סמירה", "ሳሚራ", "সামিরা", "समीरा", "Σαμίρα", "사미라", "ซามีรา"},
		{"Ibrahim", "Ebrahim", "İbrahim", "إبراهيم", "Ибрагим", "አብራሂም", "ইব্রাহিম", "इब्राहिम"},
		{"Sokha", "Soka", "សុខា", "Сокха", "ซกคา", "속하"},
		{"Yusuf", "Youssef", "Yousuf", "يوسف", "Юсуф", "יוסוף", "ዩሱፍ", "ইউসুফ", "यूसुफ"},
	} {
		for i, a := range spellings {
			for _, b := range spellings[i+1:] {
				if !shareCode(a, b) {
					t.Errorf("%s %v and %s %v share no code", a, names.Codes(a), b, names.Codes(b))
				}
			}
		}
	}
	for _, c := range [][2]string{{"Daniel", "محمد"}, {"Samira", "Юсуф"}, {"Sokha", "דניאל"}, {"Ibrahim", "সামিরা"}} {
		if shareCode(c[0], c[1]) {
			t.Errorf("%s and %s share a code", c[0], c[1])
		}
	}
}

func shareCode(a, b string) bool {
	for _, c := range names.Codes(a) {
		if slices.Contains(names.Codes(b), c) {
			return true
		}
	}
	return false
}

// TestCompounds: however a compound is written, it is one word and finds itself.
func TestCompounds(t *testing.T) {
	for _, spellings := range [][]string{
		{"Abd al-Rahman", "Abdul Rahman", "Abdurrahman", "Abderrahmane", "AbdulRahman", "Abd-ur-Rahman", "عبد الرحمن", "عبدالرحمن"},
		{"Abd al-Aziz", "Abdulaziz", "Abdel Aziz", "عبد العزيز", "عبدالعزيز"},
		{"Abdullah", "Abd Allah", "Abdallah", "عبد الله", "عبدالله"},
		{"Nour al-Din", "Nureddin", "Nour Eddine", "Nurettin", "نور الدين", "نورالدين"},
		{"Salah ad-Din", "Salahuddin", "Salah Eddine", "صلاح الدين"},
	} {
		first := names.Tokens(spellings[0])
		for _, s := range spellings {
			got := names.Tokens(s)
			if len(got) != 1 {
				t.Errorf("Tokens(%q) = %v, want one", s, got)
				continue
			}
			if !shareCode(first[0].Written, got[0].Written) {
				t.Errorf("%q %v and %q %v share no code", spellings[0], names.Codes(first[0].Written), s, names.Codes(got[0].Written))
			}
		}
	}
	for _, s := range []string{"Abdou", "Abdoulaye", "Abdi", "Dina", "Edin", "Din"} {
		if got := names.Tokens(s); len(got) != 1 || got[0].Text != names.Fold(s) {
			t.Errorf("Tokens(%q) = %v", s, got)
		}
	}
}
