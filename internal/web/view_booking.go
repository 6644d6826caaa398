package web

// BookingForm books an interpreter for a child.
type BookingForm struct {
	Frame
	Child     Child
	Form      Form
	Languages []Option
	Sign      []Option // the one answer that it is a sign language
	Minutes   []Option
	Modes     []Option
	Genders   []Option
	Not       []Option // who must not come
	Services  []Option // of interpreters, that can be asked
	Calls     []ServiceRow
	Units     []Option
}
