// Package referral is where a child's case meets people who do not work on it: what
// is offered to them, what they accept, deliver and report, and how a case is handed
// over. It never shows the live case: before somebody accepts they see codes and no
// name, afterwards a copy of what the offer said it would show, and each look at it is
// entered. The states are those of package protocol/handover.
//
// Start at [Room], [Offer] and [Thread].
package referral
