// Package proof is the proof pack: one file with everything somebody needs to check,
// without any node and without a network, what two nodes said to each other: the signed
// contents, the receipts, the places of the receipts in the journals, and the keys that
// held then, signed by the recovery pairs. docs/protocol/proof-pack.md describes it.
//
// What a pack proves rests on the fingerprints of the recovery pairs, which whoever
// checks it compares with what they were told elsewhere. It must never call something
// proven that was only said. Start at [Pack], [Read] and [Pack.Check].
package proof
