package web

import "time"

// Tasks is what waits in a case: flags and tasks, and what was done about them.
type Tasks struct {
	Frame
	Child            Child
	Flags, Tasks     []Item // that wait
	Ended            []Item // flags and tasks, those that ended last
	CanFlag, CanTask bool
}

// Item is a flag or a task.
type Item struct {
	Reason string // of a flag, in words
	For    string // of a task: who does it
	State  string // words "itemstate.<State>"
	Text   string
	By     string
	At     time.Time
	Due    *Due
	Ended  time.Time // zero: it waits
	End    string    // the form that ends it, "" where the reader may not
}

// TaskForm sets a task.
type TaskForm struct {
	Frame
	Child Child
	Form  Form // task_text, task_for, task_day
	For   []Option
}

// FlagForm flags a case.
type FlagForm struct {
	Frame
	Child   Child
	Form    Form // flag_reason, flag_text, flag_day
	Reasons []Option
}

// EndItem ends a flag or a task.
type EndItem struct {
	Frame
	Child Child
	Form  Form // task_end, reason
	What  Item
	Ways  []Option // of a task: done or not possible
}
