package intake

import (
	"slices"

	"causeway/internal/pack"
)

// Field is what a column is taken for.
type Field string

// The fields a column can hold. A column whose meaning is not known is kept as
// text with the case; only a person's choice leaves one out.
const (
	GivenName    Field = "given_name"
	OtherName    Field = "other_name"
	FamilyName   Field = "family_name"
	FullName     Field = "full_name"
	Nickname     Field = "nickname"
	BirthDate    Field = "birth_date"
	BirthYear    Field = "birth_year"
	BirthMonth   Field = "birth_month"
	BirthDay     Field = "birth_day"
	Age          Field = "age"
	BirthSource  Field = "birth_source"
	Sex          Field = "sex"
	Gender       Field = "gender"
	Nationality  Field = "nationality"
	Language     Field = "language"
	IdentifierOf Field = "identifier" // Column.Kind says which
	Region       Field = "region"
	Place        Field = "place"
	Stage        Field = "stage"
	Risk         Field = "risk"
	Opened       Field = "opened"
	NextContact  Field = "next_contact"
	Worker       Field = "worker"
	NoteWords    Field = "note_words"
	NoteSeen     Field = "note_seen"
	NoteThought  Field = "note_thought"
	NoteText     Field = "note_text"
	Reference    Field = "reference"
	Answer       Field = "answer"  // Column.Kind says to which question of which form: "plan.aim"
	Entries      Field = "entries" // of a sub-form; Column.Kind says of which, and what they become: "need.services_section"
	Keep         Field = "keep"
	Skip         Field = "skip"

	Basis Field = "basis" // never a column: the lawful basis of the whole import
)

// fieldInfo is what the program knows about a field.
type fieldInfo struct {
	list  string // code list of the pack, "" for none
	many  bool   // several columns may hold it
	date  bool   // Column.Order matters
	most  int    // characters
	group bool   // Column.Group matters
}

// Bounds of texts in characters; those of the rooms, which check again.
const (
	mostName  = 200
	mostPlace = 2_000
	mostNote  = 20_000
)

var fields = map[Field]fieldInfo{
	GivenName:    {most: mostName, group: true},
	OtherName:    {most: mostName, group: true, many: true},
	FamilyName:   {most: mostName, group: true},
	FullName:     {most: mostName, group: true},
	Nickname:     {most: mostName, many: true},
	BirthDate:    {date: true},
	BirthYear:    {},
	BirthMonth:   {},
	BirthDay:     {},
	Age:          {},
	BirthSource:  {list: pack.BirthSources},
	Sex:          {list: pack.SexRecorded},
	Gender:       {list: pack.GenderTold},
	Nationality:  {list: pack.Nationalities, many: true},
	Language:     {list: pack.Languages, many: true},
	IdentifierOf: {most: mostName, many: true},
	Region:       {list: pack.Regions},
	Place:        {most: mostPlace, many: true},
	Stage:        {list: pack.Stages},
	Risk:         {list: pack.Risks},
	Opened:       {date: true},
	NextContact:  {date: true},
	Worker:       {most: mostName},
	NoteWords:    {most: mostNote, many: true},
	NoteSeen:     {most: mostNote, many: true},
	NoteThought:  {most: mostNote, many: true},
	NoteText:     {most: mostNote, many: true},
	Reference:    {most: mostName},
	Answer:       {most: mostNote, many: true},
	Entries:      {many: true},
	Keep:         {most: mostNote, many: true},
	Skip:         {many: true},
}

// basisList is the code list of lawful bases to open a case.
const basisList = "legal_basis"

// defaults are the fields that may be given once for all rows without one.
var defaults = map[Field]string{Risk: pack.Risks, Stage: pack.Stages, Region: pack.Regions, Basis: basisList, Worker: ""}

// Fields returns the fields a column can be given, by name.
func Fields() []Field {
	var list []Field
	for f := range fields {
		list = append(list, f)
	}
	slices.Sort(list)
	return list
}

// IsDate reports whether the order of a column of this field matters.
func (f Field) IsDate() bool { return fields[f].date }
