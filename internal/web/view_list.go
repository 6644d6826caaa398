package web

// Today is the first page: what is to be done for whom.
type Today struct {
	Frame
	Part     string // "morning", "day" or "evening"
	First    string // given name of the worker
	Late     []DueChild
	Due      []DueChild
	Coming   []DueChild
	More     int // further late ones, not shown
	Children int // open cases led by this person
	CanOpen  bool
	Register bool // may register a child
	// Urgent are the emergencies that nobody has confirmed yet; Supervises
	// chooses the words of what to do about them.
	Urgent     []Urgent
	Supervises bool
	// Approvals wait for this person; Asked, which they asked for, wait for others or
	// came back.
	Approvals, Asked []Await
	// Seconds and SecondsAsked are the same of what goes to other countries.
	Seconds, SecondsAsked []ReferralRow
	// Unsafe are the worker's children who live where a child is not safe.
	Unsafe []UnsafeChild
	// Escalated is what others left too long, Waiting what this person waits for.
	Escalated, Waiting []DueChild
	MoreEscalated      bool
	// Checks wait on the duty list of this person's unit.
	Checks, UrgentChecks int
	Unkept               int // interpreters who were booked and do not come
	NotThere             int // children who did not come to whoever expected them
}

// Urgent is a child whose case was reopened in an emergency, or for whom somebody
// did something in one.
type Urgent struct {
	Child
	Waiting
	What string // what was done, in words; "": the case was reopened
	By   string // who wrote down what was done
	Look string // where the reader looks at it
}

// ToApprove is how much waits for this person as second person.
func (t Today) ToApprove() int { return len(t.Approvals) + len(t.Seconds) }

// AskedFor is how much of this person's waits for a second person, or came back.
func (t Today) AskedFor() int { return len(t.Asked) + len(t.SecondsAsked) }

// Waits is how many children need this person today: those shown as late and
// due, and the emergencies that a supervisor confirms, each child once.
func (t Today) Waits() int {
	children := map[string]bool{}
	for _, list := range [][]DueChild{t.Late, t.Due} {
		for i := range list {
			children[list[i].Href] = true
		}
	}
	more := 0
	for i := range t.Urgent {
		if t.Supervises && !children[t.Urgent[i].Href] {
			more++
			children[t.Urgent[i].Href] = true
		}
	}
	return len(t.Late) + len(t.Due) + t.More + more
}

// Children is the list of children.
type Children struct {
	Frame
	Filters []Filter
	On      []Chip // the filters in force
	Views   []ViewLink
	Further int      // kept views that are left out of Views
	Keep    []Option // kept views in which the filters in force can be kept
	Form    Form     // view_name, to save the filters in force; or view
	CanSave bool
	Opened  string   // what the list was opened with, without being asked: "chosen", "gone", or ""
	All     string   // every child
	Ways    []Option // what can be done with the children that were ticked
	Export  string   // where the list is exported, "" for who may not
	Rows    []Child
	Total   int
	Capped  bool // there are more than Total
	First   int  // number of the first row shown
	Prev    string
	Next    string
	Clear   string // the list without filters
	Empty   bool   // there are no children at all yet
	Import  bool
	Same    bool // the reader may look at children registered twice
	Add     bool
}

// Filter is one list of answers above the list of children.
type Filter struct {
	Name    string // words "field.<Name>"
	Value   string
	All     string // what asks for all
	Options []Option
	Hint    string // words that say how to get more options, "" for none
}

// Chip is a filter in force and the address without it.
type Chip struct {
	Name  string // words "field.<Name>"
	Label string
	Href  string
}

// ViewLink is a saved or built-in view of the list.
type ViewLink struct {
	Key     string // built-in: words "view.<Key>"
	Label   string // saved: its keeper's own words
	Keeper  string // who shares it with the reader, "" for their own
	Href    string
	Current bool
}

// Search shows what was found for a number or an exact identifier.
type Search struct {
	Frame
	Form  Form // query
	Tried bool
	Rows  []Child
	Add   bool
}

// Find is the first step of registering: is the child already known here?
type Find struct {
	Frame
	Form  Form // query
	Tried bool
	Rows  []Child
	On    string // the registration form
}

// Register is the first form about a child: eight questions.
type Register struct {
	Frame
	Form      Form
	Sexes     []Option
	Sure      []Option // how sure of the age
	Kinds     []Option // kinds of name
	Scripts   []Option
	Languages []Option
	Regions   []Option
	Risks     []Option
	Reasons   []Option // risk reasons
	Safe      []Option // the five answers
	When      []Option // next contact
	Basis     []Option // lawful basis to start
	Alike     []Child  // who may be this child, each with why
	Another   []Option // that it is another child; none where nobody was warned
}
