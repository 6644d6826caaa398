package web

// Compelled is what an order, a duty or danger made somebody disclose.
type Compelled struct {
	Frame
	Child         Child
	Rows          []ConsentLine
	Order, Report string // where one is recorded, "" for whoever may not
}

// CompelledForm records one.
type CompelledForm struct {
	Frame
	Child      Child
	Form       Form
	Order      bool // by an order; else by a duty, or in danger
	Purposes   []Option
	Recipients []Option
	Forbids    []Option
	Objections []Option
	Reasons    []Option
	First      []Option
}
