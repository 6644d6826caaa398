package web

import (
	"strconv"
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/document"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/locale"
)

// recordEvent builds the line of the timeline about a record.
func (v *visit) recordEvent(out *Event, e *casework.Event) {
	if e.Kind == casework.KindRecordFinished {
		out.Tone = "done"
	}
	if f := v.s.Cases.Forms().Library().Form(e.Form, 0); f != nil {
		out.To = f.Title.In(v.l.Code())
	}
	for _, action := range e.Urgent {
		out.Tone, out.Reasons = "late", append(out.Reasons, v.l.Word("urgent", action))
	}
	if len(e.Record) == 16 {
		out.Href = "/child/" + v.caseOf().String() + "/forms/" + ident.Record(e.Record).String()
	}
}

// choiceOptions returns what a choice offers.
func (v *visit) choiceOptions(q *forms.Field) []Option {
	if q.List != "" {
		return v.options(q.List)
	}
	out := make([]Option, len(q.Options))
	for i, o := range q.Options {
		out[i] = Option{Value: o.Code, Label: o.Label.In(v.l.Code())}
	}
	return out
}

// documentOptions returns the documents of a case as a question for one offers
// them.
func (v *visit) documentOptions(docs []document.Document) []Option {
	out := make([]Option, len(docs))
	for i := range docs {
		d := &docs[i]
		out[i] = Option{Value: d.ID.String(), Label: v.l.T("forms.document",
			"what", v.label("document_what", d.Brief.What), "name", d.Brief.Name.Reveal(), "date", v.l.Date(v.day(d.Made)))}
	}
	return out
}

// answerText is an answer as people read it, "" for none.
func (v *visit) answerText(q *forms.Field, a forms.Answer, files []Option) string {
	switch a.State {
	case forms.Unknown, forms.NotAsked, forms.Refused:
		return v.l.Word("answer", string(a.State))
	}
	switch q.Kind {
	case forms.KindAnswer:
		return v.codeText("answer", a.Code)
	case forms.KindChoice:
		return v.choiceText(q, a.Code)
	case forms.KindChoices:
		words := make([]string, len(a.Codes))
		for i, code := range a.Codes {
			words[i] = v.choiceText(q, code)
		}
		return strings.Join(words, v.l.T("forms.and"))
	case forms.KindNumber, forms.KindDecimal:
		return v.numberText(a)
	case forms.KindDate, forms.KindUncertainDate:
		return v.joined(v.dateText(a), v.label("certainty", a.Sure))
	case forms.KindPlace:
		return v.joined(a.Text.Reveal(), v.label(orList(q.List, "region"), a.Code))
	case forms.KindPerson:
		return v.personText(q, a.Person)
	case forms.KindFile:
		return fileText(a, files)
	case forms.KindCalculated:
		return v.joined(v.numberText(a), v.joined(v.dateText(a), v.joined(a.Text.Reveal(), v.codeText("answer", a.Code))))
	case forms.KindGroup:
		return v.groupText(q, a, files)
	}
	return a.Text.Reveal()
}

func (v *visit) codeText(group, code string) string {
	if code == "" {
		return ""
	}
	return v.l.Word(group, code)
}

func (v *visit) choiceText(q *forms.Field, code string) string {
	if q.List != "" {
		return v.label(q.List, code)
	}
	for _, o := range q.Options {
		if o.Code == code {
			return o.Label.In(v.l.Code())
		}
	}
	return code
}

func (v *visit) numberText(a forms.Answer) string {
	if !a.HasNumber {
		return ""
	}
	if whole := int(a.Number); a.Number == float64(whole) {
		return v.l.Number(whole)
	}
	return strconv.FormatFloat(a.Number, 'f', -1, 64) // as it was written: nothing is rounded
}

func (v *visit) dateText(a forms.Answer) string {
	if a.Date.IsZero() {
		return ""
	}
	if d, ok := locale.ParseDay(a.Date.Reveal()); ok {
		return v.l.Date(d)
	}
	year, month, _ := a.Date.RevealParts()
	if month == 0 {
		return strconv.Itoa(year)
	}
	return v.l.Month(year, time.Month(month))
}

func (v *visit) personText(q *forms.Field, l *forms.Link) string {
	if l == nil {
		return ""
	}
	text := l.Name.Reveal()
	if q.List != "" {
		text = v.joined(text, v.label(q.List, l.Relation))
	}
	if l.Safe != "" {
		text = v.joined(text, v.l.T("forms.safe.is", "answer", v.l.Word("answer", l.Safe)))
	}
	return text
}

func fileText(a forms.Answer, files []Option) string {
	for _, o := range files {
		if !a.Document.IsZero() && o.Value == a.Document.String() {
			return o.Label
		}
	}
	return ""
}

// groupText is a group in one line for each repetition, for the history.
func (v *visit) groupText(q *forms.Field, a forms.Answer, files []Option) string {
	var rows []string
	for _, item := range a.Groups {
		row := ""
		for i := range q.Fields {
			row = v.joined(row, v.answerText(&q.Fields[i], item[q.Fields[i].ID], files))
		}
		if row != "" {
			rows = append(rows, row)
		}
	}
	return strings.Join(rows, "\n")
}

// joined puts two parts of an answer beside each other.
func (v *visit) joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + v.l.T("forms.and") + b
}

// readLines returns the questions of a section that are asked, with their answers.
func (v *visit) readLines(f *forms.Form, s *forms.Section, look forms.View, files []Option) []ReadLine {
	var out []ReadLine
	if !look.Shown(s.ID) {
		return nil
	}
	for i := range s.Fields {
		q := &s.Fields[i]
		if !look.Shown(q.ID) || q.Kind == forms.KindNote {
			continue
		}
		a := look.Answers[q.ID]
		line := v.readLine(q, a, files)
		for _, item := range a.Groups {
			var row []ReadLine
			for k := range q.Fields {
				if inner := v.readLine(&q.Fields[k], item[q.Fields[k].ID], files); inner.Text != "" {
					row = append(row, inner)
				}
			}
			if len(row) > 0 {
				line.Rows = append(line.Rows, row)
			}
		}
		out = append(out, line)
	}
	return out
}

func (v *visit) readLine(q *forms.Field, a forms.Answer, files []Option) ReadLine {
	line := ReadLine{Label: q.Label.In(v.l.Code()), Lang: a.Language}
	if q.Kind != forms.KindGroup || a.State != forms.Given {
		line.Text = v.answerText(q, a, files)
	}
	return line
}
