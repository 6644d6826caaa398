package web

import (
	"net/http"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
)

// taskRoutes are the pages about what waits in a case: flags and tasks.
func (s *Server) taskRoutes() {
	s.page("GET /child/{case}/tasks", s.tasks)
	s.form("/child/{case}/tasks/new", toTasks(s.taskForm()))
	s.form("/child/{case}/flags/new", toTasks(s.flagForm()))
	s.form("/child/{case}/tasks/{item}", toTasks(s.endTaskForm()))
	s.form("/child/{case}/flags/{item}", toTasks(s.resolveForm()))
}

// toTasks sends whoever carried a form out back to the child's tasks.
func toTasks(p formPage) formPage {
	do := p.do
	p.do = func(v *visit) (string, string, error) {
		next, done, err := do(v)
		return next + "/tasks", done, err
	}
	return p
}

// tasks is the page of what waits in a case, and of what was done about it.
func (s *Server) tasks(v *visit) error {
	c, err := v.opened()
	if err != nil {
		return err
	}
	view := Tasks{
		Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details),
		CanFlag: c.May["case.flag"], CanTask: c.May["case.task"] && !c.Case.Closed(),
	}
	view.Flags, view.Ended = v.items(view.Child.Href+"/flags/", c.Flags, view.CanFlag, view.Ended)
	view.Tasks, view.Ended = v.items(view.Child.Href+"/tasks/", c.Tasks, c.May["case.task"], view.Ended)
	view.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}

// items sorts flags or tasks into those that wait and, after others, those that
// have ended.
func (v *visit) items(at string, items []casework.Item, may bool, ended []Item) (open, _ []Item) {
	for n := range items {
		i := v.item(&items[n])
		if items[n].Open() {
			if may {
				i.End = at + items[n].ID.String()
			}
			open = append(open, i)
		} else {
			ended = append(ended, i)
		}
	}
	return open, ended
}

// item builds a flag or task as pages show it.
func (v *visit) item(i *casework.Item) Item {
	out := Item{
		State: i.State, Text: i.Text.Reveal(), By: v.name(i.Author), At: i.At.In(v.s.Zone), Due: DueOn(v.day(i.Due), v.today()),
		Ended: i.Ended,
	}
	switch i.Kind {
	case casework.ForLead, casework.ForHelper:
		out.For = v.name(i.Owner)
	case casework.ForSupervisor:
		out.For = v.l.Word("taskfor", i.Kind)
	default:
		out.Reason = v.label("flag_reason", i.Kind)
		if i.Kind == casework.FlagLookedFor && i.Text.IsZero() {
			out.Text = v.l.T("tasks.looked-for", "name", out.By)
		}
	}
	if !out.Ended.IsZero() {
		out.Due, out.Ended = nil, i.Ended.In(v.s.Zone)
	}
	return out
}

// flagged returns the flags that are up, for the head of a child's page.
func (v *visit) flagged(c *casework.Child) []Item {
	open, _ := v.items("/child/"+c.Case.ID.String()+"/flags/", c.Flags, c.May["case.flag"], nil)
	return open
}

// dueDay reads a day on which something is due, none where the field is empty.
func (v *visit) dueDay(field string) (time.Time, string) { return v.dueDayOf(v.value(field)) }

func (v *visit) dueDayOf(typed string) (time.Time, string) {
	typed = locale.PlainDigits(strings.TrimSpace(typed))
	if typed == "" {
		return time.Time{}, ""
	}
	d, ok := locale.ParseDay(typed)
	if !ok {
		return time.Time{}, "bad-date"
	}
	if v.today().Until(d) < 0 {
		return time.Time{}, "in-the-past"
	}
	return time.Date(d.Year, d.Month, d.Dom, dueHour, 0, 0, 0, v.s.Zone).UTC(), ""
}

// TaskFor returns the roles a task can be for; the page adds those who help.
func TaskFor(l *locale.Locale) []Option {
	return Options(l, "taskfor", casework.ForLead, casework.ForSupervisor)
}

// takers lists whom a task of a case can be for.
func (v *visit) takers(people []access.Reached) []Option {
	out := TaskFor(v.l)
	for _, p := range people {
		if p.Relation == access.RelationHelper && !p.Altered {
			id := ident.Staff(p.Holder)
			out = append(out, Option{Value: id.String(), Label: v.name(id)})
		}
	}
	return out
}

// task reads a task; its fields end with what tells one row from another.
func (v *visit) task(end string) (casework.Task, fault.Check) {
	var c fault.Check
	t := casework.Task{Text: v.text("task_text" + end), For: v.value("task_for" + end)}
	day, code := v.dueDay("task_day" + end)
	c.Require(code == "", "task_day"+end, code)
	t.Day = day
	if t.For != "" && t.For != casework.ForLead && t.For != casework.ForSupervisor {
		id, err := ident.Parse[ident.Staff](t.For)
		c.Require(err == nil, "task_for"+end, "not-in-list")
		t.For, t.Helper = casework.ForHelper, id
	}
	return t, c
}

func (s *Server) taskForm() formPage {
	return s.childForm("case.task",
		func(v *visit, c *casework.Child, f Form) any {
			return TaskForm{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, For: v.takers(c.People)}
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			t, check := v.task("")
			if err := check.Err(); err != nil {
				return "", err
			}
			return "task", s.Cases.SetTask(v.r.Context(), v.caller, cmd, id, t)
		})
}

func (s *Server) flagForm() formPage {
	return s.childForm("case.flag",
		func(v *visit, c *casework.Child, f Form) any {
			return FlagForm{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, Reasons: v.options("flag_reason")}
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			f, err := v.flag()
			if err != nil {
				return "", err
			}
			return "flag", s.Cases.PutFlag(v.r.Context(), v.caller, cmd, id, f)
		})
}

// flag reads a flag.
func (v *visit) flag() (casework.Flag, error) {
	day, code := v.dueDay("flag_day")
	if code != "" {
		return casework.Flag{}, fault.InvalidField("flag_day", code)
	}
	return casework.Flag{Reason: v.value("flag_reason"), Text: v.text("flag_text"), Day: day}, nil
}

// itemID reads the flag or task of the address.
func (v *visit) itemID() (casework.ItemID, error) {
	return ident.Parse[casework.ItemID](v.r.PathValue("item"))
}

// waitingItem finds an item that waits; the form about another shows itself again only
// with a fault, so that nothing typed is lost.
func (v *visit) waitingItem(items []casework.Item) *Item {
	id, err := v.itemID()
	if err != nil {
		return nil
	}
	for n := range items {
		if items[n].ID == id {
			i := v.item(&items[n])
			return &i
		}
	}
	return nil
}

// endPage is the form that ends a flag or task.
func (s *Server) endPage(action string, of func(*casework.Child) []casework.Item,
	do func(*visit, ident.Case, ident.Command, casework.ItemID) (string, error),
) formPage {
	p := s.childForm(action, nil, func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
		item, err := v.itemID()
		if err != nil {
			return "", err
		}
		return do(v, id, cmd, item)
	})
	p.show = func(v *visit, f Form) (any, error) {
		c, err := v.opened()
		if err != nil {
			return nil, err
		}
		what := v.waitingItem(of(c))
		if !c.May[action] || what == nil || what.State != casework.ItemOpen && f.Fault == "" {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		view := EndItem{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, What: *what}
		if what.Reason == "" {
			view.Ways = Options(v.l, "taskend", casework.TaskDone, casework.TaskImpossible)
		}
		view.Form = f.Ask("reason", v.l.T("item.end.why"))
		return view, nil
	}
	return p
}

func (s *Server) endTaskForm() formPage {
	return s.endPage("case.task", func(c *casework.Child) []casework.Item { return c.Tasks },
		func(v *visit, id ident.Case, cmd ident.Command, item casework.ItemID) (string, error) {
			how := v.value("task_end")
			if how != casework.TaskDone && how != casework.TaskImpossible {
				return "", fault.InvalidField("task_end", "required")
			}
			return "task-ended", s.Cases.EndTask(v.r.Context(), v.caller, cmd, id, item, how == casework.TaskDone, v.text("reason"))
		})
}

func (s *Server) resolveForm() formPage {
	return s.endPage("case.flag", func(c *casework.Child) []casework.Item { return c.Flags },
		func(v *visit, id ident.Case, cmd ident.Command, item casework.ItemID) (string, error) {
			return "flag-resolved", s.Cases.ResolveFlag(v.r.Context(), v.caller, cmd, id, item, v.text("reason"))
		})
}
