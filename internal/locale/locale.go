// Package locale holds every word the pages say, in every language, and knows
// how each language counts and writes numbers, days and times.
//
// It never builds a sentence from pieces: a caller names a message and its
// values, the message decides the order of the words. It never knows where a
// message is shown. Start at [Get] and [Locale.T]; the messages are the flat
// files in messages/, one per language, and messages/README.md says how to
// translate them.
package locale

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

//go:embed messages/*.json
var files embed.FS

// CookieName is the cookie that remembers the language chosen before sign-in.
const CookieName = "causeway_lang"

// Locale is one language with its messages. It is immutable and safe for
// concurrent use.
type Locale struct {
	tag      language.Tag
	code     string
	name     string // in the language itself
	rtl      bool
	decimal  string // between whole and part
	group    string // between thousands
	months   [12]string
	monthsSh [12]string
	weekdays [7]string
	messages map[string]message
}

// all lists the languages in the order they are offered.
var all = mustLoad(english, french, arabic)

// Languages returns the offered languages, in the order to offer them.
func Languages() []*Locale { return slices.Clone(all) }

// Get returns the language with this code, or English when there is none.
func Get(code string) *Locale {
	if l := find(code); l != nil {
		return l
	}
	return all[0]
}

// Known reports whether code names an offered language.
func Known(code string) bool { return find(code) != nil }

func find(code string) *Locale {
	for _, l := range all {
		if l.code == code {
			return l
		}
	}
	return nil
}

// Code returns the language's short code, such as "fr", for the lang attribute.
func (l *Locale) Code() string { return l.code }

// Name returns the language's name in the language itself.
func (l *Locale) Name() string { return l.name }

// Dir returns the direction of the script, "ltr" or "rtl".
func (l *Locale) Dir() string {
	if l.rtl {
		return "rtl"
	}
	return "ltr"
}

// T returns the message of key with its placeholders filled. args are pairs of
// a placeholder's name and its value; numbers choose the plural form and are
// written the language's way, texts are kept apart from the sentence's
// direction. A key that does not exist comes back in angle brackets, so that
// it is seen; a test keeps that from happening.
func (l *Locale) T(key string, args ...any) string {
	m, ok := l.messages[key]
	if !ok {
		return "‹" + key + "›"
	}
	return m.format(l, args)
}

// Has reports whether the language has a message of this key.
func (l *Locale) Has(key string) bool {
	_, ok := l.messages[key]
	return ok
}

// Word returns the message of a coded value: group "stage" and code "assessed"
// is the message "stage.assessed". A code without words, such as one added by
// a jurisdiction pack, is shown as it is; the empty code is the empty text.
func (l *Locale) Word(group, code string) string {
	if code == "" {
		return ""
	}
	if m, ok := l.messages[group+"."+code]; ok {
		return m.format(l, nil)
	}
	return strings.ReplaceAll(code, "_", " ")
}

// Error returns the words for a fault's message code.
func (l *Locale) Error(code string) string {
	if m, ok := l.messages["error."+code]; ok {
		return m.format(l, nil)
	}
	return l.T("error.other")
}

// Keys returns every message key, sorted.
func (l *Locale) Keys() []string {
	keys := make([]string, 0, len(l.messages))
	for k := range l.messages {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Placeholders returns the sorted names that the message of key expects.
func (l *Locale) Placeholders(key string) []string {
	names := l.messages[key].placeholders(nil)
	slices.Sort(names)
	return slices.Compact(names)
}

// PluralForms returns, for each plural placeholder of key, the sorted forms the
// message spells out, such as "few" and "other".
func (l *Locale) PluralForms(key string) map[string][]string {
	forms := map[string][]string{}
	l.messages[key].pluralForms(forms)
	return forms
}

// mustLoad reads the message files of each language: en.json, and one more for
// each room with many words, such as en.forms.json.
func mustLoad(locales ...*Locale) []*Locale {
	for _, l := range locales {
		names, err := fs.Glob(files, "messages/"+l.code+".*")
		if err != nil {
			panic("locale: " + err.Error())
		}
		l.messages = map[string]message{}
		for _, name := range names {
			if err := l.load(name); err != nil {
				panic("locale: " + name + ": " + err.Error())
			}
		}
	}
	return locales
}

// load adds the messages of one file. A key of another file is an error.
func (l *Locale) load(name string) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	messages, err := Parse(b)
	if err != nil {
		return err
	}
	for key, m := range messages {
		if _, twice := l.messages[key]; twice {
			return fmt.Errorf("key %s stands in another file too", key)
		}
		l.messages[key] = m
	}
	return nil
}
