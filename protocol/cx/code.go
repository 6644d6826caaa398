package cx

import (
	"errors"
	"slices"
)

// Code says why a message was not taken. It is an error, so errors.As finds it in a
// chain; "" is no code.
type Code string

// The codes. What a sender does about each is said by [Code.Final] and [Code.Renew].
const (
	BadFormat      Code = "bad_format"
	TooLarge       Code = "too_large"
	BadSignature   Code = "bad_signature"
	UnknownSender  Code = "unknown_sender"
	NotPaired      Code = "not_paired"
	Quarantined    Code = "quarantined"
	RevokedKey     Code = "revoked_key"
	WrongRecipient Code = "wrong_recipient"
	UnknownEKey    Code = "unknown_ekey"
	Expired        Code = "expired"
	StaleEpoch     Code = "stale_epoch"
	Gap            Code = "gap"
	Conflict       Code = "conflict"
	BlobMissing    Code = "blob_missing"
	BlobMismatch   Code = "blob_mismatch"
	Unsupported    Code = "unsupported"
	LabelRefused   Code = "label_refused"
	Limit          Code = "limit"
	Recovering     Code = "recovering"
	Busy           Code = "busy"
	Internal       Code = "internal"

	Damaged     Code = "damaged"     // the body is not the one that the header was signed for
	Readdressed Code = "readdressed" // the inside is not what the outside says
	Held        Code = "held"        // dated too far ahead
)

// verdict is what a code means.
type verdict struct {
	status   int
	final    bool
	renew    bool
	sentence string
}

var verdicts = map[Code]verdict{
	BadFormat:      {400, true, false, "The other node could not read the message: it is not in the agreed form."},
	TooLarge:       {413, true, false, "The message is larger than the other node takes."},
	BadSignature:   {422, true, false, "The message is not signed as it must be, or was changed after it was signed."},
	UnknownSender:  {403, false, false, "The other node does not know the key that signed the message."},
	NotPaired:      {403, false, false, "The two nodes have not agreed to exchange messages of this kind."},
	Quarantined:    {403, false, false, "The other node has stopped the exchange with this node until people have spoken to each other."},
	RevokedKey:     {403, false, true, "The key that signed the message is not valid any more."},
	WrongRecipient: {421, true, false, "The message is addressed to another node."},
	UnknownEKey:    {409, false, true, "The message is sealed to a key that the other node does not have."},
	Expired:        {410, true, false, "The message arrived after the day until which it was valid."},
	StaleEpoch:     {409, false, true, "The message was written before its sender was restored from a backup."},
	Gap:            {409, false, false, "A message before this one is missing."},
	Conflict:       {409, true, false, "Another message with the same number or identifier arrived before."},
	BlobMissing:    {424, false, false, "An attachment of the message has not arrived."},
	BlobMismatch:   {422, false, false, "An attachment is not the one that the message names."},
	Unsupported:    {422, true, false, "The message needs something that the other node does not know."},
	LabelRefused:   {422, true, false, "The other node cannot honour a condition under which the message was sent."},
	Limit:          {429, false, false, "More was sent than the two nodes agreed on; it is sent again later."},
	Recovering:     {503, false, false, "The other node was restored from a backup and compares first what is missing."},
	Busy:           {503, false, false, "The other node is busy; it is sent again later."},
	Internal:       {500, false, false, "Something went wrong at the other node; it is sent again later."},
	Damaged:        {400, false, false, "The message arrived incomplete or changed on the way; it is sent again."},
	Readdressed:    {422, true, false, "What is sealed inside the message is not what its outside says."},
	Held:           {425, false, false, "The message is dated more than 24 hours ahead; one of the two clocks is wrong."},
}

// Codes returns every code, in alphabetical order.
func Codes() []Code {
	all := make([]Code, 0, len(verdicts))
	for c := range verdicts {
		all = append(all, c)
	}
	slices.Sort(all)
	return all
}

// CodeOf returns the first code in err's chain; [Internal] for an error without one and
// "" for nil.
func CodeOf(err error) Code {
	var c Code
	switch {
	case err == nil:
		return ""
	case errors.As(err, &c):
		return c
	}
	return Internal
}

// Error returns the code behind "cx: ".
func (c Code) Error() string { return "cx: " + string(c) }

// Valid reports whether c is a code of CX/1.
func (c Code) Valid() bool { _, ok := verdicts[c]; return ok }

// Final reports whether sending the message again is of no use: the sender stops and
// tells a person. An unknown code is not final.
func (c Code) Final() bool { return verdicts[c].final }

// Renew reports whether the same signed content can be taken in a new envelope: under
// the present keys, in the present epoch.
func (c Code) Renew() bool { return verdicts[c].renew }

// Status returns the HTTP status of an answer with this code; 500 for an unknown one.
func (c Code) Status() int {
	if v, ok := verdicts[c]; ok {
		return v.status
	}
	return verdicts[Internal].status
}

// Sentence says for staff, in English, what happened.
func (c Code) Sentence() string { return verdicts[c].sentence }
