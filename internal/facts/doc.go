// Package facts keeps what may be counted: one row for each record, without anything
// that leads back to a child. Rooms put a fact in the transaction of the record it
// follows from; statistics and the search for gaps read facts and never records.
//
// A fact must never hold a name, a text, a day, a number of a case or a code that is
// not in its kind's list ([Put] refuses it). It is erased with its case.
//
// Start at [Put]; a consumer starts at [Pending].
package facts
