package cx

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"causeway/protocol/identity"
	"causeway/protocol/witness"
)

// Limits of a comparison.
const (
	SyncNoteLimit = 8 << 20  // its note, in bytes
	SyncLimit     = 64 << 20 // an answer with its proofs, in bytes

	standsLimit = 1 << 16
	beyondLimit = 8 << 10
	growthLimit = 64 // restores that one answer tells of, and a checkpoint
)

// Sync is the question of a comparison: what a node holds of what two nodes said to each
// other. It carries numbers and digests, and no content.
type Sync struct {
	From, To identity.NodeID
	At       time.Time
	Epoch    uint64     // the speaker's
	Known    uint64     // the other's epoch, as the speaker knows it; 0: not at all
	Log      Checkpoint // of the speaker's journal; zero: not said
	Seen     Checkpoint // of the other's journal, as far as the speaker saw it; zero: not at all
	Stands   []Stand
	SKey     identity.KeyID
}

// Stand is how far one line of messages has come in the eyes of the speaker.
type Stand struct {
	Thread Thread
	Stream Stream
	Ours   bool   // what the speaker wrote; otherwise what the other did
	Len    uint64 // how many the speaker holds without a gap, at least 1
	Head   Digest // content of the last of them
}

func (s Stand) compare(o Stand) int {
	side := func(s Stand) int {
		if s.Ours {
			return 0
		}
		return 1
	}
	return cmp.Or(bytes.Compare(s.Thread[:], o.Thread[:]), cmp.Compare(s.Stream, o.Stream), cmp.Compare(side(s), side(o)))
}

func (s *Sync) kind() string { return "causeway/resync/" }

func (s *Sync) signer() (identity.NodeID, identity.KeyID) { return s.From, s.SKey }

func (s *Sync) addressee() identity.NodeID { return s.To }

func (s *Sync) fields(c *codec) {
	one(c, "from", &s.From, asNode)
	one(c, "to", &s.To, asNode)
	one(c, "at", &s.At, asTime)
	one(c, "epoch", &s.Epoch, asNumber)
	maybe(c, "known", &s.Known, asNumber)
	maybe(c, "log", &s.Log, asCheckpoint)
	maybe(c, "seen", &s.Seen, asCheckpoint)
	many(c, "stand", standsLimit, &s.Stands, asStand)
	one(c, "skey", &s.SKey, asKey)

	c.require(s.From != s.To, "to")
	c.require(s.Epoch > 0, "epoch")
	c.require(rising(s.Stands, Stand.compare), "stand")
}

// rising reports whether a list is in order without a double.
func rising[T any](list []T, compare func(a, b T) int) bool {
	for i := 1; i < len(list); i++ {
		if compare(list[i-1], list[i]) >= 0 {
			return false
		}
	}
	return true
}

// Sign puts the lines in order and returns the question as a note.
func (s *Sync) Sign(by Signer) ([]byte, error) {
	s.sort()
	s.SKey = by.Key()
	return sign(s, by, SyncNoteLimit)
}

// sort puts the stands in order and drops those that say nothing.
func (s *Sync) sort() {
	s.Stands = slices.DeleteFunc(s.Stands, func(st Stand) bool { return st.Len == 0 })
	slices.SortFunc(s.Stands, Stand.compare)
}

// OpenSync reads a question that is meant for self.
func OpenSync(msg []byte, self identity.NodeID, pairs Pairs) (*Sync, error) {
	var s Sync
	if err := openFor(msg, &s, self, pairs, SyncNoteLimit); err != nil {
		return nil, err
	}
	return &s, nil
}

// SyncAnswer is the answer to a [Sync]: the same from the other side, and what the
// asker has lost.
type SyncAnswer struct {
	Sync
	Question Digest // of the question's note
	Beyond   []Beyond

	Proofs [][]byte // for each of Beyond the header note, which the asker signed
	SeenBy []byte   // the asker's signed checkpoint that Seen names; nil when Seen is zero
	// Growth proves, where Log is not zero, that the speaker's journal contains what the
	// question said was seen of it: requests to a witness, statements of restores first,
	// then the checkpoint that Log names.
	Growth [][]byte
}

// Beyond is a message of the asker that the speaker holds, and of which the question
// said nothing.
type Beyond struct {
	Thread  Thread
	Stream  Stream
	Seq     uint64
	ID      ID
	Content Digest
	Epoch   uint64 // in which it came
}

func (b Beyond) compare(o Beyond) int {
	return cmp.Or(bytes.Compare(b.Thread[:], o.Thread[:]), cmp.Compare(b.Stream, o.Stream), cmp.Compare(b.Seq, o.Seq))
}

func (a *SyncAnswer) kind() string { return "causeway/resync.answer/" }

func (a *SyncAnswer) fields(c *codec) {
	one(c, "question", &a.Question, asDigest)
	many(c, "beyond", beyondLimit, &a.Beyond, asBeyond)
	a.Sync.fields(c)
	c.require(rising(a.Beyond, Beyond.compare), "beyond")
}

// Sign puts the lines in order and returns the answer with its proofs: each as its
// length in four bytes and its bytes, the note first. There is a proof for each of
// Beyond, by its ID.
func (a *SyncAnswer) Sign(by Signer, proofs map[ID][]byte) ([]byte, error) {
	a.sort()
	slices.SortFunc(a.Beyond, Beyond.compare)
	a.SKey = by.Key()
	msg, err := sign(a, by, SyncNoteLimit)
	if err != nil {
		return nil, err
	}
	parts := [][]byte{msg}
	for _, b := range a.Beyond {
		parts = append(parts, proofs[b.ID])
	}
	if a.Seen != (Checkpoint{}) {
		parts = append(parts, a.SeenBy)
	}
	if (a.Log != Checkpoint{}) != (len(a.Growth) > 0) || len(a.Growth) > growthLimit {
		return nil, fmt.Errorf("resync.answer, growth: %w", BadFormat)
	}
	parts = append(parts, a.Growth...)
	var out []byte
	for _, part := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	if len(out) > SyncLimit {
		return nil, fmt.Errorf("resync.answer: %w", TooLarge)
	}
	return out, nil
}

// ReadSyncAnswer reads an answer to the question of a digest that is meant for self,
// with its proofs. Every one of Beyond is proven by a header that self signed, by one of
// its own pairs. The checkpoints in SeenBy and Growth are not verified here.
func ReadSyncAnswer(r io.Reader, question Digest, self identity.NodeID, pairs Pairs) (*SyncAnswer, error) {
	r = io.LimitReader(r, SyncLimit)
	msg, err := readPrefixed(r, SyncNoteLimit)
	if err != nil {
		return nil, fmt.Errorf("resync.answer: %w", err)
	}
	var a SyncAnswer
	if err := openFor(msg, &a, self, pairs, SyncNoteLimit); err != nil {
		return nil, err
	}
	if a.Question != question {
		return nil, fmt.Errorf("resync.answer to another question: %w", Conflict)
	}
	for _, b := range a.Beyond {
		proof, err := readPrefixed(r, NoteLimit)
		if err != nil {
			return nil, fmt.Errorf("resync.answer, proof: %w", err)
		}
		if err := b.proven(proof, a.From, self, pairs); err != nil {
			return nil, err
		}
		a.Proofs = append(a.Proofs, proof)
	}
	if a.Seen != (Checkpoint{}) {
		if a.SeenBy, err = readPrefixed(r, NoteLimit); err != nil {
			return nil, fmt.Errorf("resync.answer, checkpoint: %w", err)
		}
	}
	if a.Log == (Checkpoint{}) {
		if _, err := io.ReadFull(r, make([]byte, 1)); !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("behind the proofs: %w", BadFormat)
		}
		return &a, nil
	}
	a.Growth, err = readGrowth(r)
	return &a, err
}

// readGrowth reads the last parts of an answer, to its end.
func readGrowth(r io.Reader) (out [][]byte, err error) {
	in := bufio.NewReader(r)
	for {
		if _, err := in.Peek(1); errors.Is(err, io.EOF) && len(out) > 0 {
			return out, nil
		}
		part, err := readPrefixed(in, witness.RequestMost)
		if err != nil {
			return nil, fmt.Errorf("resync.answer, growth: %w", err)
		}
		if out = append(out, part); len(out) > growthLimit {
			return nil, fmt.Errorf("resync.answer, growth: %w", TooLarge)
		}
	}
}

// proven compares a line with the header that proves it.
func (b Beyond) proven(proof []byte, to, self identity.NodeID, pairs Pairs) error {
	var h Header
	if err := openFor(proof, &h, to, pairs, NoteLimit); err != nil {
		return err
	}
	if h.From != self || b != (Beyond{h.Thread, h.Stream, h.Seq, h.ID, h.Content, h.Epoch}) {
		return fmt.Errorf("resync.answer, proof: %w", Conflict)
	}
	return nil
}

// asStand spells thread, stream, side, length and head.
var asStand = spelling[Stand]{
	func(s Stand) string {
		side := "theirs"
		if s.Ours {
			side = "ours"
		}
		return fmt.Sprintf("%s %s %s %d %s", s.Thread, s.Stream, side, s.Len, s.Head)
	},
	func(text string) (s Stand, err error) {
		w := wordsOf(text, 5)
		s.Ours = w[2] == "ours"
		s.Stream = Stream(w[1])
		if !s.Stream.Valid() || w[2] != "ours" && w[2] != "theirs" {
			return s, BadFormat
		}
		s.Thread, err = ParseThread(w[0])
		n, err2 := readNumber(w[3])
		head, err3 := ParseDigest(w[4])
		s.Len, s.Head = n, head
		if n == 0 {
			err2 = BadFormat
		}
		return s, cmp.Or(err, err2, err3)
	},
}

// asBeyond spells thread, stream, number, id, content and epoch.
var asBeyond = spelling[Beyond]{
	func(b Beyond) string {
		return fmt.Sprintf("%s %s %d %s %s %d", b.Thread, b.Stream, b.Seq, b.ID, b.Content, b.Epoch)
	},
	func(text string) (b Beyond, err error) {
		w := wordsOf(text, 6)
		b.Stream = Stream(w[1])
		if !b.Stream.Valid() {
			return b, BadFormat
		}
		b.Thread, err = ParseThread(w[0])
		seq, err2 := readNumber(w[2])
		id, err3 := ParseID(w[3])
		content, err4 := ParseDigest(w[4])
		epoch, err5 := readNumber(w[5])
		b.Seq, b.ID, b.Content, b.Epoch = seq, id, content, epoch
		return b, cmp.Or(err, err2, err3, err4, err5)
	},
}
