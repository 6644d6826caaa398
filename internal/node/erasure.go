package node

import (
	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/intake"
	"causeway/internal/oversight"
	"causeway/internal/referral"
)

// erasures is the erasure list of the node: every package whose tables can name a case,
// with those tables and what deletes a case's rows there. A room with such tables of its
// own that no other room erases is joined here. A test finds tables that refer to a case
// and stand in no list.
var erasures = []struct {
	tables func() []string
	erase  access.Eraser
}{
	{referral.ErasedTables, referral.EraseRows},
	{referral.CircleTables, referral.EraseCircle},
	{casework.ErasedTables, casework.EraseRows},
	{intake.ErasedTables, intake.Erase},
	{oversight.ErasedTables, oversight.EraseRows},
}

// erasers returns what deletes the rows of a case, in the order of the list.
func erasers() []access.Eraser {
	out := make([]access.Eraser, len(erasures))
	for i, e := range erasures {
		out[i] = e.erase
	}
	return out
}

// ErasedTables names every table of the node of which nothing about a case is left when
// it is erased.
func ErasedTables() []string {
	out := access.ErasedTables()
	for _, e := range erasures {
		out = append(out, e.tables()...)
	}
	return out
}
