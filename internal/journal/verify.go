package journal

import (
	"context"
	"errors"
	"time"

	"causeway/protocol/witness"
)

// What [Verify] found out, as the exit code of the program.
const (
	Sound      = 0 // everything that can be checked is right
	Altered    = 1 // something is not what was recorded
	NotSettled = 2 // right so far, but not yet vouched for as it should be
	Incomplete = 3 // something that must be there is missing
	Unreadable = 4 // it could not be read to the end
)

// Source is a journal that can be verified: [FromDatabase], [OpenPack] or
// [FromRows] make one.
type Source interface {
	// snapshot gives fn one unchanging view. It may run fn again from the start.
	snapshot(ctx context.Context, fn func(reader) error) error
}

// Options says what the reader of the report knows beforehand.
type Options struct {
	// Keys are the node's verifier keys in the spelling of package note, got from
	// somewhere else than the journal itself. Each counts for every epoch of the
	// node it names. Without any, a pack is checked with the keys it brings along
	// and the report says so.
	Keys []string
	// Anchors are checkpoints that were kept elsewhere: the node's anchor file, or
	// what an auditor collected. See [ReadAnchors].
	Anchors []Anchor
	// Now is when the source was as it is; it decides whether entries have waited
	// too long. The zero value takes the time a pack was made, and judges no
	// waiting where there is none.
	Now time.Time
	// Policy says whose cosignatures are enough. Those that the source holds are
	// checked against it; one that asks nobody is as none.
	Policy *witness.Policy
	// Settled, where there is no policy, reports whether a signed checkpoint has the cosignatures that the
	// node's policy asks for. nil means that there is no policy: legal, and shown
	// as not witnessed.
	Settled func(checkpoint string) bool
}

// Finding is one thing that is not as it must be.
type Finding struct {
	Exit  int    `json:"exit"`           // what it means, one of the exit codes
	Check string `json:"check"`          // code of the check that failed
	Table string `json:"table"`          // where: the table, "anchor" or "pack"
	Place string `json:"place"`          // which row: "idx 17", "epoch 1 size 40"
	Index int64  `json:"index"`          // position in the log, -1 for none
	What  string `json:"what"`           // in words
	More  int64  `json:"more,omitempty"` // further places that the same check found
}

// waitMost is how long an entry may wait for its place.
const waitMost = 5 * time.Minute

// Verify checks a whole journal without any key but the public ones, as a
// stream, in memory that does not grow with the journal. It goes on after a
// fault, so that the report names the first place of every kind; where the
// journal cannot be read to the end it returns an error beside the report.
//
// What it cannot see: a reading entry taken away before the sequencer took it;
// the time a checkpoint row says it was made; a checkpoint row taken away whose
// note nobody kept while a later one stands.
//
// progress, which may be nil, is told how many entries of how many are done.
func Verify(ctx context.Context, src Source, o Options, progress func(done, of int64)) (*Report, error) {
	keys, err := newKeyring(o.Keys)
	if err != nil {
		return nil, err
	}
	if o.Policy.Asks() && o.Settled == nil {
		o.Settled = func(signed string) bool {
			_, enough := o.Policy.Check(signed)
			return enough
		}
	}
	var v *verifier
	err = src.snapshot(ctx, func(r reader) error {
		v = newVerifier(r, o, keys, progress)
		return v.run(ctx)
	})
	if v == nil {
		v = newVerifier(nil, o, keys, progress)
	}
	if err != nil {
		v.find(Finding{
			Exit: Unreadable, Check: "read", Table: "journal", Place: "", Index: -1,
			What: "cannot be read to the end: " + causeOf(err),
		})
	}
	v.report.finish()
	return &v.report, err
}

// causeOf says why reading failed, in the words of the error.
func causeOf(err error) string {
	if errors.Is(err, context.Canceled) {
		return "stopped"
	}
	return err.Error()
}
