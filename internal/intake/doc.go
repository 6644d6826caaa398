// Package intake brings cases in from files that other programs wrote: it reads
// the table, says what it takes each column for, tries everything without
// writing, and then registers the rows in small batches that can be stopped and
// taken up again.
//
// It must never drop a value it does not understand (it keeps it and says so),
// write a file's content to disk unsealed, or put what a cell holds into an error
// or a log. It decides nothing: each row goes through the same registration as a
// form.
//
// Start at [Propose], which looks at a file; [Mapping] is what a person confirms;
// [Table] yields rows; [Imports] keeps the work of one import between requests
// and runs it.
package intake
