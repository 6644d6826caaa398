package xlsform

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/pack"
)

// Import reads an XLSForm into a form that [forms.Parse] can judge. lost names what
// of it there is no place for here. What cannot be a form at all is a fault.
func Import(b Book, lists Lists) (forms.Plain, []Lost, error) {
	survey, settings := read(b.Survey), row{}
	if all := read(b.Settings); len(all) > 0 {
		settings = all[0]
	}
	if len(survey) == 0 || !slices.ContainsFunc(survey, func(r row) bool { return r["type"] != "" }) {
		return forms.Plain{}, nil, fault.New(fault.Invalid, "no-xlsform")
	}
	r := reader{lists: lists, settings: settings, choices: map[string][]row{}, groups: map[string]string{}, lost: map[Lost]bool{}, names: map[string]int{}}
	r.languages = r.readLanguages(b)
	for _, c := range read(b.Choices) {
		list := c["list_name"]
		if list == "" {
			list = c["list name"]
		}
		r.choices[list] = append(r.choices[list], c)
	}
	r.findGroups(survey)
	for i, line := range survey {
		r.at = i + 2 // as a spreadsheet program counts
		r.line(line)
	}
	r.closeSection()
	if len(r.out.Sections) == 0 {
		return forms.Plain{}, nil, fault.New(fault.Invalid, "no-xlsform")
	}
	r.head()
	return r.out, sorted(slices.Collect(maps.Keys(r.lost))), nil
}

type reader struct {
	lists     Lists
	settings  row
	choices   map[string][]row
	groups    map[string]string // field to the repeat in which it stands
	languages []string          // of the workbook, the default first
	lost      map[Lost]bool
	names     map[string]int // how often a name was given
	at        int

	out     forms.Plain
	section *forms.PlainSection
	repeat  *forms.PlainField
	open    []opened // groups and repeats that are not closed
	skipped int      // repeats within a repeat, which are left out
}

// opened is a group of the workbook that is open.
type opened struct {
	repeat, top bool
	show        string // the condition of a group within a group, for its fields
}

func (r *reader) where() string { return "survey " + strconv.Itoa(r.at) }

func (r *reader) lose(code, detail string) { r.lost[Lost{r.where(), code, detail}] = true }

// readLanguages returns the languages of the workbook's columns.
func (r *reader) readLanguages(b Book) []string {
	var out []string
	if lang, ok := strings.CutPrefix(columnName("x::"+r.settings["default_language"]), "x::"); ok && lang != "" {
		out = append(out, lang)
	}
	for _, sheet := range [][][]string{b.Survey, b.Choices} {
		if len(sheet) == 0 {
			continue
		}
		for _, name := range sheet[0] {
			if _, lang, ok := strings.Cut(columnName(name), "::"); ok && !slices.Contains(out, lang) {
				out = append(out, lang)
			}
		}
	}
	return out
}

// findGroups notes in which repeat each field stands: sums ask for it.
func (r *reader) findGroups(survey []row) {
	var repeats []string
	for _, line := range survey {
		switch typ := strings.ReplaceAll(line["type"], "_", " "); {
		case strings.HasPrefix(typ, "begin repeat"):
			repeats = append(repeats, fieldName(line["name"]))
		case strings.HasPrefix(typ, "end repeat"):
			if len(repeats) > 0 {
				repeats = repeats[:len(repeats)-1]
			}
		case len(repeats) > 0:
			r.groups[fieldName(line["name"])] = repeats[0]
		}
	}
}

// words reads a text in every language of the node. Where a language has none,
// another stands in, and that is named once for each language.
func (r *reader) words(line row, what, other string) forms.Words {
	text := line[what]
	for _, lang := range r.languages {
		if text == "" {
			text = line[what+"::"+lang]
		}
	}
	written := text != "" && what != ourTitle // the standard has one title for all languages
	if text == "" {
		text = other
	}
	if text == "" {
		return nil
	}
	out := forms.Words{}
	for _, lang := range r.lists.Languages() {
		if out[lang] = oneLine(line[what+"::"+lang]); out[lang] != "" {
			continue
		}
		out[lang] = oneLine(text)
		if written {
			r.lost[Lost{"", LostLanguage, lang}] = true
		}
	}
	return out
}

// oneLine joins lines. Narrow and hard spaces are part of how French is written
// and stay.
func oneLine(s string) string { return strings.TrimSpace(blanks.ReplaceAllString(s, " ")) }

var blanks = regexp.MustCompile(`[ \t\r\n]+`)

// names reads names with blanks between.
func names(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Fields(cell)
}

// line reads one row of the survey.
func (r *reader) line(line row) {
	typ := strings.Fields(strings.ToLower(line["type"]))
	if len(typ) == 0 {
		return
	}
	word := strings.Join(typ, "_")
	switch {
	case strings.HasPrefix(word, "begin_group"):
		r.beginGroup(line)
	case strings.HasPrefix(word, "begin_repeat"):
		r.beginRepeat(line)
	case strings.HasPrefix(word, "end_group"), strings.HasPrefix(word, "end_repeat"):
		r.end()
	case r.skipped > 0:
	default:
		r.columns(line)
		if q, ok := r.field(line, typ); ok {
			r.add(q)
		}
	}
}

func (r *reader) beginGroup(line row) {
	show := r.show(line)
	if r.section != nil && len(r.open) > 0 || r.repeat != nil {
		r.lose(LostGroup, line["name"])
		r.open = append(r.open, opened{show: show})
		return
	}
	r.closeSection()
	r.section = &forms.PlainSection{
		ID: r.name(line["name"]), Title: r.words(line, "label", line["name"]), Help: r.words(line, "hint", ""), Show: show,
		Read: names(line[ourRead]), Write: names(line[ourWrite]),
	}
	r.open = append(r.open, opened{top: true})
}

func (r *reader) beginRepeat(line row) {
	if r.repeat != nil {
		r.lose(LostGroup, line["name"])
		r.open, r.skipped = append(r.open, opened{repeat: true}), r.skipped+1
		return
	}
	r.columns(line)
	q := forms.PlainField{
		ID: r.name(line["name"]), Kind: forms.KindGroup, Label: r.words(line, "label", line["name"]), Help: r.words(line, "hint", ""),
		Show: r.within(r.show(line)), Need: r.need(line), Map: dictionary(line[ourMap]),
	}
	q.Most, _ = strconv.Atoi(line[ourMost]) // "" is the house's bound
	r.repeat = &q
	r.open = append(r.open, opened{repeat: true})
}

func (r *reader) end() {
	if len(r.open) == 0 {
		return
	}
	last := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	switch {
	case last.repeat && r.skipped > 0:
		r.skipped--
	case last.repeat:
		q := *r.repeat
		r.repeat = nil
		if len(q.Fields) > 0 {
			r.add(q)
		}
	case last.top:
		r.closeSection()
	}
}

// add puts a question where it belongs; one that stands in no group begins a
// section of its own.
func (r *reader) add(q forms.PlainField) {
	if r.repeat != nil {
		r.repeat.Fields = append(r.repeat.Fields, q)
		return
	}
	if r.section == nil {
		r.section = &forms.PlainSection{ID: r.name("part"), Title: r.title()}
	}
	r.section.Fields = append(r.section.Fields, q)
}

func (r *reader) closeSection() {
	if r.section != nil && len(r.section.Fields) > 0 {
		r.out.Sections = append(r.out.Sections, *r.section)
	}
	r.section = nil
}

// name makes a name that no other field or section has; in a repeat, none of its
// fields.
func (r *reader) name(name string) string {
	s, in := fieldName(name), ""
	if r.repeat != nil {
		in = r.repeat.ID + "."
	}
	r.names[in+s]++
	if n := r.names[in+s]; n > 1 {
		return s + "_" + strconv.Itoa(n)
	}
	return s
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
		code := LostType
		if strings.HasPrefix(word, "select_") {
			code = LostExternal
		}
		r.lose(code, word)
		return q, false
	}
	if slices.Contains(poorer, word) && line[ourKind] == "" {
		r.lose(LostType, word)
	}
	q = forms.PlainField{
		ID: r.name(line["name"]), Kind: kind, Label: r.words(line, "label", line["name"]), Help: r.words(line, "hint", ""),
		Need: r.need(line), Show: r.within(r.show(line)), Map: dictionary(line[ourMap]), Urgent: dictionary(line[ourUrgent]),
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
	if unknown != "" || expr == "" {
		r.lose(LostCondition, unknown)
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

// readColumns are the columns that are read; the rest of a filled row is named.
var readColumns = []string{
	"type", "name", "label", "hint", "required", "relevant", "calculation", "constraint", "appearance",
	ourKind, ourNeed, ourList, ourMost, ourUrgent, ourMap, ourRead, ourWrite, ourShow, ourValue,
}

func (r *reader) columns(line row) {
	for _, name := range sortedNames(line) {
		what, _, _ := strings.Cut(name, "::")
		switch {
		case slices.Contains(readColumns, what), what == "constraint_message", what == "required_message", what == "note":
		case what == "default":
			r.lose(LostDefault, "")
		case what == "choice_filter":
			r.lose(LostFilter, "")
		default:
			r.lose(LostColumn, what)
		}
	}
}

// dictionary reads what [pairs] wrote.
func dictionary(text string) map[string]string {
	var out map[string]string
	for part := range strings.SplitSeq(text, ";") {
		k, v, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[strings.TrimSpace(k)] = strings.TrimSpace(v)
	}
	return out
}

// title is the form's, in every language.
func (r *reader) title() forms.Words {
	title := r.settings["form_title"]
	if title == "" {
		title = r.settings["form_id"]
	}
	if title == "" {
		title = "Form"
	}
	in := row{ourTitle: title}
	for name, text := range r.settings {
		if strings.HasPrefix(name, ourTitle+"::") {
			in[name] = text
		}
	}
	return r.words(in, ourTitle, title)
}

// head reads the settings.
func (r *reader) head() {
	id := r.settings["form_id"]
	if id == "" {
		id = r.settings["form_title"]
	}
	r.out.Form, r.out.Version, r.out.Title = fieldName(id), 1, r.title()
	if n, err := strconv.Atoi(r.settings["version"]); err == nil && n > 0 && n < 1<<30 {
		r.out.Version = n
	}
	r.out.Help = r.words(r.settings, ourHelp, "")
	r.out.For, r.out.Step = r.settings[ourFor], r.settings[ourStep]
	r.out.Source, r.out.Confidence = r.settings[ourSource], r.settings[ourConfidence]
	if r.out.Source == "" {
		r.out.Source = "brought in as an XLSForm"
	}
	if r.out.Confidence == "" {
		r.out.Confidence = string(pack.HouseChoice)
	}
}
