package match

import (
	"context"
	"sync"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/match/ask"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/mask"
)

// purposeOffice is the purpose code of what officers decide here: it is about no child.
const purposeOffice = access.PurposeAccounts

// Post is the post office.
type Post interface {
	// Send lets a message wait for its number, in the transaction of what it is about.
	Send(ctx context.Context, tx *store.Tx, d *cx.Draft) (cx.ID, error)
	// Unsay destroys what was said in a thread with a node, on our side.
	Unsay(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) error
}

// Secrets keeps the secrets of epochs, outside every backup.
type Secrets interface {
	// Secret returns that of an epoch, made when it is first asked for. One that was
	// destroyed is Denied ("key-destroyed"), for ever.
	Secret(purpose Purpose, of AgreementID, epoch uint32) (*mask.Secret, error)
	// Destroy ends those of all epochs up to one.
	Destroy(purpose Purpose, of AgreementID, upTo uint32) error
}

// Leave says who may be asked about, or be in a table.
type Leave interface {
	// Unmet returns, as codes, what is missing before anything masked about the pass's case
	// may go to a node: nothing is, or nothing goes. The pass is a command's.
	Unmet(ctx context.Context, p *access.Pass, purpose Purpose, to identity.NodeID) ([]string, error)
	// Candidates returns the cases after one for which it is worth asking, in order. Cases
	// that are not among them are not let through by Unmet.
	Candidates(ctx context.Context, p *access.Pass, purpose Purpose, to identity.NodeID, after ident.Case, most int) ([]ident.Case, error)
}

// Codes knows of what of a child can be compared.
type Codes interface {
	// Codes returns it for the pass's case: codes of names, no name.
	Codes(ctx context.Context, p *access.Pass, of ident.Case) (ask.Child, error)
}

// Partner is a node with which this one is paired.
type Partner struct {
	Node      identity.NodeID
	Name      string // what it calls itself
	Country   string // code list nationality; "" of an organisation of many States
	Suspended bool   // nothing is sent to it at present
}

// Partners knows them.
type Partners interface {
	// Own is this node's name, "" for one without partners.
	Own() identity.NodeID
	// Partners returns the nodes with which a pair is in force.
	Partners(ctx context.Context) ([]Partner, error)
	// Officer is the pseudonym under which other nodes know somebody here.
	Officer(who ident.Staff) string
}

// Config is what a room is made of. All of it is required.
type Config struct {
	DB       *store.DB
	Gate     *access.Gate
	Clock    clock.Clock
	Zone     *time.Location // in which it is night
	Key      store.Voucher  // vouches for rows
	Codes    Codes
	Leave    Leave
	Cases    Cases
	Secrets  Secrets
	Post     Post
	Partners Partners
}

// Settle ends the handling of a message within the transaction in which it was acted on.
type Settle func(ctx context.Context, tx *store.Tx, o cx.Opened) error

// Room keeps agreements, tables, questions and answers. It is safe for concurrent use.
type Room struct {
	Config
	gate *access.Gate

	// takes are the messages that the room acts on, set while it is built.
	takes map[cx.Type]func(context.Context, *cx.Message, Settle) error

	mu     sync.Mutex // guards tables
	tables map[tableKey]*loaded
	work   working
}

// New returns the room.
func New(c Config) *Room {
	r := &Room{Config: c, gate: c.Gate, tables: map[tableKey]*loaded{}}
	r.takes = map[cx.Type]func(context.Context, *cx.Message, Settle) error{
		cx.MatchAgree: r.agreeCame,
		cx.MatchTable: r.tableCame,
		cx.MatchBack:  r.backCame,

		cx.MatchQuestion: r.questionCame,
		cx.MatchAnswer:   r.answerCame,
		cx.MatchAccept:   r.compareCame,
		cx.MatchCount:    r.countCame,
	}
	return r
}
