package casework

import (
	"context"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// KindImported is the event that keeps what another program said of a case, as it
// stood in its file: nothing is lost, whatever was understood of it, and an export
// in the same form can give it back.
const KindImported = "imported"

// Source is a case as another program described it, as far as its reader may read it:
// what was taken for an answer by whoever may read the section of the question, what was
// kept only here, and whole sub-forms, by whoever may read every section, since they may
// belong to any.
type Source struct {
	Profile string        `cbor:"1,keyasint"` // the form of the description, such as "htcds-2.0"
	Names   []string      `cbor:"2,keyasint"` // of the fields or columns
	Values  []sealed.Text `cbor:"3,keyasint"` // beside them, as they were written
	Taken   []string      `cbor:"4,keyasint"` // beside them, what each was taken for, in the words of the import: see [Source.For]
	On      string        `cbor:"5,keyasint"` // the day on which ages were true, as 2006-01-02
	Hidden  bool          `cbor:"-"`          // the reader's role may not read all of it
}

// For returns what a field was taken for: "keep" or "skip" where it was not,
// "answer/form.question", "entries/" of a sub-form, or a field of the case such as
// "identifier/passport".
func (s *Source) For(i int) string {
	choice, _, _ := strings.Cut(s.Taken[i], ";")
	return choice
}

// readable returns what of the source the reader of a look may read. Where a part of
// the case is withheld from them, nothing that a form asks for is shown: the file may
// have said it in other words.
func (s *Source) readable(f *forms.Room, p *access.Pass) *Source {
	role, hides := p.Caller().Role(), p.HidesAny()
	if f == nil || f.Library().ReadsAll(role) && !hides {
		return s
	}
	out := &Source{Profile: s.Profile, On: s.On}
	for i, name := range s.Names {
		if !sourceRead(f, s.For(i), role) || hides && strings.HasPrefix(s.For(i), "answer/") {
			out.Hidden = true
			continue
		}
		out.Names, out.Values, out.Taken = append(out.Names, name), append(out.Values, s.Values[i]), append(out.Taken, s.Taken[i])
	}
	return out
}

// sourceRead reports whether a role that may not read every section may read what was
// taken for choice.
func sourceRead(f *forms.Room, choice, role string) bool {
	field, kind, _ := strings.Cut(choice, "/")
	switch field {
	case "", "keep", "skip", "entries": // of a sub-form not every field was understood
		return false
	case "answer":
		form, question, _ := strings.Cut(kind, ".")
		return f.Library().Reads(form, question, role)
	}
	return true // of the case itself, which the reader has opened
}

// SourceMost bounds a source in bytes of its names and values. It stands on the
// timeline, which is opened as a whole.
const SourceMost = 256 << 10

// size returns the bytes of a source.
func (s *Source) size() (n int) {
	for i, name := range s.Names {
		n += len(name) + len(s.Values[i].Reveal())
	}
	return n
}

// KeepSource keeps what another program said of a case.
func (r *Room) KeepSource(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, s Source) error {
	var chk fault.Check
	chk.Require(s.Profile != "" && len(s.Names) == len(s.Values) && len(s.Names) == len(s.Taken), "source", "required")
	if err := chk.Err(); err != nil {
		return err
	}
	if s.size() > SourceMost {
		return fault.InvalidField("source", "too-long")
	}
	return r.act(ctx, c, cmd, id, "case.note", PurposeCare, 0, func(*access.Pass, *Case) (*Event, error) {
		return &Event{Kind: KindImported, Content: Content{NoteKind: s.Profile, Source: &s}}, nil
	})
}

// ImportedFrom returns the newest source of a case in a form, nil for none.
func (c *Child) ImportedFrom(profile string) *Source {
	for i := range c.Events { // newest first
		if s := c.Events[i].Source; s != nil && (profile == "" || s.Profile == profile) {
			return s
		}
	}
	return nil
}
