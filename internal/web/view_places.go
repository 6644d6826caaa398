package web

// Places shows one level of the country's places, and brings in a list of them.
type Places struct {
	Frame
	Above  []PlaceLine // those the rows lie in, the highest first
	Rows   []PlaceLine
	Form   Form // file
	Report *PlacesReport
	CanAdd bool
}

// PlaceLine is one place.
type PlaceLine struct {
	Href  string // its places, "" where it has none
	Name  string
	Code  string
	Below int // places directly in it
}

// PlacesReport is what a file would change.
type PlacesReport struct {
	New, Changed, Same int
	Faults             []PlaceFault
	More               int // faults not listed
}

// PlaceFault is one wrong row of a file.
type PlaceFault struct {
	Row   int
	Field string // words "field.<Field>"
	Code  string // error code
}
