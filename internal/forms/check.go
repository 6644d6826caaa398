package forms

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"causeway/internal/fault"
	"causeway/internal/sealed"
)

// Bounds of answers where the form names none.
const (
	boundText  = 500
	boundWords = 20_000
	boundPhone = 40
	boundCodes = 100
	boundGroup = 50
	firstYear  = 1900 // before the birth of anybody who is written about
)

// aheadOfUTC is how far a day may have begun somewhere before it begins in UTC.
const aheadOfUTC = 14 * time.Hour

// Check judges answers: each must be of its field's kind, within its bounds, and
// hold nothing hidden; what is needed to save must be there. The error is a fault
// of kind Invalid that names every wrong place once: "field", "group.0.field".
func (f *Form) Check(a Answers, env Env) error {
	c := checker{form: f, env: env}
	for _, id := range sortedKeys(a) {
		q := f.byID[id]
		if q == nil || f.in[id] == nil || strings.Contains(id, ".") {
			c.reject("form", "not-in-form")
			continue
		}
		c.answer(q, id, a[id])
	}
	for _, at := range f.Look(a, env).MissingToSave {
		c.reject(at, "required")
	}
	return c.err()
}

// CheckFinish judges answers as [Form.Check] does and asks in addition for what a
// finished form needs.
func (f *Form) CheckFinish(a Answers, env Env) error {
	var c checker
	for _, wrong := range fault.FieldsOf(f.Check(a, env)) {
		c.reject(wrong.Name, wrong.Code)
	}
	for _, at := range f.Look(a, env).MissingToFinish {
		c.reject(at, "required")
	}
	return c.err()
}

type checker struct {
	form  *Form
	env   Env
	wrong []fault.Field
}

// reject notes a wrong place, with the first fault found there.
func (c *checker) reject(at, code string) {
	if !slices.ContainsFunc(c.wrong, func(f fault.Field) bool { return f.Name == at }) {
		c.wrong = append(c.wrong, fault.Field{Name: at, Code: code})
	}
}

func (c *checker) require(ok bool, at, code string) {
	if !ok {
		c.reject(at, code)
	}
}

func (c *checker) err() error {
	var chk fault.Check
	for _, w := range c.wrong {
		chk.Reject(w.Name, w.Code)
	}
	return chk.Err()
}

// answer judges one answer.
func (c *checker) answer(q *Field, at string, a Answer) {
	switch a.State {
	case Blank, Given:
	case Unknown, NotAsked, Refused:
		c.require(!a.holds(), at, "answer-and-state")
	default:
		c.reject(at, "not-in-list")
	}
	if !a.holds() {
		return
	}
	if rest := a.without(q.Kind); rest.holds() || rest.State != Blank || rest.Language+rest.Direction+rest.Sure != "" {
		c.reject(at, "wrong-kind")
		return
	}
	switch q.Kind {
	case KindText, KindWords, KindPlace, KindPhone, KindTime:
		c.text(q, at, a)
	case KindNumber, KindDecimal:
		c.number(q, at, a.Number)
	case KindDate, KindUncertainDate:
		c.date(q, at, a)
	case KindAnswer, KindChoice:
		c.require(q.hasCode(c.form.codes, a.Code), at, "not-in-list")
	case KindChoices:
		c.choices(q, at, a.Codes)
	case KindPerson:
		c.person(q, at, a.Person)
	case KindGroup:
		c.group(q, at, a.Groups)
	}
}

// without returns the answer without the parts that its kind may have.
func (a Answer) without(kind string) Answer {
	a.State = Blank
	switch kind {
	case KindText, KindPhone, KindTime:
		a.Text = sealed.Text{}
	case KindWords:
		a.Text, a.Language, a.Direction = sealed.Text{}, "", ""
	case KindPlace:
		a.Text, a.Code = sealed.Text{}, ""
	case KindNumber, KindDecimal:
		a.Number, a.HasNumber = 0, false
	case KindDate:
		a.Date = sealed.Date{}
	case KindUncertainDate:
		a.Date, a.Sure = sealed.Date{}, ""
	case KindAnswer, KindChoice:
		a.Code = ""
	case KindChoices:
		a.Codes = nil
	case KindPerson:
		a.Person = nil
	case KindGroup:
		a.Groups = nil
	case KindFile:
		a.Document = [16]byte{}
	case KindCalculated: // what a page sends back is not used
		a = Answer{}
	}
	return a
}

func (c *checker) text(q *Field, at string, a Answer) {
	most := boundText
	switch {
	case q.Most > 0:
		most = q.Most
	case q.Kind == KindWords:
		most = boundWords
	case q.Kind == KindPhone:
		most = boundPhone
	}
	s := a.Text.Reveal()
	if code := sealed.TextFault(s, most); code != "" {
		c.reject(at, code)
		return
	}
	switch q.Kind {
	case KindPhone:
		c.require(s == "" || validPhone(s), at, "bad-phone")
	case KindTime:
		c.require(validTime(s), at, "bad-time")
	case KindPlace:
		list := q.List
		if list == "" {
			list = "region"
		}
		c.require(a.Code == "" || c.form.codes.Valid(list, a.Code), at, "not-in-list")
	case KindWords:
		c.require(a.Language == "" || c.form.codes.Valid("language", a.Language), at, "not-in-list")
		c.require(a.Direction == "" || a.Direction == "ltr" || a.Direction == "rtl", at, "not-in-list")
	}
}

// validPhone accepts digits in any script with the signs people write between
// them.
func validPhone(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 0x0660 && r <= 0x0669, r >= 0x06F0 && r <= 0x06F9:
			n++
		case !strings.ContainsRune("+-()/. #*\u00a0", r):
			return false
		}
	}
	return n >= 3
}

func validTime(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && utf8.RuneCountInString(s) == 5
}

func (c *checker) number(q *Field, at string, n float64) {
	switch {
	case math.IsNaN(n) || math.Abs(n) > 1e12, q.Min != nil && n < *q.Min, q.Max != nil && n > *q.Max:
		c.reject(at, "out-of-range")
	case q.Kind == KindNumber && n != math.Trunc(n):
		c.reject(at, "not-a-number")
	}
}

func (c *checker) date(q *Field, at string, a Answer) {
	year, _, day := a.Date.RevealParts()
	whole := day > 0
	c.require(a.Date.IsZero() || whole || q.Kind == KindUncertainDate, at, "bad-date")
	c.require(a.Date.IsZero() || year >= firstYear && year <= c.env.Today.Add(aheadOfUTC).Year()+100, at, "out-of-range")
	c.require(a.Sure == "" || c.form.codes.Valid("certainty", a.Sure), at, "not-in-list")
}

func (c *checker) choices(q *Field, at string, codes []string) {
	most := boundCodes
	if q.Most > 0 {
		most = q.Most
	}
	c.require(len(codes) <= most, at, "too-many")
	for i, code := range codes {
		c.require(q.hasCode(c.form.codes, code) && slices.Index(codes, code) == i, at, "not-in-list")
	}
}

func (c *checker) person(q *Field, at string, l *Link) {
	if code := sealed.TextFault(l.Name.Reveal(), boundText); code != "" {
		c.reject(at, code)
	}
	switch {
	case l.Relation == "":
	case q.List != "":
		c.require(c.form.codes.Valid(q.List, l.Relation), at, "not-in-list")
	default:
		c.require(validCode(l.Relation), at, "not-in-list")
	}
	c.require(slices.Contains([]string{"", Yes, No, string(Unknown)}, l.Safe), at, "not-in-list")
}

func (c *checker) group(q *Field, at string, items []Answers) {
	most := boundGroup
	if q.Most > 0 {
		most = q.Most
	}
	if len(items) > most {
		c.reject(at, "too-many")
		return
	}
	for i, item := range items {
		for _, id := range sortedKeys(item) {
			inner := c.form.byID[q.ID+"."+id]
			if inner == nil {
				c.reject(at, "not-in-form")
				continue
			}
			c.answer(inner, place(q.ID, i, id), item[id])
		}
	}
}
