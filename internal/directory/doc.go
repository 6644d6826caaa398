// Package directory knows which services there are for children: who gives them, for
// whom, where, when, and how many places are free tonight.
//
// It knows no child. What a secret shelter hides (its address, its coordinates, the
// exact area it serves) is sealed, stands in no index and no file, and is shown to its
// own unit and to supervisors only. Start at [Service], [Room.Search] and
// [Room.Report].
package directory
