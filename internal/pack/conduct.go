package pack

// Conduct is the code of conduct that everybody with an account signs, in one language.
type Conduct struct {
	Version  string // a new one is signed anew
	Language string
	Title    string
	Rules    []string
}

// The rows of conduct.csv that are no rules.
const (
	conductVersion = "version"
	conductTitle   = "title"
)

// conductRow is one line of the code of conduct.
type conductRow struct {
	code   string
	labels map[string]string
}

// readConduct reads conduct.csv. A file laid over it replaces it as a whole.
func (l *loader) readConduct(file string) {
	rows, ok := l.rows(file, append([]string{"code", "source", "confidence"}, l.pack.languages...), nil)
	if !ok {
		return
	}
	l.pack.conduct = nil
	seen := map[string]bool{}
	for _, r := range rows {
		code := r.at("code")
		if !validCode(code.text) || seen[code.text] {
			l.faultAt(code, "a code stands here once, in 1 to 40 letters, digits, -, + or _")
		}
		seen[code.text] = true
		if r.at("source").text == "" {
			l.faultAt(r.at("source"), "must say where this comes from")
		}
		l.confidence(r.at("confidence"), Law, Guidance, Standard, HouseChoice)
		row := conductRow{code.text, map[string]string{}}
		for _, language := range l.pack.languages {
			c := r.at(language)
			row.labels[language] = c.text
			if c.text == "" {
				l.faultAt(c, "the words are missing")
			}
			if code.text == conductVersion && (c.text != r.at(l.pack.languages[0]).text || !validCode(c.text)) {
				l.faultAt(c, "the version is one code, the same in every language")
			}
		}
		l.pack.conduct = append(l.pack.conduct, row)
	}
	if !seen[conductVersion] || !seen[conductTitle] || len(rows) < 3 {
		l.fault(file, 0, 0, "needs the rows version and title, and a rule")
	}
}

// Conduct returns the code of conduct in a language, or in the pack's nearest to it.
func (p *Pack) Conduct(lang string) Conduct {
	out := Conduct{Language: p.speak(lang)}
	for _, row := range p.conduct {
		switch text := row.labels[out.Language]; row.code {
		case conductVersion:
			out.Version = text
		case conductTitle:
			out.Title = text
		default:
			out.Rules = append(out.Rules, text)
		}
	}
	return out
}
