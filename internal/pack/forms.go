package pack

import (
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// forms reads the forms of a folder, forms/<form>.json. A form replaces the one
// of the same name below. What a form says is read and judged by package forms,
// which knows what it means; here it must be JSON.
func (l *loader) forms() {
	names, err := fs.Glob(l.folder, "forms/*.json")
	if err != nil {
		l.fault("forms", 0, 0, "cannot be listed")
	}
	for _, file := range names { // Glob sorts: the digest does not depend on the disk
		b, ok := l.read(file)
		if !ok {
			continue
		}
		name := strings.TrimSuffix(path.Base(file), ".json")
		switch {
		case !validCode(name):
			l.fault(file, 0, 0, "the name must be letters, digits, - or _")
		case !utf8.Valid(b) || !json.Valid(b):
			l.fault(file, 0, 0, "cannot be read as JSON")
		default:
			if l.pack.forms == nil {
				l.pack.forms = map[string][]byte{}
			}
			l.pack.forms[name] = b
		}
	}
}

// Forms returns the names of the pack's forms, sorted.
func (p *Pack) Forms() []string { return slices.Sorted(maps.Keys(p.forms)) }

// Form returns the file of a form, nil if the pack has none of this name.
func (p *Pack) Form(name string) []byte { return slices.Clone(p.forms[name]) }
