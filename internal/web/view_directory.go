package web

import "time"

// Services is the search for a service.
type Services struct {
	Frame
	Groups   []Option // groups of needs, each with its address as value
	Every    string   // the address of all services
	Filters  []Filter
	On       []Chip
	Asked    bool // something was asked: the rows answer it
	Rows     []ServiceRow
	Total    int
	Altered  int // rows that are not shown
	Prev     string
	Next     string
	First    int
	Add      bool
	Files    bool // may take files in or out
	Tonight  bool // gives services of their own
	Measured bool // distances are told
}

// ServiceRow is one service of a list.
type ServiceRow struct {
	Href      string
	Name      string
	By        string // who gives it
	Kinds     []string
	Languages []string
	State     string // words "servicestate.<State>"
	Open      bool
	Secret    bool
	Places    ServicePlaces
	Away      int // kilometres, -1: not known
	Exact     bool
	Refer     string // where a child is chosen for it, "" for who may not or where nobody can be asked
}

// ServicePlaces is how many places are free, as far as anybody knows.
type ServicePlaces struct {
	Known       bool // somebody said how many are free
	Free        int
	Total       int // -1: not known
	Wait        int // days, -1: not known
	At          time.Time
	By          string
	Unconfirmed bool // too old to count
}

// PlaceButtons says in one tap how many places are free.
type PlaceButtons struct {
	Action string // "" for who may not
	Then   string // "tonight" to come back there
	Known  bool   // there is a number to count from
	Free   int
	Fewer  int // -1: there is none fewer
	More   int // -1: there is none more
	Name   string
}

// ServicePage is one service.
type ServicePage struct {
	Frame
	Row       ServiceRow
	Hides     bool
	AgeFrom   int
	AgeTo     int
	Sex       string // words "serviceof.<Sex>", "" for everybody
	Statuses  []string
	Access    []string
	Regions   []string // none: everywhere
	Days      []ServiceDay
	OpenNow   string // words "servicenow.<OpenNow>", "" where nobody says
	HoursText string
	Phone     string
	Dial      string // the number as a telephone wants it
	Email     string
	Address   string
	Map       string // coordinates
	Cost      string
	CostText  string
	About     string
	Changed   time.Time
	ChangedBy string
	Edit      string // "" for who may not
	Tell      string // where places are told in full, "" for who may not
	Buttons   PlaceButtons
}

// ServiceDay is one day of the week.
type ServiceDay struct{ Day, Hours string } // words "weekdays.<Day>"

// ServiceForm adds or changes a service.
type ServiceForm struct {
	Frame
	Form      Form
	New       bool
	Back      string
	Units     []Option
	Kinds     []Option
	KindRows  []int
	Langs     []Option
	LangRows  []int
	Regions   []Option
	AreaRows  []int
	Sexes     []Option
	Statuses  []Option
	Access    []Option
	Costs     []Option
	States    []Option
	Secret    []Option
	Days      []string // names of the fields
	KindError string
	AreaError string
	LangError string
}

// PlacesForm tells the places of a service in full.
type PlacesForm struct {
	Frame
	Form    Form // places_free, places_total, wait_days
	Row     ServiceRow
	Back    string
	Buttons PlaceButtons
}

// TonightPage is what a shelter's people need to know for the night.
type TonightPage struct {
	Frame
	Services []TonightRow
	OnDuty   []string
	Free     int // in all of them
	Expected int
}

// TonightRow is one service of the unit.
type TonightRow struct {
	ServiceRow
	Expected int
	Buttons  PlaceButtons
	Tell     string
	Arrivals []ArrivalRow
}

// ServiceFiles takes services in from a file, and out.
type ServiceFiles struct {
	Frame
	Form     Form // file, service_import
	Ways     []Option
	Max      int64
	Import   bool
	Export   bool
	Outcome  *ServiceOutcome
	Problems []ServiceProblem
	More     int // problems that are not shown
	Columns  []string
}

// ServiceOutcome says what a file brought, or would bring.
type ServiceOutcome struct {
	Done               bool
	Rows, New, Changed int
	Same               int
}

// ServiceProblem is what is wrong with a row of a file.
type ServiceProblem struct {
	Row    int
	Column string
	Code   string
}
