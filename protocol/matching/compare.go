package matching

import "causeway/protocol/mask"

// SchemaAccept is the schema of a [Compare].
const SchemaAccept = "match.accept/1"

// ExactPoints is how many points compare exact values, however many of them are known.
const ExactPoints = 8

// The steps by which both sides learn which exact values agree, before any name is told.
const (
	CompareAsk  = "ask"  // the asker goes on: its points, raised once
	CompareBack = "back" // the holder's points, raised once, and the asker's, raised by both
	CompareDone = "done" // the holder's points, raised by both
)

// Compare is one of these steps.
type Compare struct {
	V         int    `json:"v"`
	Agreement string `json:"agreement"` // as [Terms.ID]
	Question  string `json:"question"`  // 16 bytes in hexadecimal
	Step      string `json:"step"`
	Token     []byte `json:"token"`  // of the answer, in base64
	Once      []byte `json:"once"`   // points of who sends it, raised once; none in the last step
	Raised    []byte `json:"raised"` // points of who receives it, raised by both; none in the first step
}

// Flat puts points behind each other.
func Flat(points []mask.Point) []byte {
	out := make([]byte, 0, len(points)*mask.PointSize)
	for i := range points {
		out = append(out, points[i][:]...)
	}
	return out
}

// Unflat takes them apart again; bytes that are no whole point are left out.
func Unflat(b []byte) []mask.Point {
	out := make([]mask.Point, len(b)/mask.PointSize)
	for i := range out {
		out[i] = mask.Point(b[i*mask.PointSize:])
	}
	return out
}

func (a *Compare) check() error {
	const whole = ExactPoints * mask.PointSize
	once, raised := whole, whole
	switch a.Step {
	case CompareAsk:
		raised = 0
	case CompareBack:
	case CompareDone:
		once = 0
	default:
		return ErrFormat
	}
	if a.V != Version || !isID(a.Agreement) || !isID(a.Question) || len(a.Token) != TokenSize || len(a.Once) != once || len(a.Raised) != raised {
		return ErrFormat
	}
	if err := CheckPoints(Unflat(a.Once)); err != nil {
		return err
	}
	return CheckPoints(Unflat(a.Raised))
}

// Encode writes a step in its one form.
func (a *Compare) Encode() ([]byte, error) {
	a.V = Version
	if a.Once == nil {
		a.Once = []byte{}
	}
	if a.Raised == nil {
		a.Raised = []byte{}
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	return marshal(a)
}

// ReadCompare reads what [Compare.Encode] wrote, and nothing else.
func ReadCompare(b []byte) (*Compare, error) {
	var a Compare
	if err := strict(b, &a); err != nil {
		return nil, err
	}
	return &a, a.check()
}
