// Package witness holds the texts by which nodes vouch for each other's journals:
// checkpoints and their cosignatures, the request for one and its answers, the policy
// that says whose cosignatures are enough, and the statement of a restore. The formats
// are those of C2SP (tlog-checkpoint, tlog-cosignature, tlog-witness, tlog-policy), so
// witnesses and logs that others wrote fit in; the statement is ours.
//
// It must never decide what a witness remembers: that is the duty of whoever implements
// [Service], in one transaction, before a cosignature leaves.
//
// Start at [Request] and [Policy]; docs/protocol/witness.md is the description for
// everybody else.
package witness
