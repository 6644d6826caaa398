package sealed

import (
	"unicode"
	"unicode/utf8"
)

// TextFault returns the message code of what is wrong with a text that was
// typed, "" for nothing: longer than most characters, control characters but
// line breaks and tabs, or direction marks that can make a text read as another
// (Unicode TR 36, section 2.9).
func TextFault(s string, most int) string {
	if !utf8.ValidString(s) {
		return "not-text"
	}
	if utf8.RuneCountInString(s) > most {
		return "too-long"
	}
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
		case unicode.IsControl(r), r == utf8.RuneError:
			return "control-characters"
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return "direction-override"
		}
	}
	return ""
}
