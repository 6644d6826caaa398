package web

import "causeway/internal/access"

// WhyPage explains whether somebody may do something, and which rule says so.
type WhyPage struct {
	Frame
	Form   Form // act, colleague
	Acts   []Option
	People []Option // whom the reader may ask about, besides themselves
	Case   string   // the address of the case it is about, "" for none
	Who    string   // the colleague, "" for the reader
	Act    string   // words "what.<Act>"
	Why    *access.Why
}
