// Package deadline keeps what is to be done in a case by when, and by whom, and
// the steps a deadline takes by itself: it reminds before, alerts when the time
// has come, and escalates after it, from the owner up through the units.
//
// It never opens a transaction and never decides who may do what: its methods
// take the pass of the command that starts or meets a clock, so that a deadline
// and the act it follows from stand or fall together. It knows no case and no
// child; package casework says which act sets which deadline, and tells people.
//
// Start at [Room.Set], [Room.Meet] and [Room.Cancel]; [Room.Advance] is what the
// clock does. How long is long is the pack's to say.
package deadline
