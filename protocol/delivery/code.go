package delivery

// Code is why an envelope was not taken. The words are those of the protocol.
type Code string

// The codes that delivery gives.
const (
	NotPaired  Code = "not_paired"
	Quarantine Code = "quarantined" // the thread is frozen: a person looks
	StaleEpoch Code = "stale_epoch" // sent before its sender's restore
	InRecovery Code = "recovering"  // the two have not compared yet
	Gap        Code = "gap"         // too far ahead: the number wanted is with it
	Conflict   Code = "conflict"    // the id or the place has other content
)

// Answer is what an envelope gets: the receipt, or why not.
type Answer struct {
	Receipt []byte
	Known   bool // the receipt is the one it had before
	Code    Code
	Want    uint64 // with Gap: the number wanted
}
