package casework

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// A group intake is one event in which many children are found at once. Each child is
// a case of its own from the first minute, with its own key and number and somebody
// responsible; what is known of the event is sealed in each of them. A strand in each
// case says that they arrived together.

// StrandIntake is a child's place in a group intake.
const StrandIntake = "intake"

// The events of a group intake.
const (
	KindArrived        = "arrived"
	KindArrivalChanged = "arrival-changed"
)

// ArrivalsMost is how many children one group intake may have.
const ArrivalsMost = 60

// temporaryName is the kind of a label that stands for a name until one is known
// (code list name_kind).
const temporaryName = "temporary"

// Arrival is what is known of how a child arrived, and what is arranged for now.
type Arrival struct {
	Order     int64       `cbor:"1,keyasint"`
	Label     sealed.Text `cbor:"2,keyasint"` // "blue 7"
	Place     sealed.Text `cbor:"3,keyasint,omitzero"`
	On        sealed.Date `cbor:"4,keyasint,omitzero"`
	Hour      sealed.Text `cbor:"5,keyasint,omitzero"` // as told
	FoundBy   sealed.Text `cbor:"6,keyasint,omitzero"`
	Urgent    sealed.Text `cbor:"7,keyasint,omitzero"` // what the child needs at once
	Bed       sealed.Text `cbor:"8,keyasint,omitzero"`
	Transport sealed.Text `cbor:"9,keyasint,omitzero"`
	Family    string      `cbor:"10,keyasint,omitempty"` // mark of those who belong together
	By        []byte      `cbor:"11,keyasint"`           // who took the children in
}

// GroupIntake is what is asked before the first child has a number.
type GroupIntake struct {
	Label   sealed.Text // the word before the numbers: a colour, an animal
	Count   int
	Place   sealed.Text
	On      sealed.Date
	Hour    sealed.Text
	FoundBy sealed.Text
	Region  string
	Risk    string // of every child, until somebody knows more
	Basis   string
}

func (in *GroupIntake) check(codes Codes, now time.Time) error {
	var c fault.Check
	c.Require(!in.Label.IsZero(), "intake_label", "required")
	c.Require(in.Count >= 1 && in.Count <= ArrivalsMost, "intake_count", "out-of-range")
	c.Require(!in.Place.IsZero(), "intake_place", "required")
	wholeDay(&c, "intake_on", in.On, now, true)
	c.Require(in.Region == "" || codes.Valid("region", in.Region), "region", "not-in-list")
	c.Require(codes.Valid("risk", in.Risk), "risk", "required")
	c.Require(codes.Valid("legal_basis", in.Basis), "basis", "required")
	text(&c, "intake_label", in.Label, 40)
	text(&c, "intake_place", in.Place, mostShort)
	text(&c, "intake_hour", in.Hour, 40)
	text(&c, "intake_found_by", in.FoundBy, mostShort)
	return c.Err()
}

// Intake registers all children of a group in one step, all or none, and returns what
// they have in common. The same command again returns the same.
func (r *Room) Intake(ctx context.Context, c *access.Caller, cmd ident.Command, in GroupIntake) (ident.Tie, error) {
	if err := in.check(r.codes, r.clk.Now()); err != nil {
		return ident.Tie{}, err
	}
	tie := ident.Tie(pieceOf(cmd, 0))
	commands := make([]func(*Room) error, in.Count)
	for i := range commands {
		n := int64(i + 1)
		commands[i] = func(room *Room) error {
			_, err := room.Register(ctx, c, pieceOf(cmd, n), in.registration(n, tie, whoIs(c)))
			return err
		}
	}
	return tie, r.together(ctx, c, access.Act{Action: "case.register", Command: pieceOf(cmd, 1)}, commands...)
}

// pieceOf returns the command of one piece of a form: always the same for the same
// form.
func pieceOf(cmd ident.Command, n int64) ident.Command {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte("piece"), cmd[:]...), uint64(n)))
	return ident.Command(sum[:16])
}

// registration is that of the n-th child: a label and nothing else that names anyone.
func (in *GroupIntake) registration(n int64, tie ident.Tie, by ident.Staff) Registration {
	label := sealed.NewText(fmt.Sprintf("%s %d", in.Label.Reveal(), n))
	return Registration{
		Person: person.Details{
			Names: []person.Name{{Text: label, Kind: temporaryName}},
			Birth: person.Birth{PresumedChild: true},
		},
		Place: in.Place, Region: in.Region, Risk: in.Risk, Basis: in.Basis,
		arrival: &Arrival{Order: n, Label: label, Place: in.Place, On: in.On, Hour: in.Hour, FoundBy: in.FoundBy, By: by[:]}, tie: tie,
	}
}

// arrive writes into a new case that its child came with others.
func arrive(ctx context.Context, p *access.Pass, s *keys.Sealer, c *Case, g *Registration) error {
	strand := Strand{Kind: StrandIntake, Tie: g.tie}
	e, err := strand.begin(ctx, p, &Event{Kind: KindArrived, Content: Content{Arrival: g.arrival}})
	if err != nil {
		return err
	}
	return e.write(ctx, p, s, c)
}
