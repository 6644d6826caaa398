package pack

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Choice is one row of a code list as a form offers it.
type Choice struct{ Code, Label string }

// list is one code list. order is the order of the files, sorted the order per
// language for lists that are shown by name.
type list struct {
	name   string
	order  []string
	rows   map[string]*entry
	known  map[string]string // folded code, alias or label → code, "" when it means several
	sorted map[string][]string
}

type entry struct {
	at         cell
	labels     map[string]string // by language
	parent     string
	aliases    []string
	last       bool // stays at the end: "other", "not known"
	place      *[2]float64
	source     string
	confidence Confidence
}

// list reads one code list file and lays its rows over those already there.
func (l *loader) list(file, name string) {
	need, known := listNeeds[name]
	if !known {
		l.fault(file, 0, 0, "no list of this name is used")
		return
	}
	must := append([]string{"code", "source", "confidence"}, l.pack.languages...)
	if need.parent != "" {
		must = append(must, "parent")
	}
	may := []string{"alias", "last"}
	if name == Regions {
		may = append(may, "lat", "lon")
	}
	rows, ok := l.rows(file, must, may)
	if !ok {
		return
	}
	into := l.pack.lists[name]
	if into == nil {
		into = &list{name: name, rows: map[string]*entry{}}
		l.pack.lists[name] = into
	}
	here := map[string]bool{}
	for _, r := range rows {
		code := r.at("code")
		switch {
		case !validCode(code.text):
			l.faultAt(code, "a code is 1 to 40 letters, digits, -, + or _")
			continue
		case here[code.text]:
			l.faultAt(code, "this code stands there twice")
			continue
		}
		here[code.text] = true
		if into.rows[code.text] == nil {
			into.order = append(into.order, code.text)
		}
		into.rows[code.text] = l.entry(r)
	}
}

func (l *loader) entry(r row) *entry {
	e := &entry{
		at:         r.at("code"),
		labels:     map[string]string{},
		parent:     r.at("parent").text,
		last:       r.at("last").text == "yes",
		source:     r.at("source").text,
		confidence: l.confidence(r.at("confidence"), Law, Guidance, Standard, HouseChoice),
	}
	if c := r.at("last"); c.text != "" && c.text != "yes" {
		l.faultAt(c, "must be yes or empty")
	}
	if e.source == "" {
		l.faultAt(r.at("source"), "must say where this comes from")
	}
	e.place = l.place(r)
	for _, language := range l.pack.languages {
		c := r.at(language)
		if c.text == "" {
			l.faultAt(c, "a label is missing")
		}
		e.labels[language] = c.text
	}
	for a := range strings.SplitSeq(r.at("alias").text, ";") {
		if a = strings.TrimSpace(a); a != "" {
			e.aliases = append(e.aliases, a)
		}
	}
	return e
}

// place reads the middle of an area, in degrees; both numbers or none.
func (l *loader) place(r row) *[2]float64 {
	var out [2]float64
	lat, lon := r.at("lat"), r.at("lon")
	if lat.text == "" && lon.text == "" {
		return nil
	}
	for i, c := range []cell{lat, lon} {
		n, err := strconv.ParseFloat(c.text, 64)
		if most := float64(90 * (i + 1)); err != nil || !(n >= -most && n <= most) {
			l.faultAt(c, "must be degrees, both of a place")
			return nil
		}
		out[i] = n
	}
	return &out
}

func (l *loader) confidence(c cell, allowed ...Confidence) Confidence {
	got := Confidence(c.text)
	if !slices.Contains(allowed, got) {
		l.faultAt(c, "confidence must be law, guidance, standard (lists only) or house choice")
	}
	return got
}

// checkLists checks every list against what the program needs.
func (l *loader) checkLists() {
	for name, need := range listNeeds {
		file := "lists/" + name + ".csv"
		got := l.pack.lists[name]
		if got == nil {
			l.fault(file, 0, 0, "is missing")
			continue
		}
		for _, code := range need.codes {
			if got.rows[code] == nil {
				l.fault(file, 0, 0, "must have the code "+code)
			}
		}
		for _, code := range got.order {
			e := got.rows[code]
			if need.closed && !slices.Contains(need.codes, code) {
				l.faultAt(e.at, "the program does not know this code, and cannot learn it from a pack")
			}
			if need.parent != "" && !e.last && (l.pack.lists[need.parent] == nil || l.pack.lists[need.parent].rows[e.parent] == nil) {
				l.faultAt(e.at, "the parent is not in the list "+need.parent)
			}
		}
		l.learn(got)
	}
}

// learn builds the table by which [Pack.Resolve] recognises codes. Codes and
// aliases must be unambiguous; labels that mean several codes mean none.
func (l *loader) learn(got *list) {
	got.known = map[string]string{}
	for _, code := range got.order {
		got.known[fold(code)] = code
	}
	for _, code := range got.order {
		for _, alias := range got.rows[code].aliases {
			if other, taken := got.known[fold(alias)]; taken && other != code {
				l.faultAt(got.rows[code].at, "an alias is also a code or alias of another row")
			}
			got.known[fold(alias)] = code
		}
	}
	byLabel := map[string]string{}
	for _, code := range got.order {
		for _, label := range got.rows[code].labels {
			if other, taken := byLabel[fold(label)]; taken && other != code {
				byLabel[fold(label)] = ""
				continue
			}
			byLabel[fold(label)] = code
		}
	}
	for label, code := range byLabel {
		if _, taken := got.known[label]; !taken {
			got.known[label] = code
		}
	}
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// sortLists fixes the order in which each list is offered in each language.
func (p *Pack) sortLists() {
	for name, got := range p.lists {
		got.sorted = map[string][]string{}
		for _, lang := range p.languages {
			order := slices.Clone(got.order)
			if listNeeds[name].byName {
				c := collate.New(language.Make(lang))
				slices.SortStableFunc(order, func(a, b string) int {
					return c.CompareString(got.rows[a].labels[lang], got.rows[b].labels[lang])
				})
			}
			slices.SortStableFunc(order, func(a, b string) int {
				return rank(got.rows[a].last) - rank(got.rows[b].last)
			})
			got.sorted[lang] = order
		}
	}
}

func rank(last bool) int {
	if last {
		return 1
	}
	return 0
}

// Codes returns the codes of a list in the order of its file, nil for a list
// that does not exist.
func (p *Pack) Codes(list string) []string {
	if got := p.lists[list]; got != nil {
		return slices.Clone(got.order)
	}
	return nil
}

// Purposes returns what something may be done for: the purposes of the work, and those
// to which people consent, for which something is disclosed and read.
func (p *Pack) Purposes() []string { return append(p.Codes(Purposes), p.Codes(ConsentPurposes)...) }

// Valid reports whether a list has a code, exactly as written.
func (p *Pack) Valid(list, code string) bool { return p.row(list, code) != nil }

// Label returns the label of a code in a language, in the pack's first language
// if it does not speak that one, and the code itself if the list does not have
// it, so that an old record is never shown as blank.
func (p *Pack) Label(list, code, lang string) string {
	e := p.row(list, code)
	if e == nil {
		return code
	}
	if label, ok := e.labels[p.speak(lang)]; ok {
		return label
	}
	return code
}

// Choices returns a list as a form offers it in a language: by the reader's
// alphabet where the list is long, and "other" and "not known" last.
func (p *Pack) Choices(list, lang string) []Choice {
	got := p.lists[list]
	if got == nil {
		return nil
	}
	lang = p.speak(lang)
	out := make([]Choice, 0, len(got.order))
	for _, code := range got.sorted[lang] {
		out = append(out, Choice{code, got.rows[code].labels[lang]})
	}
	return out
}

// Resolve finds the code that a text means: a code or alias in any letter case,
// or a label in any language. It reports false for an unknown or ambiguous text.
// Import uses it; forms send codes.
func (p *Pack) Resolve(list, text string) (string, bool) {
	got := p.lists[list]
	if got == nil {
		return "", false
	}
	code := got.known[fold(text)]
	return code, code != ""
}

// Parent returns the code a row belongs to, such as the country of a region.
func (p *Pack) Parent(list, code string) string {
	if e := p.row(list, code); e != nil {
		return e.parent
	}
	return ""
}

// Place returns where the middle of an area is, in degrees north and east; ok is
// false where the pack does not say.
func (p *Pack) Place(list, code string) (lat, lon float64, ok bool) {
	if e := p.row(list, code); e != nil && e.place != nil {
		return e.place[0], e.place[1], true
	}
	return 0, 0, false
}

// Lists returns the names of the code lists.
func (p *Pack) Lists() []string { return slices.Sorted(maps.Keys(p.lists)) }

// Aliases returns what else a code is called in other lists and standards, the most
// used first.
func (p *Pack) Aliases(list, code string) []string {
	if e := p.row(list, code); e != nil {
		return slices.Clone(e.aliases)
	}
	return nil
}

// Source returns where a code comes from and how sure that is.
func (p *Pack) Source(list, code string) (string, Confidence) {
	if e := p.row(list, code); e != nil {
		return e.source, e.confidence
	}
	return "", ""
}

func (p *Pack) row(list, code string) *entry {
	if got := p.lists[list]; got != nil {
		return got.rows[code]
	}
	return nil
}

// speak returns the pack's language nearest to lang: itself, its base ("fr" for
// "fr-CH"), or the pack's first.
func (p *Pack) speak(lang string) string {
	for _, l := range []string{lang, strings.SplitN(lang, "-", 2)[0]} {
		if slices.Contains(p.languages, l) {
			return l
		}
	}
	return p.languages[0]
}
