// Package peer is the door for other nodes: a listener apart from the staff pages, the
// client that knocks at theirs, and the way over a stick where there is no network.
//
// Who stands at the other end of a connection is the key that the pair's schedule,
// signed by the node's recovery key, names today; no authority of the web is asked.
// Whoever shows no such key gets the same empty answer to everything ([Door]). What a
// peer brings is ciphertext that the post office looks at ([Post]); the door carries it,
// counts it and bounds it, and knows nothing of what it says.
//
// It must never follow a redirect, fetch an address that a message names, or read a body
// before its length and its sender are known. Start at [Door] and [Client].
package peer

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"time"

	"causeway/internal/clock"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// Partner is a node with which this one is paired, as it is now.
type Partner struct {
	ID        identity.NodeID
	URL       string              // where its door is, such as "https://door.xb.example:9443"; "" when only it can call us
	Transport []ed25519.PublicKey // the keys its schedule names for now, with their overlap
	Fetch     bool                // messages are fetched there too: this node cannot be called
	Limits    Limits
}

// Partners knows the nodes with which this one is paired. Nodes that were removed, and
// keys that were revoked or have run out, are not among them.
type Partners interface {
	// Holder returns the partner whose transport key this is now.
	Holder(ctx context.Context, key ed25519.PublicKey) (Partner, bool, error)
	// Named returns a partner by its id.
	Named(ctx context.Context, id identity.NodeID) (Partner, bool, error)
	// All returns all partners.
	All(ctx context.Context) ([]Partner, error)
}

// Post is the post office behind the door. What it refuses, it refuses with a [cx.Code].
type Post interface {
	// Receive takes what a peer brings, in the frame of [cx.Peek], and returns the signed
	// answer: of an envelope its receipt, when it is stored for good. It refuses what
	// another node signed.
	Receive(ctx context.Context, from identity.NodeID, body io.Reader) (answer []byte, err error)
	// ReceiveHand is Receive for what is brought together, in its order. It ends with the first
	// thing that is not taken: what comes after that was not looked at.
	ReceiveHand(ctx context.Context, from identity.NodeID, hand [][]byte) []Brought
	// Outside reads the header of an envelope from a peer.
	Outside(ctx context.Context, from identity.NodeID, envelope []byte) (*cx.Header, error)
	// Sync answers what a peer says of both sides' streams.
	Sync(ctx context.Context, from identity.NodeID, question io.Reader) (answer []byte, err error)
	// Waiting returns the envelopes that wait for a peer and come after one, in the order
	// in which they may be sent: at most most. The zero id begins at the first.
	Waiting(ctx context.Context, to identity.NodeID, after cx.ID, most int) ([]cx.ID, error)
	// Parcel returns an envelope that waits for a peer.
	Parcel(ctx context.Context, to identity.NodeID, id cx.ID) (Parcel, error)
	// HandOut returns receipts for a peer that fetches, each as a note; nobody says whether they
	// arrived.
	HandOut(ctx context.Context, to identity.NodeID, most int) ([][]byte, error)
	// Names reports whether a message to a peer that still waits names an attachment.
	Names(ctx context.Context, to identity.NodeID, d cx.Digest) (bool, error)
	// Placed proves where leaves stand in this node's journal that its receipts name: a C2SP
	// tlog-proof for each, nothing where there is none yet.
	Placed(ctx context.Context, leaves []cx.Digest) ([][]byte, error)
}

// Parcel is an envelope whose time to be sent has come.
type Parcel struct {
	ID     cx.ID
	Thread cx.Thread
	Tried  int // how often the peer refused it
	Body   []byte
	Blobs  []cx.Digest // its attachments, which go first
}

// Outbox is the post office's side of what is sent.
type Outbox interface {
	// Due returns what may be sent to a peer now, at most most, in the order of each thread;
	// nothing of the threads in skip. Of a thread whose first parcel waits for its next
	// try there is none.
	Due(ctx context.Context, to identity.NodeID, skip map[cx.Thread]bool, most int) ([]Parcel, error)
	// Answered takes the answers of a peer to parcels that it took.
	Answered(ctx context.Context, to identity.NodeID, answers []Answered) error
	// Refused takes the answer of a peer that did not. again is when it is tried next: the
	// zero time says that it is of no use, and a person is told.
	Refused(ctx context.Context, to identity.NodeID, id cx.ID, why *Refusal, again time.Time) error
	// Question returns what a peer is asked before anything is sent to it, nil when the two
	// have compared since this node started.
	Question(ctx context.Context, to identity.NodeID) ([]byte, error)
	// Learn takes the answer to a question.
	Learn(ctx context.Context, to identity.NodeID, question, answer []byte) error
}

// Refuse signs a note that tells a peer why something of it was not taken; id is zero
// where it cannot be told of what. It returns nothing where it cannot be signed.
type Refuse func(ctx context.Context, to identity.NodeID, id cx.ID, code cx.Code) []byte

// Config is what a door is made of.
type Config struct {
	Self     identity.NodeID
	Clock    clock.Clock
	Log      *slog.Logger
	Partners Partners
	Post     Post
	Spool    *Spool
	Own      func() (*tls.Certificate, error) // this node's transport key of now
	Witness  http.Handler                     // what is asked below /cx/1/witness; nil: nothing is there
	Refuse   Refuse                           // nil: refusals have no note
	Alarm    func(ctx context.Context, who identity.NodeID) error
	Full     func() bool               // the disk has no room for new work
	Asked    func(who identity.NodeID) // is told that a partner compared with us; nil: nobody is
}
