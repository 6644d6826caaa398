package pack_test

import (
	"slices"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"

	"causeway/internal/pack"
)

var allLists = []string{
	pack.Stages, pack.Risks, pack.RiskReasons, pack.SexRecorded, pack.GenderTold, pack.AgeBands,
	pack.NameKinds, pack.Scripts, pack.BirthSources, pack.Certainties, pack.IdentifierKinds,
	pack.ContactRestrictions, pack.CloseReasons, pack.ReopenReasons, pack.NoteKinds, pack.Languages,
	pack.Nationalities, pack.Regions, pack.LegalBases,
	pack.Services, pack.ServiceGroups, pack.ServiceStatuses, pack.ServiceAccess, pack.ServiceCosts,
}

func TestStagesFollowTheChildsPath(t *testing.T) {
	want := []string{
		"screened", "identified", "registered", "assessed", "best_interests", "planned",
		"in_services", "solution", "followup", "closed", "missing",
	}
	if diff := cmp.Diff(demo(t).Codes(pack.Stages), want); diff != "" {
		t.Errorf("stages (-got +want):\n%s", diff)
	}
}

// A label in the wrong script is a translation that was forgotten.
func TestEveryLabelIsInItsLanguagesScript(t *testing.T) {
	p := demo(t)
	for _, list := range allLists {
		for _, code := range p.Codes(list) {
			for lang, script := range map[string]*unicode.RangeTable{"en": unicode.Latin, "fr": unicode.Latin, "ar": unicode.Arabic} {
				label := p.Label(list, code, lang)
				for _, r := range label {
					if unicode.IsLetter(r) && !unicode.Is(script, r) && !unicode.Is(unicode.Lm, r) {
						t.Errorf("%s %s: label in %s has a letter of another script", list, code, lang)
						break
					}
				}
			}
		}
	}
}

// Two rows that read the same cannot be told apart in a form.
func TestNoTwoCodesOfAListReadTheSame(t *testing.T) {
	p := demo(t)
	for _, list := range allLists {
		for _, lang := range p.Languages() {
			seen := map[string]string{}
			for _, c := range p.Choices(list, lang) {
				if other, ok := seen[c.Label]; ok {
					t.Errorf("%s: %s and %s have the same label in %s", list, other, c.Code, lang)
				}
				seen[c.Label] = c.Code
			}
		}
	}
}

func TestLabelNeverLeavesABlank(t *testing.T) {
	p := demo(t)
	tests := []struct{ list, code, lang, want string }{
		{pack.Risks, "high", "en", "High"},
		{pack.Risks, "high", "fr-CH", "Élevé"},
		{pack.Risks, "high", "ar", "مرتفع"},
		{pack.Risks, "high", "sw", "High"},
		{pack.Risks, "high", "", "High"},
		{pack.Risks, "extreme", "en", "extreme"},
		{"no_such_list", "high", "en", "high"},
	}
	for _, tt := range tests {
		if got := p.Label(tt.list, tt.code, tt.lang); got != tt.want {
			t.Errorf("Label(%q, %q, %q) = %q, want %q", tt.list, tt.code, tt.lang, got, tt.want)
		}
	}
}

func TestUnknownListsAreEmpty(t *testing.T) {
	p := demo(t)
	if p.Codes("no_such_list") != nil || p.Choices("no_such_list", "en") != nil || p.Valid("no_such_list", "high") {
		t.Error("an unknown list is not empty")
	}
	if p.Valid(pack.Risks, "High") || p.Valid(pack.Risks, "") {
		t.Error("a code that is not written exactly is valid")
	}
	if p.Parent(pack.Risks, "high") != "" {
		t.Error("a risk has a parent")
	}
}

func TestChangingAResultDoesNotChangeThePack(t *testing.T) {
	p := demo(t)
	p.Codes(pack.Risks)[0] = "spoilt"
	p.Choices(pack.Risks, "en")[0].Code = "spoilt"
	p.Policies()[0] = 'X'
	p.Languages()[0] = "xx"
	if p.Codes(pack.Risks)[0] != "high" || p.Choices(pack.Risks, "en")[0].Code != "high" ||
		p.Policies()[0] == 'X' || p.Languages()[0] != "en" {
		t.Error("the pack changed")
	}
}

func TestLongListsFollowTheReadersAlphabet(t *testing.T) {
	p := demo(t)
	labels := func(lang string) (out []string) {
		for _, c := range p.Choices(pack.Nationalities, lang) {
			out = append(out, c.Label)
		}
		return out
	}
	fr := labels("fr")
	if slices.Index(fr, "Égypte") > slices.Index(fr, "Finlande") {
		t.Error("É is sorted after F in French")
	}
	for _, lang := range p.Languages() {
		all := p.Choices(pack.Nationalities, lang)
		var end []string
		for _, c := range all[len(all)-2:] {
			end = append(end, c.Code)
		}
		slices.Sort(end)
		if diff := cmp.Diff(end, []string{"stateless", "unknown"}); diff != "" {
			t.Errorf("%s: end of the list (-got +want):\n%s", lang, diff)
		}
	}
	short := p.Choices(pack.Risks, "fr")
	if short[0].Code != "high" || short[2].Code != "low" {
		t.Error("a short list left the order of its file")
	}
}

func TestResolve(t *testing.T) {
	p := demo(t)
	tests := []struct {
		list, text, want string
	}{
		{pack.Nationalities, "FRA", "FRA"},
		{pack.Nationalities, "fr", "FRA"},
		{pack.Nationalities, " Côte  d’Ivoire ", "CIV"},
		{pack.Nationalities, "السودان", "SDN"},
		{pack.Nationalities, "XB", "XB"},
		{pack.Nationalities, "Atlantis", ""},
		{pack.Nationalities, "", ""},
		{pack.Languages, "fra", "fr"},
		{pack.Languages, "fre", "fr"},
		{pack.Languages, "Arabic", "ar"},
		{pack.SexRecorded, "F", "female"},
		{pack.GenderTold, "TransgenderMasculine", "transgender_masculine"},
		{pack.IdentifierKinds, "prs_IdentityNumber", "national_id"},
		{"no_such_list", "FRA", ""},
	}
	for _, tt := range tests {
		got, ok := p.Resolve(tt.list, tt.text)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Resolve(%q, %q) = %q, %v, want %q", tt.list, tt.text, got, ok, tt.want)
		}
	}
}

// Every country can be written with two and with three letters, and every
// language and script is one that browsers know.
func TestCodesFollowTheirStandards(t *testing.T) {
	p := demo(t)
	for _, code := range p.Codes(pack.Nationalities) {
		if len(code) != 3 || code == "XKX" {
			continue // invented, user-assigned or "unknown"
		}
		r, err := language.ParseRegion(code)
		if err != nil {
			t.Errorf("nationality %s is not in ISO 3166-1", code)
			continue
		}
		if got, _ := p.Resolve(pack.Nationalities, r.String()); got != code {
			t.Errorf("%s is not recognised by its two letters", code)
		}
	}
	for _, code := range p.Codes(pack.Languages) {
		if _, err := language.ParseBase(code); err != nil {
			t.Errorf("language %s is not in ISO 639", code)
		}
	}
	for _, code := range p.Codes(pack.Scripts) {
		if _, err := language.ParseScript(code); err != nil {
			t.Errorf("script %s is not in ISO 15924", code)
		}
	}
	for _, code := range p.Codes(pack.Regions) {
		if code != "unknown" && !p.Valid(pack.Nationalities, p.Parent(pack.Regions, code)) {
			t.Errorf("region %s is in no country", code)
		}
	}
}
