package names

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed nicknames.txt
var nicknameList string

// nicknames gives the lines of nicknames.txt in which a folded word stands.
var nicknames = sync.OnceValue(func() map[string][]uint16 {
	m := make(map[string][]uint16)
	n := uint16(0)
	for line := range strings.Lines(nicknameList) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		for _, w := range strings.Fields(line) {
			w = Fold(w)
			if at := m[w]; len(at) == 0 || at[len(at)-1] != n {
				m[w] = append(at, n)
			}
		}
		n++
	}
	return m
})

// SameNickname reports whether two folded tokens are different words of one
// name: its full form and a short one, or two short ones (bill and william,
// саша and alexander). A word is not its own nickname. The list is in
// nicknames.txt, for speakers to review.
func SameNickname(a, b string) bool {
	if a == b {
		return false
	}
	for _, x := range nicknames()[a] {
		for _, y := range nicknames()[b] {
			if x == y {
				return true
			}
		}
	}
	return false
}

// HasNickname reports whether [SameNickname] can be true of a folded token: most
// have none, and who compares many asks this once for each.
func HasNickname(token string) bool { return len(nicknames()[token]) > 0 }
