package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/forms"
	"causeway/internal/locale"
	"causeway/internal/pack"
)

// captureWords are the words of the page's module, "capturesays.<code>".
var captureWords = []string{
	"again", "badnumber", "choose", "differ", "drafts", "evict", "expires", "finish", "first", "forgot", "forgotsure", "full", "help", "incomplete", "keep", "limits",
	"lock", "locked", "lockedsays", "make", "makesays", "missing", "new", "nodrafts", "nothing", "notsent", "notsentsays", "optional",
	"pass", "remove", "removesure", "saved", "sealed", "send", "sendoffline", "sendrefused", "sendsignin", "sent", "short", "stale",
	"unlock", "urgent", "wipe", "wiped", "wipesure", "wrong",
}

// AskOffline returns the blank forms in a language. They hold words and code lists
// of the pack and nothing of anybody.
func AskOffline(l *locale.Locale, p *pack.Pack, visit *forms.Form) Blank {
	b := blank{l, p, Blank{Lang: l.Code(), Words: map[string]string{}, Urgent: map[string][2]string{}, Lists: map[string][][2]string{}, Cards: pack.CheckCards}}
	for _, code := range captureWords {
		b.Words[code] = l.Word("capturesays", code)
	}
	b.check()
	b.registration()
	b.note()
	b.visit(visit)
	return b.Blank
}

type blank struct {
	l *locale.Locale
	p *pack.Pack
	Blank
}

// list keeps the choices of a code list, once, and returns its name.
func (b *blank) list(name string) string {
	if b.Lists[name] == nil {
		for _, c := range b.p.Choices(name, b.l.Code()) {
			b.Lists[name] = append(b.Lists[name], [2]string{c.Code, c.Label})
		}
	}
	return name
}

// ours keeps choices that are not the pack's.
func (b *blank) ours(name string, options []Option) string {
	for _, o := range options {
		b.Lists[name] = append(b.Lists[name], [2]string{o.Value, o.Label})
	}
	return name
}

// field returns a question; what stands after "!" must be answered.
func (b *blank) field(kind, name, list string) BlankField {
	f := BlankField{Type: kind, Name: name, List: list, Label: labelOf(b.l, name)}
	if name[0] == '!' {
		f.Must, f.Name, f.Label = true, name[1:], labelOf(b.l, name[1:])
	}
	if hint := "hint." + f.Name; b.l.Has(hint) {
		f.Hint = b.l.T(hint)
	}
	return f
}

func (f BlankField) ask(question string) BlankField {
	f.Label = question
	return f
}

func (b *blank) check() {
	rules, code := b.p.Screening(), b.l.Code()
	f := BlankForm{Kind: "check", Title: b.l.T("check.title"), Hint: b.l.T("check.alone"), Help: true}
	var ages []Option
	for _, c := range b.p.Choices(pack.AgeBands, code) {
		if c.Code != adults {
			ages = append(ages, Option{Value: c.Code, Label: c.Label})
		}
	}
	f.Fields = []BlankField{
		b.field("pick", "!age_about", b.ours("ages", ages)),
		b.field("pick", "!place_met", b.ours("places", Options(b.l, "metat", rules.Places()...))),
		b.field("list", "!language", b.list(pack.Languages)).ask(b.l.T("check.language")),
		b.field("list", "region", b.list(pack.Regions)),
	}
	b.ours("answer", Answers(b.l))
	for _, q := range rules.Questions() {
		f.Cards = append(f.Cards, BlankCard{
			Code: q.Code, Label: rules.Asked(q, code), Ages: q.Ages, Places: q.Places,
			First: q.Part == pack.PartSafe, Always: q.Part == pack.PartAlways, On: q.UrgentOn, Urgent: q.Urgent,
		})
		for _, u := range q.Urgent {
			b.urgentWords(u)
		}
	}
	b.Forms = append(b.Forms, f)
}

func (b *blank) urgentWords(action string) {
	b.Urgent[action] = [2]string{b.l.Word("urgent", action), b.l.Word("urgentsays", action)}
}

func (b *blank) registration() {
	b.Forms = append(b.Forms, BlankForm{Kind: "registration", Title: b.l.T("register.title"), Fields: []BlankField{
		b.field("text", "!name", "").ask(b.l.T("register.name")),
		b.field("digits", "age", ""),
		b.field("list", "birth_certainty", b.list("certainty")),
		b.field("pick", "sex", b.list("sex_recorded")),
		b.field("list", "language", b.list(pack.Languages)).ask(b.l.T("register.language")),
		b.field("list", "region", b.list(pack.Regions)).ask(b.l.T("register.region")),
		b.field("text", "place", ""),
		b.field("pick", "!risk", b.list("risk")),
		b.field("many", "risk_reason", b.list("risk_reason")),
		b.field("area", "risk_text", ""),
		b.field("pick", "!basis", b.list("legal_basis")),
	}})
}

func (b *blank) note() {
	talk := b.when("kind", "note_kind", casework.Contact)
	interpreter := b.field("list", "!interpreter", b.list("interpreter"))
	interpreter.If = []BlankIf{talk}
	named := b.field("text", "!interpreter_name", "")
	named.If = []BlankIf{talk, b.when("interpreter", "interpreter", casework.NamesInterpreter)}
	present := b.field("many", "present", b.list("present"))
	present.If = []BlankIf{talk}
	b.Forms = append(b.Forms, BlankForm{Kind: "note", Title: b.l.T("note.title"), Number: true, Fields: []BlankField{
		b.field("text", "!number", ""),
		b.field("pick", "!kind", b.list("note_kind")),
		b.field("date", "!contact_on", ""),
		b.field("pick", "seen_alone", b.ours("alone", Alone(b.l))),
		interpreter, named, present,
		b.field("text", "question", ""),
		b.field("area", "words", ""),
		b.field("list", "language", b.list(pack.Languages)).ask(b.l.T("note.language")),
		b.field("area", "seen", ""),
		b.field("area", "thought", ""),
	}})
}

// when is the condition that a question has one of the codes of a list.
func (b *blank) when(field, list string, is func(code string) bool) BlankIf {
	c := BlankIf{Name: field}
	for _, code := range b.p.Codes(list) {
		if is(code) {
			c.Codes = append(c.Codes, code)
		}
	}
	return c
}

// blankNeeds is what somebody must be able to do for a form to be filed in their
// name: the case of a note or a visit is found by its number.
var blankNeeds = map[string]string{
	"check": "check.make", "registration": "case.register", "note": "case.search", "visit": "case.search",
}

// blankForms serves the blank forms in the reader's language. A phone keeps them;
// it asks each time whether they have changed.
func (s *Server) blankForms(v *visit) error {
	all := AskOffline(v.l, s.Pack, v.visitInForce())
	all.Forms = slices.DeleteFunc(all.Forms, func(f BlankForm) bool { return !s.Gate.May(v.caller, blankNeeds[f.Kind]) })
	body, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("write blank forms: %w", err)
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Language", v.l.Code())
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", tag)
	h.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	if v.r.Header.Get("If-None-Match") == tag {
		v.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if !acceptsGzip(v.r) {
		_, _ = v.w.Write(body) // the browser went away; nothing is left to tell it
		return nil
	}
	h.Set("Content-Encoding", "gzip")
	writeGzip(v.w, body)
	return nil
}
