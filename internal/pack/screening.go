package pack

import (
	"slices"
	"strings"
)

// The dimensions an indicator can belong to. The first four show the act by which
// a child is brought into exploitation: the three of recruitment and the signs
// around movement and care.
const (
	DimensionDeception     = "deception"     // recruitment by deception
	DimensionForce         = "force"         // recruitment by coercion
	DimensionAbuse         = "abuse"         // recruitment by abuse of vulnerability
	DimensionMovement      = "movement"      // signs around movement and care
	DimensionExploitation  = "exploitation"  // exploitation found or intended
	DimensionCoercion      = "coercion"      // coercion at destination
	DimensionVulnerability = "vulnerability" // vulnerability at destination, signs in any child
	DimensionRisk          = "risk"          // of going missing or being trafficked again: feeds the risk, not the result
	DimensionBackground    = "background"    // which group a child belongs to: never a sign
)

var dimensions = []string{
	DimensionDeception, DimensionForce, DimensionAbuse, DimensionMovement, DimensionExploitation,
	DimensionCoercion, DimensionVulnerability, DimensionRisk, DimensionBackground,
}

// The strengths of an indicator, after the ILO's operational indicators of 2009.
const (
	StrengthStrong = "strong"
	StrengthMedium = "medium"
	StrengthWeak   = "weak"
)

// What an indicator establishes by itself, where it does.
const (
	FindsAct    = "act"    // the child was recruited, brought, handed over or kept (Palermo Protocol, article 3)
	FindsSexual = "sexual" // sexual exploitation, as a fact
	FindsSale   = "sale"   // sale of the child, as a fact
)

// The parts of a check a question can stand in.
const (
	PartSafe   = "safe"   // before the cards
	PartAlways = "always" // on a card in every check, as far as the age allows
	PartChosen = "chosen" // on a card by age and place, in the order of the file
)

// What an answer can open at once (codes of urgent actions).
var urgents = []string{"danger", "pep72", "ec120", "medical", "selfharm"}

// Indicator is one sign of trafficking in children.
type Indicator struct {
	ID         string
	Dimension  string
	Strength   string
	Fact       string // two indicators with one fact count once; it lies in one dimension
	Finds      string // "", act, sexual or sale
	Source     string
	Confidence Confidence
	words      map[string]string
}

// Question is one question of a check.
type Question struct {
	Code      string
	Part      string   // safe, always or chosen
	Ages      []string // codes of the list age_band; none: every age
	Places    []string // where the child is met; none: everywhere
	Indicator string   // what a yes shows, "" for none
	UrgentOn  string   // the answer that opens actions at once: yes, no or "" for none
	Urgent    []string // those actions
	Source    string
	words     map[string]string
}

// Asks reports whether the question is for an age and a place.
func (q *Question) Asks(age, place string) bool {
	return (len(q.Ages) == 0 || slices.Contains(q.Ages, age)) &&
		(len(q.Places) == 0 || slices.Contains(q.Places, place))
}

// Screening is what a pack says about checks.
type Screening struct {
	indicators map[string]*Indicator
	questions  []*Question
	byCode     map[string]*Question
	places     []string
	pack       *Pack
}

// Screening returns the indicators and the questions of checks.
func (p *Pack) Screening() *Screening { return p.screening }

// Indicator returns an indicator, nil for an identifier that the pack lacks.
func (s *Screening) Indicator(id string) *Indicator { return s.indicators[id] }

// Question returns a question, nil for a code that the pack lacks.
func (s *Screening) Question(code string) *Question { return s.byCode[code] }

// Questions returns all questions in the order of the file.
func (s *Screening) Questions() []*Question { return slices.Clone(s.questions) }

// Places returns where a child can be met, in the order in which the questions
// name the places first.
func (s *Screening) Places() []string { return slices.Clone(s.places) }

// Asked returns a question's words in a language.
func (s *Screening) Asked(q *Question, lang string) string { return q.words[s.pack.speak(lang)] }

// Says returns an indicator's words in a language, its identifier where the pack
// no longer has it: an old reason is never shown as blank.
func (s *Screening) Says(id, lang string) string {
	if i := s.indicators[id]; i != nil {
		return i.words[s.pack.speak(lang)]
	}
	return id
}

// screening reads the two files of checks and lays their rows over those there.
func (l *loader) screening(base bool) {
	if l.pack.screening == nil {
		l.pack.screening = &Screening{indicators: map[string]*Indicator{}, byCode: map[string]*Question{}, pack: l.pack}
	}
	if l.exists("indicators.csv", base) {
		l.indicators("indicators.csv")
	}
	if l.exists("screening.csv", base) {
		l.questions("screening.csv")
	}
}

func (l *loader) indicators(file string) {
	must := append([]string{"id", "dimension", "strength", "fact", "finds", "source", "confidence"}, l.pack.languages...)
	rows, ok := l.rows(file, must, nil)
	if !ok {
		return
	}
	for _, r := range rows {
		i := &Indicator{
			ID: r.at("id").text, Dimension: r.at("dimension").text, Strength: r.at("strength").text, Fact: r.at("fact").text,
			Finds: r.at("finds").text, Source: r.at("source").text, words: l.words(r),
			Confidence: l.confidence(r.at("confidence"), Law, Guidance, Standard, HouseChoice),
		}
		if i.Fact == "" {
			i.Fact = i.ID
		}
		l.oneOf(r.at("dimension"), dimensions...)
		l.oneOf(r.at("strength"), StrengthStrong, StrengthMedium, StrengthWeak)
		l.oneOf(r.at("finds"), "", FindsAct, FindsSexual, FindsSale)
		if !validCode(i.ID) || !validCode(i.Fact) {
			l.faultAt(r.at("id"), "an identifier and a fact are 1 to 40 letters, digits, -, + or _")
		}
		if i.Source == "" {
			l.faultAt(r.at("source"), "must say where this comes from")
		}
		for _, other := range l.pack.screening.indicators {
			if other.ID != i.ID && other.Fact == i.Fact && (other.Dimension != i.Dimension || other.Finds != i.Finds) {
				l.faultAt(r.at("fact"), "one fact lies in one dimension and finds one thing: else it would count twice")
			}
		}
		l.pack.screening.indicators[i.ID] = i
	}
}

func (l *loader) questions(file string) {
	must := append([]string{"code", "part", "ages", "places", "indicator", "urgent", "source", "confidence"}, l.pack.languages...)
	rows, ok := l.rows(file, must, nil)
	if !ok {
		return
	}
	s := l.pack.screening
	for _, r := range rows {
		q := &Question{
			Code: r.at("code").text, Part: r.at("part").text, Ages: strings.Fields(r.at("ages").text),
			Places: strings.Fields(r.at("places").text), Indicator: r.at("indicator").text, Source: r.at("source").text,
			words: l.words(r),
		}
		l.confidence(r.at("confidence"), Law, Guidance, Standard, HouseChoice)
		l.oneOf(r.at("part"), PartSafe, PartAlways, PartChosen)
		if !validCode(q.Code) {
			l.faultAt(r.at("code"), "a code is 1 to 40 letters, digits, -, + or _")
		}
		if q.Indicator != "" && s.indicators[q.Indicator] == nil {
			l.faultAt(r.at("indicator"), "no indicator has this identifier")
		}
		if q.Source == "" {
			l.faultAt(r.at("source"), "must say where this comes from")
		}
		l.urgent(r.at("urgent"), q)
		if before := s.byCode[q.Code]; before != nil {
			s.questions[slices.Index(s.questions, before)] = q
		} else {
			s.questions = append(s.questions, q)
		}
		s.byCode[q.Code] = q
		for _, place := range q.Places {
			if !slices.Contains(s.places, place) {
				s.places = append(s.places, place)
			}
		}
	}
}

// urgent reads such as "yes pep72 ec120": the answer, then what it opens.
func (l *loader) urgent(c cell, q *Question) {
	words := strings.Fields(c.text)
	if len(words) == 0 {
		return
	}
	q.UrgentOn, q.Urgent = words[0], words[1:]
	ok := (q.UrgentOn == "yes" || q.UrgentOn == "no") && len(q.Urgent) > 0
	for _, u := range q.Urgent {
		ok = ok && slices.Contains(urgents, u)
	}
	if !ok {
		l.faultAt(c, "must be yes or no and what that answer opens: danger, pep72, ec120, medical, selfharm")
	}
}

// words reads the text of a row in every language.
func (l *loader) words(r row) map[string]string {
	out := map[string]string{}
	for _, language := range l.pack.languages {
		c := r.at(language)
		if c.text == "" {
			l.faultAt(c, "the words are missing")
		}
		out[language] = c.text
	}
	return out
}

func (l *loader) oneOf(c cell, allowed ...string) {
	if !slices.Contains(allowed, c.text) {
		l.faultAt(c, "must be one of: "+strings.TrimSpace(strings.Join(allowed, " ")))
	}
}

// CheckCards is how many cards a check has (DESIGN of the page: a check takes
// less than three minutes).
const CheckCards = 12

// checkScreening makes sure that every age and place gives a full check.
func (l *loader) checkScreening() {
	const file = "screening.csv"
	s := l.pack.screening
	if s == nil || len(s.questions) == 0 {
		return // its absence is a fault already
	}
	ages := l.pack.lists[AgeBands]
	for _, q := range s.questions {
		for _, age := range q.Ages {
			if ages == nil || ages.rows[age] == nil {
				l.fault(file, 0, 0, q.Code+": no age band "+age)
			}
		}
	}
	if ages == nil {
		return
	}
	for _, age := range ages.order {
		for _, place := range s.places {
			if len(s.Cards(age, place)) != CheckCards {
				l.fault(file, 0, 0, "too few questions for age "+age+", place "+place)
			}
		}
	}
}

// Cards returns the questions on the cards of a check: those that are always
// asked, then the first that are for this age and place, twelve in all.
func (s *Screening) Cards(age, place string) []*Question {
	var out []*Question
	for _, part := range []string{PartAlways, PartChosen} {
		for _, q := range s.questions {
			if q.Part == part && q.Asks(age, place) && len(out) < CheckCards {
				out = append(out, q)
			}
		}
	}
	return out
}

// First returns the questions that are asked before the cards.
func (s *Screening) First() []*Question {
	var out []*Question
	for _, q := range s.questions {
		if q.Part == PartSafe {
			out = append(out, q)
		}
	}
	return out
}
