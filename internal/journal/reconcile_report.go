package journal

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"causeway/internal/ident"
)

// What can be wrong with a row.
const (
	RowEdited    = "edited"     // its digest does not fit its columns
	RowMoved     = "moved"      // it stands under another subject than its own
	RowOlder     = "older"      // an earlier version was put back
	RowPutBack   = "put-back"   // it was deleted by a command and is there again
	RowMissing   = "missing"    // the journal vouches for it, and it is not there
	RowUnreached = "unreached"  // it is there, but the row that leads to it is not
	RowExtra     = "extra"      // no entry ever wrote it
	RowUnknown   = "unknown"    // right in itself, but no entry vouches for this version of it
	RowNotErased = "not-erased" // its subject was erased
	KeyAltered   = "key-altered"
	KeyNotErased = "key-not-erased"
)

var rowSays = map[string]string{
	RowEdited:    "the row was edited: its digest does not fit its columns",
	RowMoved:     "the row was moved to another subject",
	RowOlder:     "an older version of the row was put back",
	RowPutBack:   "the row was deleted by a command, and is there again",
	RowMissing:   "the row is missing: an entry vouches for it",
	RowUnreached: "the row is there, and the row that leads to it is not",
	RowExtra:     "no entry vouches for the row: it was slipped in",
	RowUnknown:   "no entry vouches for this version of the row",
	RowNotErased: "the subject was erased, and this row is still there",
	KeyAltered:   "the wrapped key cannot be used: it was altered, or its epoch key is not in this keyring",
	KeyNotErased: "the subject was erased, and its key is still there",
}

// RowFinding is one row that is not as the journal says.
type RowFinding struct {
	Kind    string `json:"kind"`
	Table   string `json:"table"`
	Row     string `json:"row"`     // its identifier
	Subject string `json:"subject"` // whose it is, a pseudonym
	What    string `json:"what"`
}

// Reconciliation is what [Reconcile] found.
type Reconciliation struct {
	Exit     int          `json:"exit"` // Sound or Altered
	Says     string       `json:"says"`
	Subjects int64        `json:"subjects"`
	Rows     int64        `json:"rows"`
	Wrong    int64        `json:"wrong"`
	Findings []RowFinding `json:"findings"` // the first of them
}

// findingsMost bounds the list.
const findingsMost = 10_000

// rowName shows the identifier of a row as people see it elsewhere.
func rowName(row []byte) string {
	if len(row) == len(ident.Subject{}) {
		return ident.Subject(row).String()
	}
	return base64.RawURLEncoding.EncodeToString(row)
}

func (r *reconciler) find(kind, table string, row []byte, s ident.Subject) {
	r.report.Wrong++
	if len(r.report.Findings) < findingsMost {
		r.report.Findings = append(r.report.Findings, RowFinding{kind, table, rowName(row), s.String(), rowSays[kind]})
	}
}

// finish joins the two findings of a row that is wrong in one place and too many
// in another, and sorts.
func (r *Reconciliation) finish() {
	type rowID struct{ table, row string }
	from := map[rowID]string{} // whose the row ought to be
	for _, f := range r.Findings {
		if f.Kind == RowMissing || f.Kind == RowEdited {
			from[rowID{f.Table, f.Row}] = f.Subject
		}
	}
	joined := map[rowID]bool{}
	for i := range r.Findings {
		f := &r.Findings[i]
		k := rowID{f.Table, f.Row}
		owner, ok := from[k]
		switch {
		case f.Kind != RowExtra || !ok:
			continue
		case owner == f.Subject:
			f.Kind = RowUnreached
		default:
			f.Kind = RowMoved
		}
		f.What = rowSays[f.Kind]
		joined[k] = true
	}
	before := len(r.Findings)
	r.Findings = slices.DeleteFunc(r.Findings, func(f RowFinding) bool {
		return (f.Kind == RowMissing || f.Kind == RowEdited) && joined[rowID{f.Table, f.Row}]
	})
	r.Wrong -= int64(before - len(r.Findings))
	slices.SortFunc(r.Findings, func(a, b RowFinding) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Kind, b.Kind))
	})
	if r.Wrong > 0 {
		r.Exit = Altered
	}
	r.Says = exitWords[r.Exit]
}

// JSON writes the report for programs.
func (r *Reconciliation) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Text writes the report for people.
func (r *Reconciliation) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-16s %s (%d)\n%-16s %d rows of %d subjects, %d wrong\n", "reconciled", r.Says, r.Exit, "compared", r.Rows, r.Subjects, r.Wrong)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%-16s %s %s: %s\n", f.Kind, f.Table, f.Row, f.What)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
