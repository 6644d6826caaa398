package xlsform

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/forms"
	"causeway/internal/pack"
)

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
			r.lost[Lost{Code: LostLanguage, Detail: lang}] = true
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
