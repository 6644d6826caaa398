package cx

import (
	"time"

	"causeway/protocol/identity"
)

// Refusal says why an envelope was not taken at the door: nothing of it was kept. It is
// written only about an envelope whose header was right and to a peer that is known;
// everything else gets no word.
type Refusal struct {
	From identity.NodeID // who refuses and signs this
	To   identity.NodeID // who brought the envelope
	ID   ID              // of the message; none: it could not be told
	Code Code            // one that is not known is not final
	At   time.Time
	Want uint64         // with [Gap]: the number that is wanted
	EKey identity.KeyID // with [UnknownEKey]: the key to seal to
	SKey identity.KeyID
}

func (r *Refusal) kind() string { return "causeway/error/" }

func (r *Refusal) signer() (identity.NodeID, identity.KeyID) { return r.From, r.SKey }

func (r *Refusal) addressee() identity.NodeID { return r.To }

func (r *Refusal) fields(c *codec) {
	one(c, "from", &r.From, asNode)
	one(c, "to", &r.To, asNode)
	maybe(c, "id", &r.ID, asID)
	one(c, "code", &r.Code, asWord[Code](isToken))
	one(c, "at", &r.At, asTime)
	maybe(c, "want", &r.Want, asNumber)
	maybe(c, "ekey", &r.EKey, asKey)
	one(c, "skey", &r.SKey, asKey)

	c.require(r.From != r.To, "to")
	c.require(r.Want == 0 || r.Code == Gap, "want")
	c.require(r.EKey == identity.KeyID{} || r.Code == UnknownEKey, "ekey")
}

// Sign returns the refusal as a note.
func (r *Refusal) Sign(by Signer) ([]byte, error) {
	r.SKey = by.Key()
	return sign(r, by, NoteLimit)
}

// OpenRefusal reads a refusal that is meant for self.
func OpenRefusal(msg []byte, self identity.NodeID, pairs Pairs) (*Refusal, error) {
	var r Refusal
	if err := openFor(msg, &r, self, pairs, NoteLimit); err != nil {
		return nil, err
	}
	return &r, nil
}
