// Package note signs and verifies the texts that nodes send each other. A note is a
// C2SP signed note (text, an empty line, signature lines) in which every signer signs
// twice: with Ed25519 and with ML-DSA-65. Both must verify, so a note stays proof
// when one of the two is broken, and stripping one is found.
//
// A note has one spelling: what [Open] accepts is, byte for byte, what [Sign] made of
// the same text and signatures.
//
// It must never accept a note by fewer algorithms than a pair declares. Start at
// [Sign] and [Open].
package note
