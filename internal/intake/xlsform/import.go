package xlsform

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/forms"
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

func (r *reader) lose(code, detail string) {
	r.lost[Lost{Row: r.at, Code: code, Detail: detail}] = true
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
		Part: line[ourPart], Read: names(line[ourRead]), Write: names(line[ourWrite]),
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
		Part: line[ourPart], Show: r.within(r.show(line)), Need: r.need(line), Map: dictionary(line[ourMap]),
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

// readColumns are the columns that are read; the rest of a filled row is named.
var readColumns = []string{
	"type", "name", "label", "hint", "required", "relevant", "calculation", "constraint", "appearance",
	ourKind, ourNeed, ourList, ourMost, ourUrgent, ourMap, ourPart, ourRead, ourWrite, ourShow, ourValue,
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
