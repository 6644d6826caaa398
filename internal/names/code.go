package names

// Codes returns the codes of one token, the most likely first, at most
// [MaxCodes]. The token may be in any script and need not be folded. A token
// without a letter has none.
func Codes(token string) []string {
	roman := Romanise(token)
	if roman == "" {
		return nil
	}
	return []string{skeleton(roman)}
}

// skeleton is the plain reading of a romanised token.
func skeleton(s string) string {
	out := make([]byte, 0, 8)
	for i := 0; i < len(s); i++ {
		var c byte
		switch s[i] {
		case 'b', 'p':
			c = 'P'
		case 'f', 'v', 'w':
			c = 'F'
		case 'd', 't':
			c = 'T'
		case 'k', 'q', 'g', 'c', 'x':
			c = 'K'
		case 's', 'z', 'j':
			c = 'S'
		case 'm':
			c = 'M'
		case 'n':
			c = 'N'
		case 'l':
			c = 'L'
		case 'r':
			c = 'R'
		default:
			if i > 0 {
				continue
			}
			c = 'A'
		}
		if len(out) > 0 && out[len(out)-1] == c {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
