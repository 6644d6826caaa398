package cx

import (
	"slices"
	"unicode/utf8"

	"causeway/protocol/identity"
)

// oneOf reports whether v is one of the values.
func oneOf[T comparable](v T, values ...T) bool { return slices.Contains(values, v) }

// tokenLimit is the length of the longest token.
const tokenLimit = 64

// isToken reports whether text is a short word of a machine: 1 to 64 of a-z, A-Z, 0-9
// and ". _ - / :".
func isToken(text string) bool {
	if text == "" || len(text) > tokenLimit {
		return false
	}
	for _, c := range []byte(text) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '.', c == '_', c == '-', c == '/', c == ':':
		default:
			return false
		}
	}
	return true
}

// textLimit is the length of the longest value of a line, in bytes.
const textLimit = 1024

// isText reports whether text can stand behind a key: 1 to 1024 bytes of UTF-8 without
// control characters, and with no space at either end.
func isText(text string) bool {
	if text == "" || len(text) > textLimit || !utf8.ValidString(text) || text[0] == ' ' || text[len(text)-1] == ' ' {
		return false
	}
	for _, r := range text {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return true
}

// isNode reports whether text is a node id.
func isNode(text string) bool { _, err := identity.ParseNodeID(text); return err == nil }

// inOrder reports whether a list is in alphabetical order without a double, and each
// item is valid.
func inOrder[T ~string](list []T, valid func(string) bool) bool {
	for i, item := range list {
		if !valid(string(item)) || i > 0 && list[i-1] >= item {
			return false
		}
	}
	return true
}
