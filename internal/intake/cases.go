package intake

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/intake/calendar"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// Cases is the register that rows go into: package casework, a whole batch in one
// group of the gate.
type Cases struct {
	Gate *access.Gate
	Room *casework.Room
	// Staff returns whose sign-in name this is, if cases can be given to them.
	Staff func(ctx context.Context, signIn string) (ident.Staff, bool)
}

// noteKind is the code of the note that holds what has no field of its own.
const noteKind = "other"

// Worker reports whether cases can be given to somebody of this sign-in name.
func (r *Cases) Worker(ctx context.Context, signIn string) bool {
	_, ok := r.Staff(ctx, signIn)
	return ok
}

// Register implements [Register].
func (r *Cases) Register(ctx context.Context, c *access.Caller, rows []*Row, done func(context.Context, *access.Pass) error) error {
	children := make([]casework.Registration, len(rows))
	for i, row := range rows {
		var err error
		if children[i], err = registration(row); err != nil {
			return err
		}
		if row.Worker == "" {
			continue
		}
		worker, ok := r.Staff(ctx, row.Worker)
		if !ok { // the account was closed after the dry run
			return fault.InvalidField("worker", NoSuchWorker)
		}
		children[i].Worker = worker
	}
	return r.Gate.Group(ctx, func(g *access.Gate) error {
		room := r.Room.In(g)
		for i, row := range rows {
			id, err := room.Register(ctx, c, ident.Command{}, children[i])
			if err != nil {
				return err
			}
			if src, ok := source(row); ok {
				if err := room.KeepSource(ctx, c, ident.Command{}, id, src); err != nil {
					return err
				}
			}
			for _, form := range slices.Sorted(maps.Keys(row.Answers)) {
				in := casework.RecordInput{Form: form, Answers: row.Answers[form]}
				if _, err := room.BeginRecord(ctx, c, ident.Command{}, id, in, &children[i].Person); err != nil {
					return err
				}
			}
			if err := keepNotes(ctx, room, c, id, row); err != nil {
				return err
			}
		}
		_, err := g.Do(ctx, c, access.Act{Action: action, Purpose: purpose}, func(p *access.Pass) (string, error) {
			return "", done(ctx, p)
		})
		return err
	})
}

// keepNotes writes what the row itself says in notes, and then what the entries of
// its sub-forms say.
func keepNotes(ctx context.Context, room *casework.Room, c *access.Caller, id ident.Case, row *Row) error {
	if n, ok := note(row); ok {
		from := room
		if row.Profile == Primero {
			from = room.From(casework.Origin{Profile: row.Profile})
		}
		if err := from.AddNote(ctx, c, ident.Command{}, id, n); err != nil {
			return err
		}
	}
	return keepParts(ctx, room, c, id, row)
}

// registration turns a row into what opens a case.
func registration(row *Row) (casework.Registration, error) {
	g := casework.Registration{
		Place: sealed.NewText(row.Place), Region: row.Region, Risk: row.Risk, Basis: row.Basis, Stage: row.Stage,
		OpenedAt: noon(row.Opened), NextContact: noon(row.NextContact),
	}
	d := &g.Person
	d.SexRecorded, d.GenderTold = row.SexRecorded, row.GenderTold
	d.Nationalities, d.Languages = row.Nationalities, row.Languages
	for _, n := range row.Names {
		d.Names = append(d.Names, person.Name{Text: sealed.NewText(n.Text), Kind: n.Kind, Script: n.Script})
	}
	for _, i := range row.Identifiers {
		d.Identifiers = append(d.Identifiers, person.Identifier{Kind: i.Kind, Value: sealed.NewText(i.Value)})
	}
	d.Birth.Source = row.Birth.Source
	if row.Birth.Earliest.IsZero() {
		return g, nil
	}
	var err error
	if d.Birth.Earliest, err = sealed.ParseDate(row.Birth.Earliest.String()); err != nil {
		return g, err
	}
	d.Birth.Latest, err = sealed.ParseDate(row.Birth.Latest.String())
	return g, err
}

// noon is the middle of a day in UTC, which is that day nearly everywhere.
func noon(d calendar.Day) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.Time().Add(12 * time.Hour)
}

// source is what the file said of the case, where it describes whole cases.
func source(row *Row) (casework.Source, bool) {
	s := casework.Source{Profile: row.Profile, On: row.AgesOn.String()}
	for _, c := range row.Source {
		text := c.Text
		if c.Raw != "" {
			text = c.Raw
		}
		s.Names, s.Values, s.Taken = append(s.Names, c.Name), append(s.Values, sealed.NewText(text)), append(s.Taken, c.As.taken())
	}
	return s, len(s.Names) > 0
}

// note is the note of a row: the columns of notes, and what was kept because no
// field could take it, each with its column's name. What the whole file says of
// the case is kept apart, and needs no note.
func note(row *Row) (casework.Note, bool) {
	var kept strings.Builder
	kept.WriteString(row.Note.Text)
	for _, k := range row.Kept {
		if len(row.Source) > 0 {
			break
		}
		if kept.Len() > 0 {
			kept.WriteByte('\n')
		}
		kept.WriteString(join(k.Header, k.Text, ": "))
	}
	seen := join(row.Note.Seen, kept.String(), "\n")
	n := casework.Note{Kind: noteKind, Words: sealed.NewText(row.Note.Words), Seen: sealed.NewText(seen), Thought: sealed.NewText(row.Note.Thought)}
	return n, row.Note != Note{} || len(row.Kept) > 0 && len(row.Source) == 0
}
