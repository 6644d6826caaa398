package web

// ViewsPage lists the views a person can use, and what their list opens with.
type ViewsPage struct {
	Frame
	Form     Form // opening
	Openings []Option
	Gone     bool // what the list opened with is there no more
	Own      []ViewRow
	Most     int       // how many own ones there can be
	Shared   []ViewRow // by others, with the reader's unit or one above
	Below    []ViewRow // in the units below the reader's
	More     bool      // there are more of these
}

// ViewRow is one kept view.
type ViewRow struct {
	Label  string
	Href   string // the list with it
	Edit   string // its page, for its keeper
	Keeper string // of somebody else's
	Gone   bool   // the keeper no longer works here
	Unit   string // it is shared with, "" for none
	End    string // where the end of the sharing is posted, "" for who may not
}

// ViewPage is the page of one's own view: its name, whom it is shared with, its end.
type ViewPage struct {
	Frame
	Form    Form // view_name
	View    ViewRow
	Filters []Chip
	Share   string // the unit it can be shared with, "" for who may not
	Fixed   bool   // shared with a unit that it could not be shared with now
}
