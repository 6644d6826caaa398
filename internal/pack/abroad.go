package pack

import (
	"slices"
	"strconv"
	"time"
)

// What is sent to an office of another country is of one of these kinds.
const (
	AbroadReferral = "referral" // the case stays here; the other office does, answers or is warned
	AbroadTransfer = "transfer" // the responsibility for the child moves
	AbroadAnswer   = "answer"   // the program makes it itself; nobody chooses it
	AbroadReserved = "reserved" // known by name, and not sent
)

// Before which recipients the protection check must stand.
const (
	ProtectAlways = "always" // it concerns the family, or the child itself goes there
	ProtectOrigin = "origin" // where the child comes from, or may come from, that country
)

// When a second person looks.
const (
	SecondFirst  = "first"  // before the first message ever to an office
	SecondAlways = "always" // before each
	SecondAfter  = "after"  // one officer sends at once; a second confirms within hours
)

// What an office abroad answers with.
const (
	AnswerStatus      = "status"      // what came of it
	AnswerInformation = "information" // words
	AnswerConsent     = "consent"     // code list abroad_agreed
	AnswerHomeStudy   = "home_study"  // code list abroad_agreed, and words
	AnswerReturnRisk  = "return_risk" // code list abroad_risk, and words
	AnswerReceipt     = "receipt"     // taken note of
)

// Hague1996 is the treaty whose article 33 asks for consultation before a placement.
const Hague1996 = "hague_1996"

// Abroad is one purpose for which something is sent to an office of another country.
type Abroad struct {
	Code    string
	Kind    string
	Parts   []string      // code list disclosure_part: the least that such a package holds
	Answer  string        // one of the Answer constants, "" where none is expected
	Within  time.Duration // until an answer is expected; zero: none is
	Protect string
	Consult bool          // a placement in a contracting State waits for that State's consent
	Second  string        // "" for what the program sends itself
	Confirm time.Duration // by when the second person confirms, of SecondAfter
	Basis   string        // the norm, as it is proposed to whoever sends

	Source     string
	Confidence Confidence
}

type abroadRow struct {
	Abroad
	labels map[string]string
	at     cell
}

// mostAbroadHours bounds how long an answer from abroad may take.
const mostAbroadHours = 366 * 24

// abroad reads abroad.csv and lays its rows over those already there.
func (l *loader) abroad(file string) {
	must := append([]string{
		"code", "kind", "parts", "answer", "hours", "protect", "consult", "second", "confirm", "basis", "source", "confidence",
	}, l.pack.languages...)
	rows, ok := l.rows(file, must, nil)
	if !ok {
		return
	}
	if l.pack.abroad == nil {
		l.pack.abroad = map[string]abroadRow{}
	}
	here := map[string]bool{}
	for _, r := range rows {
		code := r.at("code")
		switch {
		case !validCode(code.text):
			l.faultAt(code, "a code is 1 to 40 letters, digits, -, + or _")
			continue
		case here[code.text]:
			l.faultAt(code, "this purpose stands there twice")
			continue
		}
		here[code.text] = true
		if _, there := l.pack.abroad[code.text]; !there {
			l.pack.abroadOrder = append(l.pack.abroadOrder, code.text)
		}
		l.pack.abroad[code.text] = l.abroadRow(r)
	}
}

func (l *loader) abroadRow(r row) abroadRow {
	out := abroadRow{at: r.at("code"), labels: map[string]string{}, Abroad: Abroad{
		Code: r.at("code").text, Kind: r.at("kind").text, Parts: split(r.at("parts").text), Answer: r.at("answer").text,
		Within: l.abroadHours(r.at("hours")), Protect: r.at("protect").text, Consult: r.at("consult").text == "yes",
		Second: r.at("second").text, Confirm: l.abroadHours(r.at("confirm")), Basis: r.at("basis").text, Source: r.at("source").text,
		Confidence: l.confidence(r.at("confidence"), Law, Guidance, Standard, HouseChoice),
	}}
	if out.Answer == "none" {
		out.Answer = ""
	}
	for _, language := range l.pack.languages {
		if out.labels[language] = r.at(language).text; out.labels[language] == "" {
			l.faultAt(r.at(language), "a label is missing")
		}
	}
	if out.Source == "" || out.Basis == "" {
		l.faultAt(r.at("source"), "must say where this comes from, and which norm it rests on")
	}
	if c := r.at("consult"); c.text != "" && c.text != "yes" {
		l.faultAt(c, "must be yes or empty")
	}
	return out
}

func (l *loader) abroadHours(c cell) time.Duration {
	if c.text == "" {
		return 0
	}
	n, err := strconv.Atoi(c.text)
	if err != nil || n < 1 || n > mostAbroadHours {
		l.faultAt(c, "must be a number of hours, at most a year")
		return 0
	}
	return time.Duration(n) * time.Hour
}

// contracting reads contracting.csv: which States are bound by which treaty. A folder laid
// over takes a State out with the treaty "none".
func (l *loader) contracting(file string) {
	rows, ok := l.rows(file, []string{"code", "treaty", "source", "confidence"}, nil)
	if !ok {
		return
	}
	if l.pack.bound == nil {
		l.pack.bound = map[string]string{}
	}
	for _, r := range rows {
		if c := r.at("treaty"); c.text != Hague1996 && c.text != "none" {
			l.faultAt(c, "must be "+Hague1996+" or none")
		}
		l.confidence(r.at("confidence"), Law, Guidance, Standard, HouseChoice)
		l.pack.bound[r.at("code").text] = r.at("treaty").text
	}
}

// neededAbroad are the purposes the program knows by name.
var neededAbroad = []string{
	"referral", "transfer", "information", "danger", "missing", "placement", "home_study", "jurisdiction", "urgent_measure",
	"return_risk", "reintegration", "match", "receipt", "refusal",
}

// checkAbroad checks what is sent abroad: nothing becomes permissive because a cell is
// empty or misspelled.
func (l *loader) checkAbroad() {
	for _, code := range neededAbroad {
		if _, ok := l.pack.abroad[code]; !ok {
			l.fault("abroad.csv", 0, 0, "must have the purpose "+code)
		}
	}
	for _, row := range l.pack.abroad {
		sent := row.Kind == AbroadReferral || row.Kind == AbroadTransfer
		switch {
		case !sent && row.Kind != AbroadAnswer && row.Kind != AbroadReserved:
			l.faultAt(row.at, "is a referral, a transfer, an answer or reserved")
		case row.Protect != ProtectAlways && row.Protect != ProtectOrigin:
			l.faultAt(row.at, "asks for the protection check always or for the country of origin")
		case sent && (len(row.Parts) == 0 || row.Within == 0):
			l.faultAt(row.at, "must name the least that is sent, and until when an answer is expected")
		case sent && !slices.Contains([]string{SecondFirst, SecondAlways, SecondAfter}, row.Second):
			l.faultAt(row.at, "a second person looks first, always or after")
		case row.Kind == AbroadTransfer && row.Second != SecondAlways:
			l.faultAt(row.at, "a transfer is always looked at by a second person")
		case (row.Second == SecondAfter) != (row.Confirm > 0):
			l.faultAt(row.at, "what is confirmed afterwards, and only that, says within how many hours")
		case sent && !slices.Contains([]string{AnswerStatus, AnswerInformation, AnswerConsent, AnswerHomeStudy, AnswerReturnRisk, AnswerReceipt}, row.Answer):
			l.faultAt(row.at, "must name the kind of answer")
		}
		for _, part := range row.Parts {
			if !l.pack.Valid(DisclosureParts, part) || part == PartCareNotes {
				l.faultAt(row.at, "sends a part that is not in the list, or never leaves")
			}
		}
	}
	for code := range l.pack.bound {
		if !l.pack.Valid(Nationalities, code) {
			l.fault("contracting.csv", 0, 0, code+" is not in the list "+Nationalities)
		}
	}
}

// Abroad returns a purpose for which something is sent abroad; ok is false where none
// is called that.
func (p *Pack) Abroad(code string) (a Abroad, ok bool) {
	row, ok := p.abroad[code]
	return row.Abroad, ok
}

// AbroadCodes returns every purpose, in the order of the files.
func (p *Pack) AbroadCodes() []string { return slices.Clone(p.abroadOrder) }

// AbroadLabel returns the words of a purpose in a language, the code where there is none.
func (p *Pack) AbroadLabel(code, language string) string {
	row, ok := p.abroad[code]
	if !ok || row.labels[language] == "" {
		return code
	}
	return row.labels[language]
}

// Contracting reports whether a State (code list nationality) is bound by the treaty
// that asks for consultation before a child is placed there.
func (p *Pack) Contracting(country string) bool { return p.bound[country] == Hague1996 }
