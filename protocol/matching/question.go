package matching

import (
	"io"
	"slices"

	"causeway/protocol/mask"
)

// SchemaQuestion is the schema of a [Question].
const SchemaQuestion = "match.question/1"

// Sizes of questions.
const (
	DaySlots   = 50 // of the letter of a day, however many of them ask
	SlotPoints = 64 // of a question, however much is known of the child
	slotSize   = 2*codeSize + 3*idSize + SlotPoints*mask.PointSize
	codeSize   = 1
	idSize     = 16
)

// Why somebody is looked for, and what permits it. Only the codes travel.
const (
	WhyFamily     = 1 // to find the family
	WhyProtection = 2 // to protect the child
	WhyMissing    = 3 // the child is missing
	whyMost       = WhyMissing

	ByConsent   = 1 // somebody agreed to it, by the country's name
	ByInterests = 2 // a determination of the child's best interests in its place
	byMost      = ByInterests
)

// Slot is one question. Officer and Approver are names of two people for this question
// alone: only their own node can say who they are. A slot that asks nothing is random, and
// looks the same.
type Slot struct {
	ID                [idSize]byte
	Why, By           byte
	Officer, Approver [idSize]byte
	Points            [SlotPoints]mask.Point
}

// Filler returns a slot that asks nothing.
func Filler(random io.Reader) (s Slot, err error) {
	codes := make([]byte, 2)
	for _, b := range [][]byte{s.ID[:], s.Officer[:], s.Approver[:], codes} {
		if _, err := io.ReadFull(random, b); err != nil {
			return s, err
		}
	}
	s.Why, s.By = codes[0]%whyMost+1, codes[1]%byMost+1
	for i := range s.Points {
		if s.Points[i], err = mask.Filler(random); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *Slot) append(b []byte) []byte {
	b = append(append(b, s.ID[:]...), s.Why, s.By)
	b = append(append(b, s.Officer[:]...), s.Approver[:]...)
	for i := range s.Points {
		b = append(b, s.Points[i][:]...)
	}
	return b
}

func readSlot(b []byte) (s Slot, err error) {
	s.ID, s.Why, s.By = [idSize]byte(b), b[idSize], b[idSize+1]
	b = b[idSize+2*codeSize:]
	s.Officer, s.Approver = [idSize]byte(b), [idSize]byte(b[idSize:])
	for i := range s.Points {
		s.Points[i] = mask.Point(b[2*idSize+i*mask.PointSize:])
	}
	if s.ID == ([idSize]byte{}) || s.Why < 1 || s.Why > whyMost || s.By < 1 || s.By > byMost {
		return s, ErrFormat
	}
	return s, CheckPoints(s.Points[:])
}

// Question is the letter of a day, of [DaySlots] slots; or one that cannot wait, of one.
type Question struct {
	V         int    `json:"v"`
	Agreement string `json:"agreement"` // as [Terms.ID]
	Epoch     uint32 `json:"epoch"`
	Day       int64  `json:"day"`    // days since 1970, UTC
	Part      int    `json:"part"`   // of the day, from 0
	Urgent    bool   `json:"urgent"` // one slot
	Slots     []byte `json:"slots"`
}

// Encode writes a letter with its slots in their one form.
func (q *Question) Encode(slots []Slot) ([]byte, error) {
	q.V, q.Slots = Version, make([]byte, 0, len(slots)*slotSize)
	for i := range slots {
		q.Slots = slots[i].append(q.Slots)
	}
	if _, err := q.read(); err != nil {
		return nil, err
	}
	return marshal(q)
}

// ReadQuestion reads what [Question.Encode] wrote, and nothing else. One point that is
// none, or the identity, refuses the whole letter ([ErrPoint]).
func ReadQuestion(b []byte) (*Question, []Slot, error) {
	var q Question
	if err := strict(b, &q); err != nil {
		return nil, nil, err
	}
	slots, err := q.read()
	if err != nil {
		return nil, nil, err
	}
	return &q, slots, nil
}

func (q *Question) read() ([]Slot, error) {
	want := DaySlots
	if q.Urgent {
		want = 1
	}
	if q.V != Version || !isID(q.Agreement) || q.Epoch == 0 || q.Day <= 0 || q.Part < 0 || len(q.Slots) != want*slotSize {
		return nil, ErrFormat
	}
	out := make([]Slot, 0, want)
	for b := range slices.Chunk(q.Slots, slotSize) {
		s, err := readSlot(b)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(o Slot) bool { return o.ID == s.ID }) {
			return nil, ErrFormat
		}
		out = append(out, s)
	}
	return out, nil
}
