package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// clean returns the text of a cell in NFC without anything that hides or reorders
// it, and the code of what was taken out. Trojan Source (CVE-2021-42574) shows
// what reordering can do; Unicode TR 36 section 2.9 says what to look for.
func clean(s string) (text, code string) {
	if plain(s) {
		return s, ""
	}
	var out strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(s[i:]); n <= 1 || code == "" {
				code = UnreadableBytes
			}
			out.WriteByte('?')
		case r == '\n', r == '\t':
			out.WriteRune(r)
		case r == '\r', r == 0x85, r == 0x2028, r == 0x2029:
			out.WriteByte('\n')
		case unicode.IsControl(r):
			code = ControlChars
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			code = DirectionChars
		case invisible(r): // pasted along with text; they say nothing
		case unicode.IsSpace(r):
			out.WriteByte(' ')
		default:
			out.WriteRune(r)
		}
	}
	return strings.TrimSpace(norm.NFC.String(out.String())), code
}

// plain reports whether s is printable ASCII without blanks at its ends, which
// most cells are.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// invisible characters are dropped without a word: marks and tags that word
// processors leave behind. The joiners U+200C and U+200D stay, because Persian
// and the scripts of India are spelled with them.
func invisible(r rune) bool {
	switch {
	case r == 0x200B, r == 0x200E, r == 0x200F, r == 0x061C, r == 0xFEFF, r == 0x00AD, r == 0x2060:
		return true
	case r >= 0xE0000 && r <= 0xE007F, r >= 0xFFF9 && r <= 0xFFFB:
		return true
	}
	return false
}

// oneLine joins the lines of a text that has one line by nature, such as a name.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\n\t") && !strings.Contains(s, "  ") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// formulaError reports what spreadsheet programs show for a broken formula.
func formulaError(s string) bool {
	switch s {
	case "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#N/A", "#SPILL!", "#CALC!":
		return true
	}
	return false
}

// scripts maps Unicode scripts to the codes of ISO 15924 that the pack lists.
var scripts = []struct {
	table *unicode.RangeTable
	code  string
}{
	{unicode.Latin, "Latn"},
	{unicode.Arabic, "Arab"},
	{unicode.Cyrillic, "Cyrl"},
	{unicode.Greek, "Grek"},
	{unicode.Hebrew, "Hebr"},
	{unicode.Ethiopic, "Ethi"},
	{unicode.Devanagari, "Deva"},
	{unicode.Bengali, "Beng"},
	{unicode.Armenian, "Armn"},
	{unicode.Georgian, "Geor"},
	{unicode.Thai, "Thai"},
	{unicode.Lao, "Laoo"},
	{unicode.Khmer, "Khmr"},
	{unicode.Myanmar, "Mymr"},
	{unicode.Tamil, "Taml"},
	{unicode.Telugu, "Telu"},
	{unicode.Kannada, "Knda"},
	{unicode.Malayalam, "Mlym"},
	{unicode.Sinhala, "Sinh"},
	{unicode.Gujarati, "Gujr"},
	{unicode.Gurmukhi, "Guru"},
	{unicode.Oriya, "Orya"},
	{unicode.Tibetan, "Tibt"},
	{unicode.Mongolian, "Mong"},
	{unicode.Syriac, "Syrc"},
	{unicode.Thaana, "Thaa"},
	{unicode.Tifinagh, "Tfng"},
	{unicode.Nko, "Nkoo"},
	{unicode.Adlam, "Adlm"},
	{unicode.Hanifi_Rohingya, "Rohg"},
	{unicode.Hangul, "Kore"},
	{unicode.Hiragana, "Jpan"},
	{unicode.Katakana, "Jpan"},
}

// scriptOf returns the script of a name when all its letters share one.
func scriptOf(s string) string {
	code := ""
	for _, r := range s {
		if r < utf8.RuneSelf {
			if r|0x20 < 'a' || r|0x20 > 'z' {
				continue
			}
		} else if !unicode.IsLetter(r) {
			continue
		}
		found := ""
		for _, sc := range scripts {
			if unicode.Is(sc.table, r) {
				found = sc.code
				break
			}
		}
		if found == "" || code != "" && found != code {
			return ""
		}
		code = found
	}
	return code
}

// unguarded takes away the apostrophe that programs put before a text which a
// spreadsheet program would take for a formula.
func unguarded(cell string) string {
	rest, ok := strings.CutPrefix(cell, "'")
	if begin := strings.TrimLeft(rest, " \u00a0"); ok && begin != "" && strings.ContainsAny(begin[:1], "=+-@\t") {
		return rest
	}
	return cell
}
