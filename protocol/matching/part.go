package matching

import (
	"causeway/protocol/mask"
)

// SchemaPart is the schema of a [Part], going out and coming back.
const SchemaPart = "match.table/1"

// Sizes of a table, in points.
const (
	PointsEach = 18     // for each child that the table has room for; Arabic names need most, 16.5 on average
	PartPoints = 18_000 // of one part; the last one has as many
)

// Points is how many points a table of a size class has, fillers among them.
func Points(size int) int { return size * PointsEach }

// Parts is in how many parts a table of a size class travels.
func Parts(size int) int { return Points(size) / PartPoints }

// Part is a part of a holder's table: points in an order that says nothing. It comes back
// with the same points, raised by the asker, in the same order.
type Part struct {
	V         int    `json:"v"`
	Agreement string `json:"agreement"` // as [Terms.ID]
	Epoch     uint32 `json:"epoch"`
	Part      int    `json:"part"`   // from 0
	Points    []byte `json:"points"` // PartPoints times 32 bytes, in base64
}

// NewPart returns a part of points.
func NewPart(agreement string, epoch uint32, part int, points []mask.Point) *Part {
	p := &Part{V: Version, Agreement: agreement, Epoch: epoch, Part: part, Points: make([]byte, 0, len(points)*mask.PointSize)}
	for i := range points {
		p.Points = append(p.Points, points[i][:]...)
	}
	return p
}

// Encode writes a part in its one form.
func (p *Part) Encode() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return marshal(p)
}

func (p *Part) check() error {
	if p.V != Version || p.Epoch == 0 || p.Part < 0 || len(p.Points) != PartPoints*mask.PointSize || p.Agreement == "" {
		return ErrFormat
	}
	return nil
}

// ReadPart reads what [Part.Encode] wrote, and nothing else. Whether its points are points
// shows when they are raised, or by [Part.CheckPoints].
func ReadPart(b []byte) (*Part, error) {
	var p Part
	if err := strict(b, &p); err != nil {
		return nil, err
	}
	return &p, p.check()
}

// All returns the points of a part.
func (p *Part) All() []mask.Point {
	out := make([]mask.Point, len(p.Points)/mask.PointSize)
	for i := range out {
		out[i] = mask.Point(p.Points[i*mask.PointSize:])
	}
	return out
}

// CheckPoints refuses (ErrPoint) a part in which something is no point, or the identity.
func CheckPoints(points []mask.Point) error {
	for i := range points {
		if points[i].Check() != nil {
			return ErrPoint
		}
	}
	return nil
}
