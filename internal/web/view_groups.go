package web

import "causeway/internal/locale"

// Groups is the list of groups of staff.
type Groups struct {
	Frame
	Form    Form
	Rows    []GroupRow
	CanEdit bool
}

// GroupRow is one group of the list.
type GroupRow struct {
	Href, Name string
	People     int
}

// GroupPage is one group with its people.
type GroupPage struct {
	Frame
	Name    string
	Form    Form // its name
	Join    Form // who is added
	Quit    string
	Members []GroupMember
	People  []Option // who can be added
	List    string   // its people among all
	CanEdit bool
}

// GroupMember is somebody in a group.
type GroupMember struct {
	ID, Name, Role, Unit string
	Since                locale.Day
}

// CircleGroup invites the people of a group into a child's circle, and says afterwards who
// was invited and who may not be.
type CircleGroup struct {
	Frame
	Child   Child
	Form    Form
	Groups  []Option
	Roles   []Option
	Done    bool
	Group   string
	Invited []string
	Refused []Option // Hint says why
}
