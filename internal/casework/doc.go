// Package casework keeps a child's case from registration to closure: stage,
// risk, contacts, notes, the timeline, and the lists that workers live in.
//
// It never decides access and never opens a transaction of its own: every method
// goes through the gate with one action. Identities belong to package person.
//
// Start at [Room] and [Case]; [Room.Register] makes a case, [Room.Open] reads
// one, [Room.List] finds them.
package casework
