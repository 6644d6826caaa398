// Package mask hides what two nodes compare, so that neither can read or guess what the
// other holds: a key of a child, or a selector of a case, becomes a point of the group
// ristretto255 (RFC 9496) and is raised to a secret of each side. Who raised first does
// not show, so points raised by both can be compared, and a point raised by one says
// nothing to anybody else.
//
// Every point is bound to what it is for: the purpose, the two nodes, the direction and
// the epoch are hashed into it, so that nothing of one agreement can be compared under
// another. Hashing to the group is that of RFC 9497 (suite ristretto255-SHA512), whose
// vectors the tests hold.
//
// It must never accept the identity or a second spelling of a point, and never show a
// secret. Not post-quantum: see docs/THREATS.md. Start at [Domain] and [Secret].
package mask
