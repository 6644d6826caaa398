// Package access decides whether something may happen, and is the only way to
// a record.
//
// A door gets a [Caller]; a room method runs its work inside [Gate.Do],
// [Gate.View] or [Gate.List]. The gate decides, opens the transaction, hands the
// room a [Pass], writes the journal entry and commits. Without a committed entry
// no subject key is opened.
//
// Two layers decide. The floor (floor.go) is compiled in and only forbids; no
// pack can lift it. The pack's Cedar policies permit within the floor; whatever
// they do not permit, and whatever they cannot evaluate, is denied.
//
// This package never looks at what a record says: it knows cases by their
// random identifiers and by its own tables of reach, permit and withholding.
package access
