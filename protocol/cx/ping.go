package cx

import (
	"time"

	"causeway/protocol/identity"
)

// Ping says that a node is there, what time it has, and how far its journal has come.
// The two clocks are compared; more than [ClockWarning] apart is shown to people.
type Ping struct {
	From, To identity.NodeID
	At       time.Time
	Epoch    uint64
	Log      Checkpoint // zero: not said
	Schedule uint64     // serial of the newest schedule that the speaker holds of the other; 0: none
	SKey     identity.KeyID
}

// ClockWarning is how far apart two clocks may be before people are told.
const ClockWarning = 5 * time.Minute

func (p *Ping) kind() string { return "causeway/ping/" }

func (p *Ping) signer() (identity.NodeID, identity.KeyID) { return p.From, p.SKey }

func (p *Ping) addressee() identity.NodeID { return p.To }

func (p *Ping) fields(c *codec) {
	one(c, "from", &p.From, asNode)
	one(c, "to", &p.To, asNode)
	one(c, "at", &p.At, asTime)
	one(c, "epoch", &p.Epoch, asNumber)
	maybe(c, "log", &p.Log, asCheckpoint)
	maybe(c, "schedule", &p.Schedule, asNumber)
	one(c, "skey", &p.SKey, asKey)

	c.require(p.From != p.To, "to")
	c.require(p.Epoch > 0, "epoch")
}

// Sign returns the ping as a note.
func (p *Ping) Sign(by Signer) ([]byte, error) {
	p.SKey = by.Key()
	return sign(p, by, NoteLimit)
}

// OpenPing reads a ping that is meant for self.
func OpenPing(msg []byte, self identity.NodeID, pairs Pairs) (*Ping, error) {
	var p Ping
	if err := openFor(msg, &p, self, pairs, NoteLimit); err != nil {
		return nil, err
	}
	return &p, nil
}

// Apart returns how far the clock of a ping is from one's own.
func (p *Ping) Apart(now time.Time) time.Duration { return p.At.Sub(now).Abs() }
