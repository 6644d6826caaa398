package names

// SameNickname reports whether two folded tokens are short or pet forms of the
// same name, or one is such a form of the other (Bill and William, Sasha and
// Александр). The table is in nicknames.txt.
func SameNickname(a, b string) bool {
	return false
}
