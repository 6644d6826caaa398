// Package match looks for the same child in two countries, and for the same phone or plate
// in the files of two police offices, without either side telling what it holds: "ask and
// wait" (docs/decisions/0034). Two nodes agree on it ([Agreement]); each epoch the holder
// sends a table of masked keys, which the asker masks too and sends back; a question is
// compared with it, and an officer of the holder decides whether anything is answered.
//
// Who may be in a table or a question is decided in one place, for every child and every
// time ([Leave]). It must never reach package person: it is handed codes of names, and the
// identifiers of cases. Start at [Room] and [Room.Prepare].
package match
