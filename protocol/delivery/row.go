package delivery

import "time"

// ID names an item. It is the key by which a repetition is told.
type ID [16]byte

// Thread names one conversation of two nodes.
type Thread [16]byte

// Digest is a SHA-256.
type Digest [32]byte

// Stream tells what asks from what answers.
type Stream string

// The streams of a thread.
const (
	Commands Stream = "cmd"
	Statuses Stream = "status"
)

// Side is whose items a lane holds.
type Side string

// The sides.
const (
	Ours   Side = "ours"
	Theirs Side = "theirs"
)

// Lane is what one side says in one stream of a thread.
type Lane struct {
	Side   Side
	Thread Thread
	Stream Stream
}

// Count is how far a lane has come.
type Count struct {
	Lane
	Len    uint64 // items without a gap
	Head   Digest // the content of the last of them
	Opened uint64 // of theirs: how many were opened
	Held   uint64 // of ours: how many the peer holds without a gap, as far as we know
}

// Item is one message at its place.
type Item struct {
	Lane
	Seq     uint64 // from 1; 0 is no item
	ID      ID
	Content Digest // of the signed content
	Prev    Digest // the link of the item before; of theirs: known when opened
	Stands  Digest // of a void: the content it stands for, which nobody holds
	Answers ID     // the item it answers, or zero
	Ask     bool   // it is done only when it was answered
	Void    bool   // it fills a number
	Epoch   uint64 // of its sender, when it was first sent or kept

	// Of ours.
	Held     bool // the peer's receipt is here
	Answered bool // the peer's answer is here
	Done     bool // it need not be sent any more
	Again    bool // the peer held it once and asks for it a second time
	Lost     bool // the peer holds it and we do not: a restore
	Gone     bool // lost, and the peer holds it no more either

	// Of theirs.
	Late   bool // its time was over when it came
	Return bool // they lost it and want it back
}

// Link is what the next item of the lane names as the one before.
func (it *Item) Link() Digest {
	if it.Stands != (Digest{}) {
		return it.Stands
	}
	return it.Content
}

// Entry is a line of the ledger: what an envelope was answered with, for good.
type Entry struct {
	ID      ID
	Content Digest
	Receipt []byte
	Dropped bool // the item was taken out of its lane, unopened: it may come again
}

// Checkpoint is how far a node's journal had come.
type Checkpoint struct {
	Epoch uint64
	Size  uint64
}

// Standing is how far a peer is trusted.
type Standing string

// The standings, each a step further away. Of a peer that is not in good standing
// everything is kept unopened, and what is for it waits.
const (
	Good        Standing = ""
	Watched     Standing = "watch"
	Quarantined Standing = "quarantined"
	Removed     Standing = "removed"
)

// Meeting is how far two nodes have come since this one started.
type Meeting string

// The meetings. Only in [Ready] anything is said, taken or opened.
const (
	Starting   Meeting = ""           // nothing was compared yet
	Recovering Meeting = "recovering" // what we lost is on its way back
	Ready      Meeting = "ready"
)

// Peer is what a node keeps of another node.
type Peer struct {
	Standing Standing
	Meeting  Meeting
	Epoch    uint64     // the highest it showed; 0 before the first meeting
	Rose     time.Time  // when we saw it rise; zero if never
	Seen     Checkpoint // the farthest of its journal that it showed us
	Hold     bool       // what it asks for a second time waits for an officer
}

// Rows is what a node keeps of its dealings with one peer. Every call of one [Desk]
// belongs to one transaction of the caller, which commits all or nothing. What is
// not there is the zero value and no error.
type Rows interface {
	Peer() (Peer, error)
	SetPeer(Peer) error

	// Counts returns all lanes, in any order.
	Counts() ([]Count, error)
	Count(Lane) (Count, error)
	SetCount(Count) error

	Item(Lane, uint64) (Item, error)
	// After returns the items of a lane beyond a number, in their order.
	After(Lane, uint64) ([]Item, error)
	// Find returns the item of a side that has this id.
	Find(Side, ID) (Item, error)
	// Answer returns the item of a side that answers this id.
	Answer(Side, ID) (Item, error)
	SetItem(Item) error
	// Repeats returns in how many threads items are sent a second time: those that
	// the peer lost of ours, and those that it lost of its own.
	Repeats() (int, error)
	// Drop takes an item out of its lane and keeps it as proof.
	Drop(Item) error

	Entry(ID) (Entry, error)
	SetEntry(Entry) error

	Frozen(Thread) (bool, error)
	// Freeze stops a thread, and keeps what could not stand at a place that was
	// taken as proof.
	Freeze(Thread, Item) error
}

// Desk is where one node deals with one peer, for the length of one transaction.
type Desk struct {
	Rows  Rows
	Epoch uint64    // ours
	Log   uint64    // how long our journal is
	Now   time.Time // by our clock
}
