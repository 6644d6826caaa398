// Package oversight hears complaints and inquires into how the work is done.
//
// A complaint is filed by anybody who has an account, also for somebody else. It is
// looked into by the ombudsperson, or by the auditor where there is none, and never by
// the one it is about or those above them; who filed it sees its state and its answer.
// An inquiry is opened by who oversees the work: entries of the journal are marked in
// it, and what is found becomes recommendations that a unit answers.
//
// This package never shows a child's record, and changes nothing but its own rows. What
// is written lies sealed under the node's key, apart from the codes: it goes when the
// case it is about is erased, or when its time is over. Start at [Room.File],
// [Room.Answer] and [Room.Begin].
package oversight
