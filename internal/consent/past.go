package consent

import "causeway/internal/sealed"

// Order is a compelled disclosure: one of the two recorded ways past a withholding. A
// court or authority orders it, somebody reviews the order, the least is handed over,
// and the child and the lawyer are told first and can object, unless the order forbids.
type Order struct {
	Court     sealed.Text `cbor:"1,keyasint"` // who ordered it
	Number    sealed.Text `cbor:"2,keyasint"`
	Issued    sealed.Date `cbor:"3,keyasint"`
	Reviewer  sealed.Text `cbor:"4,keyasint"` // who reviewed the order legally
	Reviewed  sealed.Date `cbor:"5,keyasint"`
	Finding   sealed.Text `cbor:"6,keyasint"`           // what the review found
	Forbids   string      `cbor:"7,keyasint"`           // whether the order forbids telling: yes or no
	Child     sealed.Date `cbor:"8,keyasint,omitzero"`  // when the child was told
	Lawyer    sealed.Date `cbor:"9,keyasint,omitzero"`  // when the lawyer was told
	Objection string      `cbor:"10,keyasint"`          // one of [Objections]
	Objected  sealed.Text `cbor:"11,keyasint,omitzero"` // what they said, and what came of it
}

// Objections are the answers to whether the child or the lawyer objected.
func Objections() []string { return []string{"none", "objected", "not_able"} }

// Report is a disclosure by a duty to report, or because of imminent danger: the other
// way past a withholding.
type Report struct {
	Why      string      `cbor:"1,keyasint"` // one of [ReportReasons]
	Deadline sealed.Date `cbor:"2,keyasint,omitzero"`
	Child    string      `cbor:"3,keyasint"`          // whether the child was told first: one of [ToldFirst]
	ChildWhy sealed.Text `cbor:"4,keyasint,omitzero"` // why not
}

// ReportReasons are what makes somebody report.
func ReportReasons() []string { return []string{"duty", "danger"} }

// ToldFirst are the answers to whether the child was told before others were.
func ToldFirst() []string { return []string{"yes", "after", "unsafe"} }
