package names

import (
	"strings"
)

// Arabic names are compounds that are written as one word, as two or as three,
// and whose article takes the sound of what follows: Abd al-Rahman, Abdul
// Rahman, Abdurrahman, عبد الرحمن; Nour al-Din, Nureddin, نورالدين. They become
// one token without the article: abdrahman, nurdin.

// servants begin a name that says "servant of".
var servants = map[string]string{
	"abd": "abd", "abdul": "abd", "abdel": "abd", "abdal": "abd", "abdur": "abd", "abdu": "abd", "abdus": "abd", "عبد": "عبد",
}

// faiths end a name that says "of the faith".
var faiths = map[string]string{
	"din": "din", "deen": "din", "dine": "din", "eddine": "din", "eddin": "din", "uddin": "din", "aldin": "din", "دين": "دين", "الدين": "دين",
}

// joinCompounds makes one token of each compound.
func joinCompounds(tokens []Token) []Token {
	out := tokens[:0]
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t.Kind != Given {
			out = append(out, t)
			continue
		}
		if base, ok := servants[t.Text]; ok {
			if n := nextName(tokens, i); n > 0 {
				rest := tokens[n].Text
				if rest == "لله" || rest == "allah" {
					rest = map[string]string{"abd": "allah", "عبد": "الله"}[base]
				}
				t = compound(base + rest)
				i = n
			}
		}
		if f, ok := faiths[t.Text]; ok {
			if n := lastName(out); n >= 0 {
				out = append(out[:n], compound(out[n].Text+f))
				continue
			}
		}
		if short := shorten(t.Text); short != t.Text {
			t = compound(short)
		}
		out = append(out, t)
	}
	return out
}

func compound(text string) Token { return Token{Text: text, Kind: Given, Written: text} }

// nextName finds the name behind tokens[i], past one particle; 0 is none.
func nextName(tokens []Token, i int) int {
	for n := i + 1; n < len(tokens) && n <= i+2; n++ {
		switch tokens[n].Kind {
		case Given:
			return n
		case Particle:
			continue
		}
		return 0
	}
	return 0
}

// lastName finds the name at the end of out, past one particle; -1 is none.
func lastName(out []Token) int {
	n := len(out) - 1
	if n >= 0 && out[n].Kind == Particle {
		n--
	}
	if n >= 0 && out[n].Kind == Given {
		return n
	}
	return -1
}

// shorten takes the article out of a compound written as one word.
func shorten(w string) string {
	if rest, ok := strings.CutPrefix(w, "عبدال"); ok && runeCount(rest) >= 3 && rest != "لله" {
		return "عبد" + rest
	}
	if base, ok := strings.CutSuffix(w, "الدين"); ok && runeCount(base) >= 2 {
		return base + "دين"
	}
	if !isASCII(w) {
		return w
	}
	if rest, ok := strings.CutPrefix(w, "abd"); ok {
		if rest = withoutArticle(rest); rest != "" {
			return "abd" + rest
		}
	}
	for _, end := range []string{"eddine", "eddin", "uddin", "addin", "iddin", "ettin", "uddeen", "eddeen", "aldin", "uldin"} {
		if base, ok := strings.CutSuffix(w, end); ok && len(base) >= 3 {
			return base + "din"
		}
	}
	return w
}

// withoutArticle returns what follows the article in what follows "abd", or ""
// where there is no article: a vowel, then l before a name that does not begin
// with l (Abdullah is a word of its own), or a doubled consonant.
func withoutArticle(rest string) string {
	after := strings.TrimLeft(rest, "aeou")
	if len(after) == len(rest) || len(after) < 4 {
		return ""
	}
	switch {
	case after[0] == 'l' && after[1] != 'l':
		if len(after) < 5 {
			return ""
		}
		return after[1:]
	case after[0] == after[1] && after[0] != 'l':
		return after[1:]
	}
	return ""
}
