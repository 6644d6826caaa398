// Package tabular writes tables as files that people open elsewhere: CSV and
// workbooks. It writes row by row and holds none, and nothing of it touches a
// disk. What a cell holds is text and never a formula, whatever it begins with.
// It knows nothing of children.
//
// Start at [NewCSV] and [NewBook].
package tabular

import "strings"

// Writer takes the rows of one table.
type Writer interface {
	Row(cells []string) error
	// Close ends the file. The writer below stays open.
	Close() error
}

// risky are the characters with which spreadsheet programs begin a formula, and
// their full-width forms, which some of them take for the same.
const risky = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"

// Harmless returns a cell's text so that no spreadsheet program that reads it
// from a text file takes it for a formula: an apostrophe stands before it.
func Harmless(s string) string {
	if begin := strings.TrimLeft(s, " \u00a0\ufeff"); begin != "" && strings.ContainsRune(risky, firstRune(begin)) {
		return "'" + s
	}
	return s
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}
