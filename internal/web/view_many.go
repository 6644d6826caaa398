package web

// Many does one thing with several children.
type Many struct {
	Frame
	What    string // "flag", "contact", "assign" or "export": words "many.<What>"
	Rows    []Child
	Form    Form // with What: flag_…, when and next_contact, worker; reason
	Reasons []Option
	When    []Option
	Workers []Option
}

// ManyDone says of each child what became of it.
type ManyDone struct {
	Frame
	What string // in words
	Done int    // with how many it was done
	Rows []ManyResult
}

// ManyResult is what became of one child.
type ManyResult struct {
	Child
	Seen bool   // the reader sees the child now
	Why  string // error code of why it was not done, "" where it was
}
