// Package matching is what two nodes tell each other when they look for the same child, or
// for the same selector of a crime, without telling what they hold: what they agreed on
// ([Agree]) and the parts of a holder's table ([Part]), going out and coming back. Each
// is one JSON object in one form; numbers of points are fixed by the agreement and tell
// nothing.
//
// It is pure code. It must never read half of a message: a point that is none, or the
// identity, refuses the whole. Start at [Terms].
package matching
