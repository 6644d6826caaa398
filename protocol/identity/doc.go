// Package identity says who a node is: its id, its keys with the times in which they
// hold, and the notes by which nodes learn of each other: [Schedule], [Card], [Pair]
// and [Revocation].
//
// Everything goes back to the recovery pair R, which is made on paper and used a few
// times a year: a key holds only if R signed for it. Two officers of each side compare
// the fingerprint of R over a telephone number that they knew before.
//
// It is pure code: it reads no clock, holds no secret and fetches nothing. It must never
// take a key on the word of anybody but R. Start at [NodeID], then [Card] and [History].
package identity
