package casework

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// ArrivalRow is one child of the table as it was filled in. Empty fields change
// nothing: a name once known is not lost because a form did not carry it.
type ArrivalRow struct {
	At        int // number in the names of the form's fields
	Case      ident.Case
	Seen      int64 // version of the person on the page
	Name      sealed.Text
	Age       string // in full years, as it seems or as the child says
	Sex       string
	Language  string
	Urgent    sealed.Text
	Bed       sealed.Text
	Transport sealed.Text
	Family    string
}

// familyMarks are the marks of those who belong together, in the order of the table.
var familyMarks = []string{"A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "L", "M"}

// FamilyMarks returns the marks by which a table says who belongs together.
func FamilyMarks() []string { return slices.Clone(familyMarks) }

// oldestArrival is the highest age the table takes: whoever looks older is
// registered on the whole form.
const oldestArrival = 20

func (w *ArrivalRow) check(c *fault.Check, codes Codes) {
	field := func(name string) string { return fmt.Sprintf("%s_%d", name, w.At) }
	text(c, field("child_name"), w.Name, 200)
	if years, err := strconv.Atoi(w.Age); w.Age != "" {
		c.Require(err == nil && years >= 0 && years <= oldestArrival, field("age"), "out-of-range")
	}
	text(c, field("urgent"), w.Urgent, mostShort)
	text(c, field("bed"), w.Bed, mostShort)
	text(c, field("transport"), w.Transport, mostShort)
	c.Require(w.Sex == "" || codes.Valid("sex_recorded", w.Sex), field("sex"), "not-in-list")
	c.Require(w.Language == "" || codes.Valid("language", w.Language), field("language"), "not-in-list")
	c.Require(w.Family == "" || slices.Contains(familyMarks, w.Family), field("family"), "not-in-list")
}

// SaveArrivals writes what the table of a group intake says: one command for each
// child of whom something is new, all or none. Who has the same mark becomes one
// group. It returns how many children something was written for.
func (r *Room) SaveArrivals(ctx context.Context, c *access.Caller, cmd ident.Command, tie ident.Tie, rows []ArrivalRow) (int, error) {
	var chk fault.Check
	for i := range rows {
		rows[i].check(&chk, r.codes)
	}
	if err := chk.Err(); err != nil {
		return 0, err
	}
	page, err := r.IntakePage(ctx, c, tie)
	if err != nil {
		return 0, err
	}
	var commands []func(*Room) error
	var first access.Act
	marked := map[string]bool{} // marks that somebody new has
	for _, w := range rows {
		i := slices.IndexFunc(page.Children, func(a Arrived) bool { return a.Case.ID == w.Case })
		if i < 0 {
			return 0, fault.New(fault.NotFound, "no-such-page")
		}
		was := &page.Children[i]
		details, arrival := was.Person.Details, was.Arrival
		named, about := w.onto(&details, r.clk.Now()), w.arranged(&arrival)
		if !named && !about {
			continue
		}
		if arrival.Family != was.Arrival.Family {
			if was.Arrival.Family != "" {
				return 0, fault.InvalidField(fmt.Sprintf("family_%d", w.At), "in-another-group")
			}
			marked[arrival.Family] = true
		}
		was.Arrival.Family = arrival.Family
		change := arrivalChange{w: w, strand: was.Strand.ID, arrival: &arrival, urgent: !w.Urgent.IsZero()}
		if named {
			change.details = &details
		}
		if len(commands) == 0 {
			first = access.Act{Action: "case.update", Command: eachOf(cmd, w.Case)}
		}
		commands = append(commands, func(room *Room) error { return room.saveArrival(ctx, c, eachOf(cmd, w.Case), &change) })
	}
	written := len(commands)
	for _, mark := range familyMarks {
		if ids := page.marked(mark); marked[mark] && len(ids) > 1 {
			commands = append(commands, r.joining(ctx, c, pieceOf(cmd, int64(mark[0])), "siblings", ids)...)
		}
	}
	if written == 0 {
		return 0, nil
	}
	return written, r.together(ctx, c, first, commands...)
}

// marked returns the children of a mark.
func (page *IntakePage) marked(mark string) (ids []ident.Case) {
	for i := range page.Children {
		if a := &page.Children[i]; a.Arrival.Family == mark {
			ids = append(ids, a.Case.ID)
		}
	}
	return ids
}

// onto writes a row over what is known of a child, and reports whether it said
// anything new.
func (w *ArrivalRow) onto(d *person.Details, now time.Time) (news bool) {
	if name := w.Name.Reveal(); name != "" && name != d.Called().Reveal() {
		d.Names = slices.DeleteFunc(slices.Clone(d.Names), func(n person.Name) bool { return n.Kind == "known_as" })
		d.Names = append([]person.Name{{Text: w.Name, Kind: "known_as"}}, d.Names...)
		news = true
	}
	young, old, known := d.Birth.Years(now)
	if years, err := strconv.Atoi(w.Age); err == nil && !(known && young == years && old == years) {
		d.Birth, news = BornIn(w.Age+"-"+w.Age, now), true
	}
	if w.Sex != "" && w.Sex != d.SexRecorded {
		d.SexRecorded, news = w.Sex, true
	}
	if w.Language != "" && (len(d.Languages) == 0 || d.Languages[0] != w.Language) {
		rest := slices.DeleteFunc(slices.Clone(d.Languages), func(l string) bool { return l == w.Language })
		d.Languages, news = append([]string{w.Language}, rest...), true
	}
	return news
}

// arranged writes a row over what is arranged for a child.
func (w *ArrivalRow) arranged(a *Arrival) (news bool) {
	for _, f := range []struct {
		typed sealed.Text
		into  *sealed.Text
	}{{w.Urgent, &a.Urgent}, {w.Bed, &a.Bed}, {w.Transport, &a.Transport}} {
		if !f.typed.IsZero() && f.typed.Reveal() != f.into.Reveal() {
			*f.into, news = f.typed, true
		}
	}
	if w.Family != "" && w.Family != a.Family {
		a.Family, news = w.Family, true
	}
	return news
}

// arrivalChange is what is new of one child.
type arrivalChange struct {
	w       ArrivalRow
	strand  ident.Strand
	details *person.Details // nil: nothing new
	arrival *Arrival
	urgent  bool
}

// saveArrival writes what is new of one child. What a child needs at once brings the
// next contact as near as that of a child at high risk.
func (r *Room) saveArrival(ctx context.Context, c *access.Caller, cmd ident.Command, n *arrivalChange) error {
	return r.onStrand(ctx, c, cmd, n.w.Case, "case.update", StrandIntake, n.strand, 0, func(p *access.Pass, row *Case, _ *Strand) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		if d := n.details; d != nil {
			if n.w.Seen != row.PersonVersion {
				return nil, fault.New(fault.Conflict, "changed-meanwhile")
			}
			if err := r.persons.Update(ctx, p, row.Person, n.w.Seen, d); err != nil {
				return nil, err
			}
			row.PersonVersion++
			row.Sex, row.AgeBand = orElse(d.SexRecorded, "unknown"), r.persons.AgeBand(d.Birth, p.Now())
		}
		e := &Event{Kind: KindArrivalChanged, Content: Content{Arrival: n.arrival}}
		if due := r.codes.Clock(firstContact("high")).After(p.Now()); n.urgent && (row.NextContact.IsZero() || due.Before(row.NextContact)) {
			row.NextContact, e.Due = due, due.UnixMicro()
		}
		return e, nil
	})
}

// AllocateTo is a worker who can be given children of a group intake.
type AllocateTo struct {
	Worker ident.Staff
	Unit   ident.Unit
}

// Allocate gives the children of a group intake whom nobody but who took them in has
// led yet to workers, as evenly as can be. Who belongs together stays with one worker. It returns
// how many children have another worker now.
func (r *Room) Allocate(ctx context.Context, c *access.Caller, cmd ident.Command, tie ident.Tie, to []AllocateTo) (int, error) {
	if len(to) == 0 {
		return 0, fault.InvalidField("workers", "required")
	}
	page, err := r.IntakePage(ctx, c, tie)
	if err != nil {
		return 0, err
	}
	load := make([]int, len(to))
	of := map[string]int{} // which worker has a mark
	var commands []func(*Room) error
	var first access.Act
	for i := range page.Children {
		a := &page.Children[i]
		if string(a.Arrival.By) != string(a.Case.Worker[:]) || a.Case.Closed() {
			continue
		}
		w, known := of[a.Arrival.Family]
		if !known || a.Arrival.Family == "" {
			w = lightest(load)
			of[a.Arrival.Family] = w
		}
		load[w]++
		if to[w].Worker == a.Case.Worker {
			continue
		}
		id := a.Case.ID
		if len(commands) == 0 {
			first = access.Act{Action: "case.assign", Command: eachOf(cmd, id)}
		}
		commands = append(commands, func(room *Room) error {
			return room.Assign(ctx, c, eachOf(cmd, id), id, to[w].Worker, to[w].Unit, sealed.Text{}, 0)
		})
	}
	if len(commands) == 0 {
		return 0, nil
	}
	return len(commands), r.together(ctx, c, first, commands...)
}

// lightest returns who has least.
func lightest(load []int) int {
	least := 0
	for i, n := range load {
		if n < load[least] {
			least = i
		}
	}
	return least
}
