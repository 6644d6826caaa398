package payload

// Code is a value of a code list in a payload.
type Code struct{ List, Value string }

// The lists of codes that payloads carry. They are the names of files of the default
// pack.
const (
	ListPurpose   = "abroad"
	ListService   = "service"
	ListUrgency   = "referral_urgency"
	ListLanguage  = "language"
	ListSex       = "sex_recorded"
	ListAge       = "age_band"
	ListBasis     = "legal_basis"
	ListPart      = "disclosure_part"
	ListCare      = "care_arrangement"
	ListView      = "abroad_view"
	ListAgreed    = "abroad_agreed"
	ListRisk      = "abroad_risk"
	ListWellbeing = "abroad_wellbeing"
	ListRecall    = "abroad_recall"
	ListRecalled  = "abroad_recalled"
	ListWhat      = "document_what"
)

// Codes returns every code of the payload that belongs to a list, in the order in which
// they stand there.
func (p *Payload) Codes() []Code {
	var out []Code
	add := func(list string, values ...string) {
		for _, v := range values {
			if v != "" && list != "" {
				out = append(out, Code{list, v})
			}
		}
	}
	if c := p.Card; c != nil {
		add(ListPurpose, c.Purpose)
		add(ListService, c.Service)
		add(ListUrgency, c.Urgency)
		add(ListLanguage, c.Language)
		add(ListSex, c.Sex)
		add(ListAge, c.AgeBand)
		add(ListBasis, c.Basis)
		add(ListPart, c.Parts...)
		add(ListCare, c.Care)
	}
	if k := p.Package; k != nil {
		if k.View != nil {
			add(ListView, k.View.Code)
		}
		for _, part := range k.Parts {
			add(ListPart, part.Code)
			for _, i := range part.Items {
				add(i.List, i.Code)
			}
		}
		for _, f := range k.Files {
			add(ListWhat, f.What)
		}
	}
	if s := p.Status; s != nil && s.Answer != nil {
		switch s.Answer.Kind {
		case "consent", "home_study":
			add(ListAgreed, s.Answer.Code)
		case "return_risk":
			add(ListRisk, s.Answer.Code)
		}
	}
	if p.Report != nil {
		add(ListWellbeing, p.Report.Code)
	}
	if p.Recall != nil {
		add(ListRecall, p.Recall.Reason)
	}
	if p.Outcome != nil {
		add(ListRecalled, p.Outcome.Code)
	}
	return out
}

// Unknown returns the codes that a reader does not know, each once. They are kept as they
// are and shown with a flag: a child's need is not lost because two lists differ.
func (p *Payload) Unknown(knows func(list, value string) bool) []Code {
	var out []Code
	seen := map[Code]bool{}
	for _, c := range p.Codes() {
		if !seen[c] && !knows(c.List, c.Value) {
			out = append(out, c)
		}
		seen[c] = true
	}
	return out
}
