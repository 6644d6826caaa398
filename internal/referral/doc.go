// Package referral is where a child's case meets people who do not work on it: what
// is offered to them, what they accept, deliver and report, how a case is handed over,
// what is disclosed to whom, and who is in the child's circle. It never shows the live
// case: before somebody accepts they see codes and no name, afterwards a copy of what
// was said would be shown, and each look at it is entered. The states of an offer are
// those of package protocol/handover.
//
// Start at [Room], [Offer] and [Thread]; for disclosures at [Circle].
package referral
