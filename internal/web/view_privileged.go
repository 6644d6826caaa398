package web

import "time"

// Privileged is the notes that a child's lawyer keeps, as that lawyer sees them.
type Privileged struct {
	Frame
	Child Child
	Form  Form // privileged_text
	Notes []PrivilegedNote
}

// PrivilegedNote is one of them.
type PrivilegedNote struct {
	At   time.Time
	Text string
}
