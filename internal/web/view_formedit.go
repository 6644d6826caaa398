package web

import "time"

// FormList lists the forms of this node.
type FormList struct {
	Frame
	Rows []ListedForm
}

// ListedForm is one form with its versions, oldest first.
type ListedForm struct {
	ID, Title string
	Versions  []FormVersion
	Draft     bool // there is a draft
	Form      Form // begins one
}

// FormVersion is one version of a form.
type FormVersion struct {
	Href    string
	Version int
	State   string // code, words "formversion.<State>"
	At      time.Time
	By      string
	Own     bool // made on this node
}

// FormOutline shows a draft part by part.
type FormOutline struct {
	Frame
	Form      Form // moves things
	Title, ID string
	At        time.Time
	By        string
	Href      string
	Preview   string
	Parts     []OutlinePart
}

// OutlinePart is one part of a form.
type OutlinePart struct {
	At, Title   string
	First, Last bool
	Rows        []OutlineRow
}

// OutlineRow is one question.
type OutlineRow struct {
	At, Label, Kind, Need, Shown string
	Group, Inner, First, Last    bool
}

// Tongue is a field of a text in one language.
type Tongue struct{ Name, Dir string }

// Tongues are the fields of one text; Rows is 0 for a text of one line.
type Tongues struct {
	Form    Form
	Tongues []Tongue
	Rows    int
}

// WrongPlace is one thing that is wrong with a form: the question or part as the reader
// knows it, what of it, and the fault in words.
type WrongPlace struct{ Where, Part, Path, Problem string }

// LostLine is a feature that does not come through, in words, and beside what.
type LostLine struct{ Text, Where string }

// FormHead is what a form is called and what it is for.
type FormHead struct {
	Frame
	Form          Form // form_id (new only), form_step, form_source, form_title_…, form_help_…
	Title, Back   string
	New           bool
	Steps         []Option
	Titles, Helps []Tongue
	Problems      []WrongPlace
}

// FormSection is one part of a form.
type FormSection struct {
	Frame
	Form          Form // part_id, q_show, part_read, part_write, part_title_…, part_help_…
	Back          string
	New           bool
	Roles         []Option
	Titles, Helps []Tongue
	Problems      []WrongPlace
}

// FormQuestion is one question of a form.
type FormQuestion struct {
	Frame
	Form          Form // q_id, q_kind, q_need, q_list, q_options, q_min, q_max, q_most, q_show, q_value, q_urgent, q_label_…, q_help_…
	Back          string
	New           bool
	Kinds, Needs  []Option
	Lists         []Option
	Labels, Helps []Tongue
	Problems      []WrongPlace
}

// FormWrong says why something could not be moved.
type FormWrong struct {
	Frame
	Form     Form
	Back     string
	Problems []WrongPlace
}

// FormPreview shows a version as people see it.
type FormPreview struct {
	Frame
	Title, Help                     string
	Version                         int
	State                           string
	At                              time.Time
	By                              string
	Source, Confidence              string
	Parts                           []FormPart
	Lost                            []LostLine // what other programs do not see in the workbook
	Edit, Publish, Retire, Workbook string
}

// FormState asks before a version is published or retired.
type FormState struct {
	Frame
	Form        Form
	Title, Back string
	To          string // "publish" or "retire"
}

// FormImport takes an XLSForm, and says what became of it.
type FormImport struct {
	Frame
	Form     Form     // file, form_replace
	Replace  []Option // set where the form has a draft already
	Lost     []LostLine
	Problems []WrongPlace
	Draft    string // where the draft is, "" before
}
