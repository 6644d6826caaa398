package xlsform

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/forms"
)

// kindsOf are the kinds of the types.
var kindsOf = map[string]string{
	"text": forms.KindText, "string": forms.KindText, "barcode": forms.KindText, "integer": forms.KindNumber, "int": forms.KindNumber,
	"decimal": forms.KindDecimal, "range": forms.KindDecimal, "date": forms.KindDate, "datetime": forms.KindDate, "time": forms.KindTime,
	"geopoint": forms.KindPlace, "image": forms.KindFile, "audio": forms.KindFile, "video": forms.KindFile, "file": forms.KindFile,
	"calculate": forms.KindCalculated, "note": forms.KindNote, "acknowledge": forms.KindAnswer, "trigger": forms.KindAnswer,
	"select_one": forms.KindChoice, "select_multiple": forms.KindChoices, "rank": forms.KindChoices,
}

// poorer are the types that are read as something that says less.
var poorer = []string{"barcode", "datetime", "geopoint", "range", "rank"}

// field reads a question; ok is false for what is none here, such as the time at
// which a form was begun.
func (r *reader) field(line row, typ []string) (q forms.PlainField, ok bool) {
	word := typ[0]
	if len(typ) > 1 && (word == "select" || word == "select1") { // "select one from"
		word, typ = "select_one", append([]string{"select_one"}, typ[len(typ)-1:]...)
	}
	kind, known := kindsOf[word]
	if !known {
		if strings.HasPrefix(word, "select_") {
			r.lose(LostExternal, word)
		} else {
			r.lose(LostType, word)
		}
		return q, false
	}
	if slices.Contains(poorer, word) && line[ourKind] == "" {
		r.lose(LostType, word)
	}
	q = forms.PlainField{
		ID: r.name(line["name"]), Kind: kind, Label: r.words(line, "label", line["name"]), Help: r.words(line, "hint", ""),
		Part: line[ourPart], Need: r.need(line), Show: r.within(r.show(line)), Map: dictionary(line[ourMap]), Urgent: dictionary(line[ourUrgent]),
	}
	if q.Label == nil {
		q.Label = r.words(row{"label": q.ID}, "label", q.ID)
	}
	if own := line[ourKind]; own != "" && slices.Contains(sameTable(kind), own) {
		q.Kind = own
	} else if q.Kind == forms.KindText && strings.Contains(line["appearance"], "multiline") {
		q.Kind = forms.KindWords
	}
	q.Most, _ = strconv.Atoi(line[ourMost])
	switch q.Kind {
	case forms.KindChoice, forms.KindChoices:
		if len(typ) < 2 {
			r.lose(LostExternal, word)
			return q, false
		}
		return r.choose(q, line, typ)
	case forms.KindCalculated:
		return r.calculated(q, line)
	case forms.KindNote:
		q.Need = ""
	case forms.KindPlace, forms.KindPerson:
		q.List = line[ourList]
	}
	r.constraint(&q, line["constraint"])
	return q, true
}

// sameTable are the kinds that a kind of XLSForm may stand for.
func sameTable(kind string) []string {
	switch kind {
	case forms.KindText:
		return []string{forms.KindText, forms.KindWords, forms.KindPlace, forms.KindPerson, forms.KindPhone, forms.KindUncertainDate}
	case forms.KindChoice:
		return []string{forms.KindChoice, forms.KindAnswer}
	}
	return []string{kind}
}

func (r *reader) calculated(q forms.PlainField, line row) (forms.PlainField, bool) {
	q.Need = ""
	if q.Value = line[ourValue]; q.Value != "" {
		return q, true
	}
	expr, unknown := fromXPath(line["calculation"], r.groups)
	switch {
	case unknown != "":
		r.lose(LostCondition, unknown)
		return q, false
	case expr == "":
		r.lose(LostEmpty, "")
		return q, false
	}
	q.Value = expr
	return q, true
}

// choose gives a question its answers.
func (r *reader) choose(q forms.PlainField, line row, typ []string) (forms.PlainField, bool) {
	options := r.choices[typ[1]]
	if len(options) == 0 {
		for name := range r.choices { // names are compared as they are written, types in small letters
			if strings.EqualFold(name, typ[1]) {
				options = r.choices[name]
			}
		}
	}
	if slices.Contains(typ[2:], "or_other") || slices.Contains(typ[2:], "or") {
		r.lose(LostType, "or_other")
	}
	if q.Kind == forms.KindAnswer || q.Kind == forms.KindChoice && isYesNo(options) && line[ourList] == "" && line[ourKind] != forms.KindChoice {
		q.Kind = forms.KindAnswer
		return q, true
	}
	if list := line[ourList]; list != "" && len(r.lists.Codes(list)) > 0 {
		q.List = list
		return q, true
	}
	if len(options) == 0 {
		r.lose(LostExternal, typ[1])
		return q, false
	}
	seen := map[string]bool{}
	for _, o := range options {
		code := optionCode(o["name"])
		if seen[code] {
			continue
		}
		seen[code] = true
		q.Options = append(q.Options, forms.PlainOption{Code: code, Label: r.words(o, "label", o["name"])})
	}
	return q, true
}

func isYesNo(options []row) bool {
	if len(options) != 2 {
		return false
	}
	a, b := strings.ToLower(options[0]["name"]), strings.ToLower(options[1]["name"])
	return a == forms.Yes && b == forms.No || a == forms.No && b == forms.Yes
}

// optionCode makes the name of a choice a code: letters, digits, _ and -.
func optionCode(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' {
			return c
		}
		return '_'
	}, strings.TrimSpace(name))
}

var (
	lowBound  = regexp.MustCompile(`^\.\s*>=\s*(-?[0-9.]+)$`)
	highBound = regexp.MustCompile(`^\.\s*<=\s*(-?[0-9.]+)$`)
	length    = regexp.MustCompile(`^string-length\(\s*\.\s*\)\s*<=\s*([0-9]+)$`)
)

// constraint reads bounds of numbers and texts; any other constraint is named.
func (r *reader) constraint(q *forms.PlainField, text string) {
	if text == "" {
		return
	}
	numbers := q.Kind == forms.KindNumber || q.Kind == forms.KindDecimal
	texts := q.Kind == forms.KindText || q.Kind == forms.KindWords
	for part := range strings.SplitSeq(text, " and ") {
		part = strings.TrimSpace(part)
		if m := lowBound.FindStringSubmatch(part); m != nil && numbers {
			if n, err := strconv.ParseFloat(m[1], 64); err == nil {
				q.Min = &n
				continue
			}
		}
		if m := highBound.FindStringSubmatch(part); m != nil && numbers {
			if n, err := strconv.ParseFloat(m[1], 64); err == nil {
				q.Max = &n
				continue
			}
		}
		if m := length.FindStringSubmatch(part); m != nil && texts {
			if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
				q.Most = n
				continue
			}
		}
		r.lose(LostConstraint, "")
	}
}

// show reads a condition, ours where there is one.
func (r *reader) show(line row) string {
	if line[ourShow] != "" {
		return line[ourShow]
	}
	expr, unknown := fromXPath(line["relevant"], r.groups)
	if unknown != "" {
		r.lose(LostCondition, unknown)
	}
	return expr
}

// within joins a condition with those of the groups around, which are not kept.
func (r *reader) within(show string) string {
	for _, o := range r.open {
		switch {
		case o.show == "":
		case show == "":
			show = o.show
		default:
			show = "(" + o.show + ") && (" + show + ")"
		}
	}
	return show
}

func (r *reader) need(line row) string {
	switch strings.ToLower(line["required"]) {
	case "yes", "true", "true()", "1":
		return forms.NeedSave
	}
	if n := line[ourNeed]; n == forms.NeedFinish || n == forms.NeedSave {
		return n
	}
	return ""
}
