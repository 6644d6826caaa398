// Package document keeps the photos, recordings and papers of a case: in pieces
// sealed under the key of the case, with a sealed head that says what each is,
// and a narrow row for its state.
//
// It never hands out what is locked, quarantined or removed, whoever asks and
// whatever a policy says; it never shows a part of a document that did not come
// in whole; and it decides no access: every method that touches a record takes
// the pass of the command or look it belongs to.
//
// A document comes in three steps: [Room.Begin], [Room.Put] for each piece,
// [Room.Inspect] and [Room.Keep]. What the bytes are and what is taken out of
// them is the business of package media below this one.
package document
