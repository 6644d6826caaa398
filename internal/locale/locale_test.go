package locale_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/locale"

	"github.com/google/go-cmp/cmp"
)

func TestEveryLanguageSaysTheSameThings(t *testing.T) {
	english := locale.Get("en")
	for _, l := range locale.Languages() {
		if diff := cmp.Diff(english.Keys(), l.Keys()); diff != "" {
			t.Errorf("%s: keys differ from English (-en +%s):\n%s", l.Code(), l.Code(), diff)
		}
		for _, key := range english.Keys() {
			if diff := cmp.Diff(english.Placeholders(key), l.Placeholders(key)); diff != "" {
				t.Errorf("%s: placeholders of %s (-en +%s):\n%s", l.Code(), key, l.Code(), diff)
			}
		}
	}
}

// wantForms are the plural forms (CLDR) a translator has to write out.
var wantForms = map[string][]string{
	"en": {"one", "other"},
	"fr": {"one", "other"},
	"ar": {"few", "many", "one", "other", "two", "zero"},
}

func TestPluralsAreSpelledOut(t *testing.T) {
	for _, l := range locale.Languages() {
		for _, key := range l.Keys() {
			for name, forms := range l.PluralForms(key) {
				for _, want := range wantForms[l.Code()] {
					if !slices.Contains(forms, want) {
						t.Errorf("%s: %s does not say the form %q of {%s}", l.Code(), key, want, name)
					}
				}
			}
		}
	}
}

func TestRelativeDays(t *testing.T) {
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{
		{"en", -2, "2 days late"},
		{"en", -1, "1 day late"},
		{"en", 0, "Today"},
		{"en", 1, "Tomorrow"},
		{"en", 3, "in 3 days"},
		{"fr", -1, "1 jour de retard"},
		{"fr", 6, "dans 6 jours"},
		{"ar", -1, "متأخر يومًا واحدًا"},
		{"ar", -2, "متأخر يومين"},
		{"ar", -5, "متأخر 5 أيام"},
		{"ar", -11, "متأخر 11 يومًا"},
		{"ar", -100, "متأخر 100 يوم"},
		{"ar", 2, "بعد يومين"},
	} {
		if got := locale.Get(c.lang).Relative(c.n); got != c.want {
			t.Errorf("%s %d: got %q, want %q", c.lang, c.n, got, c.want)
		}
	}
}

func TestNumbersAndDates(t *testing.T) {
	at := time.Date(2026, time.August, 1, 14, 5, 0, 0, time.UTC)
	for _, c := range []struct{ lang, number, negative, date, datetime, week string }{
		{"en", "1,204,311", "−12", "1 August 2026", "1 August 2026, 14:05", "Saturday 1 August"},
		{"fr", "1\u202f204\u202f311", "−12", "1er août 2026", "1er août 2026, 14:05", "samedi 1er août"},
		{"ar", "1,204,311", "\u200e−12", "1 أغسطس 2026", "1 أغسطس 2026، 14:05", "السبت 1 أغسطس"},
	} {
		l := locale.Get(c.lang)
		got := []string{l.Number(1204311), l.Number(-12), l.Date(locale.DayOf(at)), l.DateTime(at), l.WeekDate(locale.DayOf(at))}
		want := []string{c.number, c.negative, c.date, c.datetime, c.week}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.lang, diff)
		}
	}
}

func TestNothingIsWrittenForNoDay(t *testing.T) {
	l := locale.Get("en")
	if got := l.Date(locale.Day{}) + l.WeekDate(locale.Day{}) + l.ShortDate(locale.Day{}) + l.DateTime(time.Time{}) + (locale.Day{}).ISO(); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{1: "1 byte", 999: "999 bytes", 20_000_000: "20.0 MB", 3_400_000_000_000: "3.4 TB"} {
		if got := locale.Get("en").Bytes(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	if got, want := locale.Get("fr").Bytes(1_500), "1,5 ko"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDaysBetween(t *testing.T) {
	from, _ := locale.ParseDay("2026-02-27")
	to, _ := locale.ParseDay("2026-03-02")
	if got := from.Until(to); got != 3 {
		t.Errorf("got %d days, want 3", got)
	}
	if got := to.Until(from); got != -3 {
		t.Errorf("got %d days, want -3", got)
	}
	for _, bad := range []string{"", "2026-02-30", "26-2-3", "2026-02-27T00:00", "٢٠٢٦-٠٢-٢٧"} {
		if _, ok := locale.ParseDay(bad); ok {
			t.Errorf("%q was read as a day", bad)
		}
	}
}

func TestNamesKeepTheirSide(t *testing.T) {
	if got, want := locale.Get("ar").T("child.worker", "name", "Omar S."), "العامل المسؤول \u2068Omar S.\u2069"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := locale.Get("en").T("child.worker", "name", "Omar S."), "Lead worker Omar S."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := locale.Get("en").T("child.worker", "name", "عمر"); !strings.Contains(got, "\u2068عمر\u2069") {
		t.Errorf("an Arabic name in an English sentence is not kept apart: %q", got)
	}
}

func TestDigitsOfEveryScriptAreNumbers(t *testing.T) {
	for in, want := range map[string]string{"١٤": "14", "۱۴": "14", "१४": "14", "১৪": "14", "14": "14", "abc-٠٩": "abc-09", "": ""} {
		if got := locale.PlainDigits(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestNegotiation(t *testing.T) {
	for _, c := range []struct{ preference, cookie, accept, want string }{
		{"", "", "", "en"},
		{"ar", "fr", "en", "ar"},
		{"", "fr", "ar", "fr"},
		{"xx", "zz", "ar-EG,ar;q=0.9,en;q=0.8", "ar"},
		{"", "", "fr-CA", "fr"},
		{"", "", "de, km;q=0.5", "en"},
		{"", "../../en", strings.Repeat("a-", 5000), "en"},
		{"", "", ";;;q=,", "en"},
	} {
		if got := locale.Negotiate(c.preference, c.cookie, c.accept).Code(); got != c.want {
			t.Errorf("%.40v: got %s, want %s", c, got, c.want)
		}
	}
}

func TestUnknownKeysAreSeen(t *testing.T) {
	l := locale.Get("en")
	if got, want := l.T("no.such"), "‹no.such›"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := l.Word("stage", "court_hearing"), "court hearing"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := l.Error("no-such-code"); got != l.T("error.other") {
		t.Errorf("got %q", got)
	}
}

func TestBrokenMessageFilesAreRefused(t *testing.T) {
	for _, bad := range []string{
		``, `[]`, `{"a": 1}`, `{"a": "x", "a": "y"}`, `{"a": "{"}`, `{"a": "}"}`, `{"a": "{n, plural, one {x}}"}`,
		`{"a": "{n, plural, other {x}"}`, `{"a": "{n, select, other {x}}"}`, `{"a": "{N}"}`, `{"a": "{n, plural, other {#"}`,
	} {
		if _, err := locale.Parse([]byte(bad)); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a": "{n, plural, =0 {none} one {# day} other {# {x} days}} of {y}"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = locale.Parse(b) // must not panic
	})
}
