// Package payload is what the messages between nodes say: a card of codes, a package of
// copied parts, questions and answers, where a referral or transfer stands, a journey, a
// report. It is JSON in one form, described in docs/protocol/payloads.md.
//
// Whoever reads a payload keeps what it does not know: a code that is in no list of the
// reader's is kept, shown and flagged ([Payload.Unknown]); a field that the reader does
// not know is kept as it came ([Payload.Extra]). Only a field that the sender names in
// crit may not be left unread.
//
// It is pure code, and it must never decide who may see what. Start at [Payload],
// [Encode] and [Decode].
package payload
