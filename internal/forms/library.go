package forms

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// The states of a version of a form.
const (
	Draft     = "draft"     // can be changed and looked at, not filled
	Published = "published" // the highest published version is in force
	Retired   = "retired"   // is not begun any more; what was answered stays readable
)

// FirstOwn is the first version number of forms that are made on a node; those
// below belong to the packs. So a new pack never replaces what a country made.
const FirstOwn = 1000

// Pack is what of a jurisdiction pack the library asks.
type Pack interface {
	Lists
	Forms() []string
	Form(name string) []byte
}

// Version is one version of a form, as the library keeps it.
type Version struct {
	Form      *Form
	State     string
	Edition   int64     // how often it was changed; the page of a draft gives it back
	ChangedAt time.Time // when, and by whom, it was drafted, published or retired
	Author    ident.Staff
}

type key struct {
	form    string
	version int
}

// Library holds every version of every form. It is safe for concurrent use: what
// it hands out does not change.
type Library struct {
	codes Lists
	pack  map[key][]byte

	mu       sync.RWMutex // guards versions
	versions map[key]Version
}

// NewLibrary reads the forms of a pack. The error joins a fault for every wrong
// place of every form.
func NewLibrary(p Pack) (*Library, error) {
	l := &Library{codes: p, pack: map[key][]byte{}, versions: map[key]Version{}}
	var wrong []error
	for _, name := range p.Forms() {
		body := p.Form(name)
		f, err := Parse(body, p)
		switch {
		case err != nil:
			wrong = append(wrong, inFile(name, err))
			continue
		case f.ID != name:
			wrong = append(wrong, inFile(name, &Fault{Path: "form", Code: "file-name"}))
			continue
		case f.Version >= FirstOwn:
			wrong = append(wrong, inFile(name, &Fault{Path: "version", Code: "pack-version", args: []any{"first", FirstOwn}}))
			continue
		}
		k := key{f.ID, f.Version}
		l.pack[k], l.versions[k] = body, Version{Form: f, State: Published, Edition: 1}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("read forms: %w", errors.Join(wrong...))
	}
	return l, nil
}

func inFile(name string, err error) error { return fmt.Errorf("forms/%s.json: %w", name, err) }

// Install keeps the pack's forms in the database, and reads what else is there. A
// form that differs from what was in use under the same version is refused:
// answers would be read by other questions than were asked. A changed form needs
// a higher version.
func (l *Library) Install(ctx context.Context, tx *store.Tx) error {
	for _, k := range sortedVersions(l.pack) {
		v, body, err := l.read(ctx, tx, k)
		switch {
		case fault.Is(err, fault.NotFound):
			if _, err := tx.Exec(ctx, sqlInstallVersion, k.form, int64(k.version), tx.Micros(), l.pack[k]); err != nil {
				return fmt.Errorf("keep form: %w", err)
			}
		case err != nil:
			return err
		case !bytes.Equal(body, l.pack[k]):
			return fault.Wrap(fault.Unavailable, "form-version-changed", fmt.Errorf("form %s, version %d", k.form, v.Form.Version))
		}
	}
	return l.Refresh(ctx, tx)
}

func sortedVersions[V any](m map[key]V) []key {
	out := make([]key, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b key) int {
		if a.form != b.form {
			return bytes.Compare([]byte(a.form), []byte(b.form))
		}
		return a.version - b.version
	})
	return out
}

// Refresh reads what was changed since, perhaps by another instance.
func (l *Library) Refresh(ctx context.Context, tx *store.Tx) error {
	changed, err := l.changed(ctx, tx)
	if err != nil {
		return fmt.Errorf("read forms: %w", err)
	}
	for _, k := range changed {
		if _, err := l.load(ctx, tx, k); err != nil {
			return err
		}
	}
	return nil
}

// changed returns the versions that are not held as they are stored.
func (l *Library) changed(ctx context.Context, tx *store.Tx) ([]key, error) {
	rows, err := tx.Query(ctx, sqlSelectVersions)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	l.mu.RLock()
	defer l.mu.RUnlock()
	var out []key
	for rows.Next() {
		var k key
		var v Version
		var at int64
		if err := rows.Scan(&k.form, &k.version, &v.State, &v.Edition, &at, &v.Author); err != nil {
			return nil, err
		}
		if held, ok := l.versions[k]; !ok || held.Edition != v.Edition || held.ChangedAt.IsZero() {
			out = append(out, k)
		}
	}
	return out, rows.Err()
}

// read reads one version as it is stored.
func (l *Library) read(ctx context.Context, tx *store.Tx, k key) (v Version, body []byte, err error) {
	var at int64
	err = tx.QueryRow(ctx, sqlSelectVersion, k.form, int64(k.version)).Scan(&v.State, &v.Edition, &at, &v.Author, &body)
	if err != nil {
		return v, nil, fmt.Errorf("read form: %w", err)
	}
	v.ChangedAt = clock.FromMicros(at)
	if v.Form, err = Parse(body, l.codes); err != nil {
		return v, body, fault.Wrap(fault.Unavailable, "form-broken", err)
	}
	v.Form.Version = k.version
	return v, body, nil
}

func (l *Library) load(ctx context.Context, tx *store.Tx, k key) (Version, error) {
	v, _, err := l.read(ctx, tx, k)
	if err != nil {
		return v, err
	}
	l.put(k, v)
	return v, nil
}

func (l *Library) put(k key, v Version) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held, ok := l.versions[k]; !ok || held.Edition <= v.Edition {
		l.versions[k] = v
	}
}

// Version returns a version of a form; 0 is the one in force. ok is false where
// there is none.
func (l *Library) Version(form string, version int) (v Version, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if version != 0 {
		v, ok = l.versions[key{form, version}]
		return v, ok
	}
	for k, one := range l.versions {
		if k.form == form && one.State == Published && (!ok || one.Form.Version > v.Form.Version) {
			v, ok = one, true
		}
	}
	return v, ok
}

// Form returns a version of a form, 0 the one in force; nil if there is none.
func (l *Library) Form(form string, version int) *Form {
	v, _ := l.Version(form, version)
	return v.Form
}

// InForce returns the forms that can be begun, by name.
func (l *Library) InForce() []*Form {
	var out []*Form
	for _, v := range l.Versions("") {
		if v.State != Published {
			continue
		}
		if n := len(out); n > 0 && out[n-1].ID == v.Form.ID {
			out[n-1] = v.Form // versions ascend
			continue
		}
		out = append(out, v.Form)
	}
	return out
}

// Reads reports whether a role may read a question ("field" or "group.field") of a
// form about a case: the section in which it stands, in every version that was ever in
// use. A question that stands in none is read by nobody.
func (l *Library) Reads(form, field, role string) bool {
	asked := false
	for _, v := range l.Versions(form) {
		s := v.Form.SectionOf(field)
		if v.State == Draft || s == nil {
			continue
		}
		if asked = true; !s.MayRead(role) {
			return false
		}
	}
	return asked
}

// ReadsAll reports whether a role may read every section of every form about a case, in
// every version that was ever in use.
func (l *Library) ReadsAll(role string) bool {
	for _, v := range l.Versions("") {
		if v.State == Draft || v.Form.For != ForCase {
			continue
		}
		if slices.ContainsFunc(v.Form.Sections, func(s Section) bool { return !s.MayRead(role) }) {
			return false
		}
	}
	return true
}

// Versions returns all versions of a form, oldest first; of every form for "".
func (l *Library) Versions(form string) []Version {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var out []Version
	for _, k := range sortedVersions(l.versions) {
		if form == "" || k.form == form {
			out = append(out, l.versions[k])
		}
	}
	return out
}
