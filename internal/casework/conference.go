package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// KindConference is the event of a case conference.
const KindConference = "conference"

// Conference is what people of several sectors talked over about one child. It is
// the sealed part of its event and, like every event, never changes.
type Conference struct {
	_        struct{} `cbor:",toarray"`
	Day      sealed.Date
	Place    sealed.Text
	Attended []Attendee
	Points   []Point // the agenda
	// TookPart says how the child took part: one of [TookPart]; View is what the
	// child said about it, in the child's words.
	TookPart string
	View     sealed.Text
}

// Attendee is somebody who was asked to a conference: somebody who works here, or
// an outsider by name.
type Attendee struct {
	_      struct{} `cbor:",toarray"`
	Staff  []byte   // none: an outsider
	Name   sealed.Text
	Sector string // code list sector
	Absent bool
}

// Point is one point of the agenda: what was said, what was decided, and the task
// the decision became.
type Point struct {
	_        struct{} `cbor:",toarray"`
	Topic    sealed.Text
	Said     sealed.Text
	Decision sealed.Text
	Task     []byte // none: the decision asks nobody to do anything
}

// TookPart are the answers to how the child took part. None is a default.
func TookPart() []string { return []string{"there", "asked", "not_asked"} }

const (
	// MostAttendees is how many people a conference names.
	MostAttendees = 20
	// MostPoints is how many points its agenda has.
	MostPoints = 12
)

// Held is a conference to be written down. Tasks has an entry for each point, nil
// where it asks nobody to do anything.
type Held struct {
	Conference
	Tasks  []*Task
	Agreed []Agreed // who of the child's circle does what was decided
}

func (h *Held) check(codes Codes, now time.Time) error {
	var c fault.Check
	c.Require(!h.Day.IsZero(), "contact_on", "required")
	if year, month, dom := h.Day.RevealParts(); !h.Day.IsZero() {
		day := time.Date(year, time.Month(month), dom, 0, 0, 0, 0, time.UTC)
		c.Require(dom > 0 && year >= firstYear && !day.After(now.Add(aheadOfUTC)), "contact_on", "out-of-range")
	}
	text(&c, "conference_place", h.Place, mostName)
	c.Require(slices.Contains(TookPart(), h.TookPart), "took_part", "required")
	text(&c, "child_view", h.View, mostText)
	c.Require(len(h.Attended) > 0, "attend_name_0", "required")
	c.Require(len(h.Attended) <= MostAttendees, "attend_name_0", "too-many")
	for i := range h.Attended {
		a, at := &h.Attended[i], fmt.Sprintf("_%d", i)
		c.Require(len(a.Staff) == 16 || len(a.Staff) == 0 && !a.Name.IsZero(), "attend_name"+at, "required")
		text(&c, "attend_name"+at, a.Name, mostName)
		c.Require(codes.Valid("sector", a.Sector), "attend_sector"+at, "required")
	}
	c.Require(len(h.Points) > 0, "point_topic_0", "required")
	c.Require(len(h.Points) <= MostPoints && len(h.Tasks) == len(h.Points), "point_topic_0", "too-many")
	for i := range h.Points {
		p, at := &h.Points[i], fmt.Sprintf("_%d", i)
		c.Require(!p.Topic.IsZero(), "point_topic"+at, "required")
		text(&c, "point_topic"+at, p.Topic, mostReason)
		text(&c, "point_said"+at, p.Said, mostText)
		text(&c, "point_decision"+at, p.Decision, mostReason)
		if i < len(h.Tasks) && h.Tasks[i] != nil {
			h.Tasks[i].check(&c, func(field string) string { return "task_" + field + at }, now)
		}
	}
	for _, a := range h.Agreed {
		asked := slices.ContainsFunc(h.Attended, func(one Attendee) bool { return string(one.Staff) == string(a.Staff) })
		at := fmt.Sprintf("agreed_who_%d", a.Point)
		c.Require(len(a.Staff) == 16 && asked && a.Point >= 0 && a.Point < int64(len(h.Points)), at, "not-asked-to-it")
		c.Require(a.Point < 0 || a.Point >= int64(len(h.Points)) || !h.Points[a.Point].Decision.IsZero(), at, "nothing-decided")
	}
	return c.Err()
}

// Confer writes a conference down, and sets the tasks that its decisions became in
// the same act: all of it stands, or none.
func (r *Room) Confer(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, h Held) error {
	if err := h.check(r.codes, r.clk.Now()); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.confer", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		held := h.Conference
		held.Points = slices.Clone(h.Points) // the act may be run again
		about := [16]byte(ident.New[ident.Event]())
		for i, task := range h.Tasks {
			if task == nil {
				continue
			}
			if row.Closed() {
				return nil, errClosed()
			}
			item, err := r.addTask(ctx, p, row, task, about)
			if err != nil {
				for _, f := range fault.FieldsOf(err) {
					return nil, fault.InvalidField(fmt.Sprintf("%s_%d", f.Name, i), f.Code)
				}
				return nil, err
			}
			held.Points[i].Task = item.ID[:]
		}
		return &Event{Kind: KindConference, Content: Content{Conference: &held, Of: about[:], Agreed: h.Agreed}}, nil
	})
}
