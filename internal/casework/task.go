package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// The events of tasks. The sealed part of each names the task.
const (
	KindTask           = "task"
	KindTaskDone       = "task-done"
	KindTaskImpossible = "task-impossible"
)

// Whom a task is for.
const (
	ForLead       = "lead"       // whoever leads the case when it is set
	ForHelper     = "helper"     // one person who helps with it
	ForSupervisor = "supervisor" // whoever supervises the unit
)

// Task is something that somebody has to do in a case by a day.
type Task struct {
	Text   sealed.Text
	Day    time.Time
	For    string
	Helper ident.Staff // with [ForHelper]: who
}

// check validates the task; name gives the names of the form's fields.
func (t *Task) check(c *fault.Check, name func(string) string, now time.Time) {
	c.Require(!t.Text.IsZero(), name("text"), "required")
	text(c, name("text"), t.Text, mostReason)
	c.Require(!t.Day.IsZero(), name("day"), "required")
	c.Require(t.Day.IsZero() || inReach(t.Day, now), name("day"), "out-of-range")
	c.Require(t.For == ForLead || t.For == ForSupervisor || t.For == ForHelper && !t.Helper.IsZero(), name("for"), "required")
}

// SetTask sets a task.
func (r *Room) SetTask(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, t Task) error {
	var chk fault.Check
	t.check(&chk, func(field string) string { return "task_" + field }, r.clk.Now())
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.task", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		i, err := r.addTask(ctx, p, row, &t, [16]byte{})
		if err != nil {
			return nil, err
		}
		return &Event{Kind: KindTask, Content: Content{To: t.For, Text: t.Text, Of: i.ID[:], Who: i.owner(), Due: micros(i.Due)}}, nil
	})
}

func (i *Item) owner() []byte {
	if i.Owner.IsZero() {
		return nil
	}
	return i.Owner[:]
}

// addTask stores a task and its deadline. about is the conference it was decided
// in, zero for none.
func (r *Room) addTask(ctx context.Context, p *access.Pass, row *Case, t *Task, about [16]byte) (*Item, error) {
	i := &Item{table: taskTable, Kind: t.For, Due: t.Day, About: about}
	switch t.For {
	case ForLead:
		i.Owner = row.Worker
	case ForHelper:
		helps, err := helpsWith(ctx, p, t.Helper)
		if err != nil {
			return nil, err
		}
		if !helps {
			return nil, fault.InvalidField("task_for", "not-in-list")
		}
		i.Owner = t.Helper
	}
	if err := i.add(ctx, p, t.Text); err != nil {
		return nil, err
	}
	return i, r.itemDue(ctx, p, row, i, dueTask)
}

// helpsWith reports whether somebody works on the pass's case.
func helpsWith(ctx context.Context, p *access.Pass, who ident.Staff) (bool, error) {
	people, err := p.Reached(ctx)
	if err != nil {
		return false, err
	}
	for _, h := range people {
		if h.Holder == [16]byte(who) && (h.Relation == access.RelationHelper || h.Relation == access.RelationLead) {
			return true, nil
		}
	}
	return false, nil
}

// EndTask says that a task was done, or that it could not be done and why.
func (r *Room) EndTask(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, task ItemID, done bool, why sealed.Text) error {
	var chk fault.Check
	chk.Require(done || !why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	state, kind := TaskDone, KindTaskDone
	if !done {
		state, kind = TaskImpossible, KindTaskImpossible
	}
	return r.act(ctx, c, cmd, id, "case.task", PurposeCare, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		i, err := r.endItem(ctx, p, taskTable, task, state, dueTask)
		if err != nil {
			return nil, err
		}
		return &Event{Kind: kind, Content: Content{Text: why, Of: i.ID[:]}}, nil
	})
}

// The kinds of deadlines of flags and tasks (code list deadline_kind).
const (
	dueFlag = "flag"
	dueTask = "task"
)

// itemDue starts the clock of a flag or task: its owner sees it on the day.
func (r *Room) itemDue(ctx context.Context, p *access.Pass, row *Case, i *Item, kind string) error {
	_, err := r.dues.Set(ctx, p, deadline.What{Kind: kind, About: i.ID, Owner: i.Owner, Unit: row.Unit, Due: i.Due})
	return err
}

// endItem ends a flag or task and what was due for it.
func (r *Room) endItem(ctx context.Context, p *access.Pass, table string, id ItemID, state, due string) (*Item, error) {
	i, err := openItem(ctx, p, table, id)
	if err != nil {
		return nil, err
	}
	if err := i.end(ctx, p, state); err != nil {
		return nil, err
	}
	_, err = r.dues.MeetOne(ctx, p, due, i.ID)
	return i, err
}

// Tasks is the flags and tasks of a case.
type Tasks struct {
	Case   Case
	Person person.Record
	Flags  []Item // open ones first
	Tasks  []Item // open ones first, earliest due first
	People []access.Reached
	May    map[string]bool
	Entry  ident.Entry
}

// OpenTasks reads the flags and tasks of a case.
func (r *Room) OpenTasks(ctx context.Context, c *access.Caller, id ident.Case) (*Tasks, error) {
	child, err := r.Open(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return &Tasks{
		Case: child.Case, Person: child.Person, Flags: child.Flags, Tasks: child.Tasks, People: child.People, May: child.May,
		Entry: child.Entry,
	}, nil
}
