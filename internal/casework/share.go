package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// Part is one part of a record, copied for somebody who does not work on the case.
type Part struct {
	Code  string  `cbor:"1,keyasint"` // code list disclosure_part
	Shown []Shown `cbor:"2,keyasint,omitempty"`
}

// Shown is one thing that is known of a child. Field names it; what is known is one
// of the others.
type Shown struct {
	Field string      `cbor:"1,keyasint"`
	List  string      `cbor:"2,keyasint,omitempty"` // code list of Code
	Code  string      `cbor:"3,keyasint,omitempty"`
	Text  sealed.Text `cbor:"4,keyasint,omitzero"`
	Date  sealed.Date `cbor:"5,keyasint,omitzero"`
	At    int64       `cbor:"6,keyasint,omitempty"` // UTC microseconds
	Years []int       `cbor:"7,keyasint,omitempty"` // from and to
	// Of a form: the answer to the question Field of this version.
	Form    string        `cbor:"8,keyasint,omitempty"`
	Version int           `cbor:"9,keyasint,omitempty"`
	Answer  *forms.Answer `cbor:"10,keyasint,omitempty"`
}

// parts says of each part what it is made of. A part of the pack that is not here
// cannot be composed.
var parts = map[string]func(*shared) []Shown{
	"identity":             (*shared).identity,
	"age":                  (*shared).age,
	"contact":              (*shared).contact,
	"language":             (*shared).language,
	"needs":                (*shared).needsKnown,
	"risk":                 (*shared).risk,
	"plan":                 (*shared).plan,
	"family":               (*shared).family,
	"health":               func(s *shared) []Shown { return s.answers("health", "mind") },
	"school":               func(s *shared) []Shown { return s.answers("education") },
	"legal_status":         (*shared).legal,
	"whereabouts":          (*shared).whereabouts,
	"exploitation_account": func(s *shared) []Shown { return s.answers("exploitation_part") },
	"evidence_documents":   (*shared).evidence,
	pack.PartCareNotes:     (*shared).careNotes,
}

// shared is an opened case of which parts are copied.
type shared struct {
	*Child
	needs []*Need
	forms []forms.Revision // the newest of each record, newest first
	docs  []document.Document
	hides func(form, section, question string) bool
}

// Parts copies parts of the pass's case, as its reader may read them, with the case as
// it stood. The pass opens the case; who may be given what, its caller decides. Parts
// come in the order in which they are asked for; one that holds nothing is there and
// says so. hides names what is withheld from whoever is to receive them: parts of the
// record, documents, sections and questions of forms.
func (r *Room) Parts(ctx context.Context, p *access.Pass, codes []string, hides func(form, section, question string) bool) (*Case, []Part, error) {
	s, err := r.share(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	s.hides = hides
	out := make([]Part, 0, len(codes))
	for _, code := range codes {
		made, ok := parts[code]
		if !ok {
			return nil, nil, fault.InvalidField("disclosure_part", "not-in-list")
		}
		part := Part{Code: code}
		if !hides(access.RecordParts, code, "") {
			part.Shown = made(s)
		}
		out = append(out, part)
	}
	return &s.Case, out, nil
}

func (r *Room) share(ctx context.Context, p *access.Pass) (*shared, error) {
	f, err := r.fetch(ctx, p, p.Case())
	if err != nil {
		return nil, err
	}
	var s shared
	if s.needs, err = fetchNeeds(ctx, p, p.Case()); err != nil {
		return nil, err
	}
	var had *forms.Fetched
	if r.forms != nil {
		if had, err = r.forms.FetchCase(ctx, p, f.at.AddDate(1, 0, 0)); err != nil {
			return nil, err
		}
	}
	var docs *document.Fetched
	if r.docs != nil {
		if docs, err = r.docs.FetchAll(ctx, p); err != nil {
			return nil, err
		}
	}
	if s.Child, err = f.open(ctx, p); err != nil {
		return nil, err
	}
	o, err := p.Opener(p.Case())
	if err != nil {
		return nil, err
	}
	if err := openNeeds(o, s.needs, s.Events); err != nil {
		return nil, err
	}
	r.stand(s.Child)
	if docs != nil {
		if s.docs, err = docs.Open(p); err != nil {
			return nil, err
		}
	}
	if had == nil {
		return &s, nil
	}
	if err := checkRecords(s.Events, had.Last(), func(*Event) bool { return true }); err != nil {
		return nil, err
	}
	all, err := had.Open(p)
	s.forms = slices.DeleteFunc(all, func(v forms.Revision) bool { return !v.Form.MayRead(p.Caller().Role()) })
	return &s, err
}

// shownCode, shownText and shownDay are things known, none where there is nothing to know.
func shownCode(field, list, code string) []Shown {
	if code == "" {
		return nil
	}
	return []Shown{{Field: field, List: list, Code: code}}
}

func shownText(field string, t sealed.Text) []Shown {
	if t.IsZero() {
		return nil
	}
	return []Shown{{Field: field, Text: t}}
}

func shownDay(field string, d sealed.Date) []Shown {
	if d.IsZero() {
		return nil
	}
	return []Shown{{Field: field, Date: d}}
}

func (s *shared) identity() (out []Shown) {
	d := &s.Person.Details
	for _, n := range d.Names {
		out = append(out, Shown{Field: "name", List: "name_kind", Code: n.Kind, Text: n.Text})
	}
	out = append(out, shownCode("sex", "sex_recorded", d.SexRecorded)...)
	out = append(out, shownCode("gender", "gender_told", d.GenderTold)...)
	for _, n := range d.Nationalities {
		out = append(out, shownCode("nationality", "nationality", n)...)
	}
	for _, i := range d.Identifiers {
		out = append(out, Shown{Field: "identifier", List: "identifier_kind", Code: i.Kind, Text: i.Value})
	}
	return out
}

func (s *shared) age() (out []Shown) {
	b := s.Person.Details.Birth
	if from, to, ok := b.Years(s.Case.UpdatedAt); ok {
		out = append(out, Shown{Field: "years", Years: []int{from, to}, At: s.Case.UpdatedAt.UnixMicro()})
	}
	out = append(out, shownDay("born_from", b.Earliest)...)
	out = append(out, shownDay("born_to", b.Latest)...)
	out = append(out, shownCode("birth_source", "birth_source", b.Source)...)
	if b.PresumedChild {
		out = append(out, Shown{Field: "presumed_child"})
	}
	return out
}

func (s *shared) contact() (out []Shown) {
	for _, r := range s.Person.Details.Restrictions {
		out = append(out, Shown{Field: "restriction", List: "contact_restriction", Code: r.Kind, Text: r.Note})
	}
	return out
}

func (s *shared) language() (out []Shown) {
	for _, l := range s.Person.Details.Languages {
		out = append(out, shownCode("language", "language", l)...)
	}
	return out
}

func (s *shared) needsKnown() (out []Shown) {
	for _, n := range s.needs {
		if n.Open() {
			out = append(out, Shown{Field: "need_" + n.State, List: "service", Code: n.Service})
		}
	}
	return out
}

// risk tells how high the risk is and why, in codes: what was written about it are
// notes of the team.
func (s *shared) risk() []Shown {
	out := shownCode("risk", "risk", s.Case.Risk)
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == KindRisk || e.Kind == KindRegistered {
			for _, why := range e.Reasons {
				out = append(out, shownCode("risk_reason", "risk_reason", why)...)
			}
			break
		}
	}
	return out
}

func (s *shared) plan() (out []Shown) {
	i := slices.IndexFunc(s.forms, func(v forms.Revision) bool { return v.Form.ID == FormPlan })
	if i < 0 {
		return nil
	}
	view := PlanView{Child: *s.Child, Plan: &s.forms[i]}
	view.read(nil)
	if !s.hidden(view.Plan.Form, "goals") {
		for _, g := range view.Goals {
			out = append(out, shownText("goal", g.What)...)
		}
	}
	if !s.hidden(view.Plan.Form, "steps") {
		for _, step := range view.Steps {
			out = append(out, shownText("step_"+step.State(), step.What)...)
		}
	}
	return out
}

// family are the people around the child, but for those who are suspected of
// involvement: what is known of these is an investigation's.
func (s *shared) family() (out []Shown) {
	for _, o := range s.Others() {
		if o.Ended() || o.Suspected {
			continue
		}
		out = append(out, Shown{Field: "other", List: "relation", Code: o.Relation, Text: o.Name})
		out = append(out, Shown{Field: "other_safe_" + o.Safe})
	}
	return append(out, s.answers("family")...)
}

func (s *shared) legal() (out []Shown) {
	for i := range s.Standing {
		t := s.Standing[i]
		out = append(out, Shown{Field: "status", List: pack.StatusStates, Code: t.State, Text: t.Body, At: t.From.UnixMicro()})
	}
	return out
}

func (s *shared) whereabouts() (out []Shown) {
	l := s.LivesAt()
	if l == nil {
		return nil
	}
	out = append(out, Shown{Field: "lives", List: "care_arrangement", Code: l.Care.Kind, Text: l.Where})
	return append(out, shownDay("lives_since", l.From)...)
}

func (s *shared) evidence() (out []Shown) {
	for i := range s.docs {
		if d := &s.docs[i]; d.State == document.Kept && !s.hides(access.Documents, d.ID.String(), "") {
			out = append(out, Shown{Field: "document", List: "document_what", Code: d.Brief.What, Text: d.Brief.Name, At: d.Made.UnixMicro()})
		}
	}
	return out
}

// careNotes are what was said, seen and thought. Notes that were corrected come with
// their corrections.
func (s *shared) careNotes() (out []Shown) {
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != KindNote && e.Kind != KindCorrected {
			continue
		}
		out = append(out, Shown{Field: "note", List: "note_kind", Code: e.NoteKind, At: e.At.UnixMicro()})
		out = append(out, shownText("note_words", e.Words)...)
		out = append(out, shownText("note_seen", e.Seen)...)
		out = append(out, shownText("note_thought", e.Thought)...)
	}
	return out
}

// answers are those of some sections of the newest full assessment.
func (s *shared) answers(sections ...string) (out []Shown) {
	i := slices.IndexFunc(s.forms, func(v forms.Revision) bool { return v.Form.ID == formAssessment })
	if i < 0 {
		return nil
	}
	f := s.forms[i].Form
	for j := range f.Sections {
		if !slices.Contains(sections, f.Sections[j].ID) {
			continue
		}
		for k := range f.Sections[j].Fields {
			q := &f.Sections[j].Fields[k]
			if a, ok := s.forms[i].Answers[q.ID]; ok && !s.hidden(f, q.ID) {
				out = append(out, Shown{Field: q.ID, Form: f.ID, Version: f.Version, Answer: &a})
			}
		}
	}
	return out
}

// hidden reports whether a question of a form is withheld from whoever is to receive it.
func (s *shared) hidden(f *forms.Form, question string) bool {
	return hidden(f, question, s.hides)
}

// hidden reports whether a question of a form is withheld, or the part of the record to
// which it belongs.
func hidden(f *forms.Form, question string, hides func(form, section, question string) bool) bool {
	section, q := f.SectionOf(question), f.Field(question)
	if section == nil || q == nil || hides(f.ID, section.ID, question) {
		return true
	}
	return section.Part != "" && hides(access.RecordParts, section.Part, "") || q.Part != "" && hides(access.RecordParts, q.Part, "")
}

// LeaveOut empties those copied parts, and takes out those answers, that were withheld
// from the caller of a look since they were copied.
func (r *Room) LeaveOut(p *access.Pass, parts []Part) {
	if !p.HidesAny() {
		return
	}
	for i := range parts {
		if p.HidesRecord(parts[i].Code) {
			parts[i].Shown = nil
		}
		parts[i].Shown = slices.DeleteFunc(parts[i].Shown, func(s Shown) bool {
			if s.Form == "" {
				return false
			}
			if r.forms == nil {
				return true
			}
			f := r.forms.Library().Form(s.Form, s.Version)
			return f == nil || hidden(f, s.Field, p.Hides)
		})
	}
}

// formAssessment is the form of the full assessment.
const formAssessment = "full_assessment"

// Tell writes what another room did in the pass's case into its timeline, and returns
// the case as it was before. Each command about a case writes exactly one event. seen is
// the version of the case that the person saw, 0 where a change in between does not
// matter; one there was is a Conflict.
func (r *Room) Tell(ctx context.Context, p *access.Pass, seen int64, do func(*Case) (*Event, error)) error {
	_, err := r.change(ctx, p, seen, do)
	return err
}

// Head returns the narrow row of the pass's case, checked, for a command or a look of
// another room: codes and dates, nothing that names anyone.
func (r *Room) Head(ctx context.Context, p *access.Pass) (*Case, error) {
	return readCase(ctx, p.Tx(), p.Case())
}

// CheckHead compares what [Room.Head] read with its digest, once the look is entered.
func (r *Room) CheckHead(p *access.Pass, c *Case) error {
	o, err := p.Opener(c.ID)
	if err != nil {
		return err
	}
	return o.CheckMAC(c.mac, caseTable, c.ID[:], c.Version, c.columns()...)
}

// Heads returns the narrow rows of cases that a list may show, in their order, at most
// fifty.
func (r *Room) Heads(ctx context.Context, p *access.Pass, ids []ident.Case) ([]*Case, error) {
	return readRows(ctx, p.Tx(), ids)
}

// ByNumber finds the case with a number, for a command whose caller learns nothing of
// it. None is NotFound.
func (r *Room) ByNumber(ctx context.Context, p *access.Pass, n ident.CaseNumber) (id ident.Case, err error) {
	err = p.Tx().QueryRow(ctx, sqlCaseByNumber, string(n)).Scan(&id)
	return id, err
}
