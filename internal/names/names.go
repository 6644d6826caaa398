// Package names makes names comparable: a normal form, tokens with their part
// in a name, codes that are the same for one name in any script, and a fast
// score of likeness. It is pure code and knows no record: it never stores,
// logs or returns an error with a name in it.
//
// Start with [Fold], the normal form in the name's own script; [Tokens] takes
// a name apart; [Codes] gives the keys by which a token in one script finds
// itself in another; [Prepare] and [Prepared.Similar] score two names.
//
// # What a code is
//
// A code is the skeleton of a token: its consonants in rough classes, vowels
// left out except at the start. A token has up to [MaxCodes] of them, the most
// likely first, because a spelling can be read in more ways than one. Two
// tokens agree when they share a code. An agreement is a reason to look, never
// a finding that two people are one.
//
// What is compared is versioned by [Version]: codes of different versions must
// not be compared.
package names

// Version names the tables and rules of this package. It changes whenever a
// name may fold, divide or code differently than before.
const Version = "names/1"

// MaxCodes is the largest number of codes [Codes] gives for one token.
const MaxCodes = 4
