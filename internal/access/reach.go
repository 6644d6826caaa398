package access

import (
	"context"
	"fmt"
	"math"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Relations of a holder to a case.
const (
	RelationLead   = "lead"   // the worker responsible
	RelationHelper = "helper" // somebody invited to help
	RelationUnit   = "unit"   // the unit responsible, and the units above it

	// The relations of those who never read the live case: no list counts them,
	// and policies permit them only what concerns what they were handed or told.
	RelationReceiver = "receiver" // a unit to which the case was offered or handed over
	RelationCircle   = "circle"   // a person in the child's circle, such as the guardian

	relationDeputy = "deputy" // of the lead; never stored
	relationNone   = "none"

	relationWithheld = "withheld" // mirrors access_withhold for lists
)

// noEnd is the until of a reach without an end.
const noEnd = int64(math.MaxInt64)

// reachOf is what the tables say about one caller and one case.
type reachOf struct {
	relation string
	withheld bool
	permits  []string
	parts    []string // withheld from the caller: see [Part]
}

// rank orders relations from far to near.
var rank = map[string]int{
	relationNone: 0, RelationCircle: 1, RelationReceiver: 2, RelationGlass: 3, RelationUnit: 4, RelationHelper: 5, relationDeputy: 6, RelationLead: 7,
}

// take adds one row of the deciding query to what is known about caller c.
func (r *reachOf) take(c *Caller, what string, h []byte, relation string) {
	if what == "p" {
		r.permits = append(r.permits, relation)
		return
	}
	if what == "f" {
		r.takePart(c, h, relation)
		return
	}
	// What is withheld from a unit is withheld from everybody in it.
	r.withheld = r.withheld || what == "w" && string(c.unit[:]) == string(h)
	// Everybody in a unit is a receiver of what the unit was handed: nobody waits
	// for one person. Other relations of a unit are its supervisor's alone.
	if what == "r" && relation == RelationReceiver && string(c.unit[:]) == string(h) && rank[RelationReceiver] > rank[r.relation] {
		r.relation = RelationReceiver
	}
	for i := range c.hold {
		if string(c.hold[i][:]) != string(h) {
			continue
		}
		if what == "w" || relation == relationWithheld {
			r.withheld = true
			continue
		}
		held := relation
		if c.as[i] == asDeputy {
			if relation != RelationLead {
				continue
			}
			held = relationDeputy
		}
		if rank[held] > rank[r.relation] {
			r.relation = held
		}
	}
}

// readReach asks for everything that decides about one case. An unknown case
// takes the same path and gives the same answer as one out of reach.
func readReach(ctx context.Context, tx *store.Tx, c *Caller, id ident.Case, now int64) (reachOf, error) {
	r := reachOf{relation: relationNone}
	rows, err := tx.Query(ctx, sqlSelectDeciding, id, now)
	if err != nil {
		return r, fmt.Errorf("read reach: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var what, relation string
		var caseID, h []byte
		if err := rows.Scan(&what, &caseID, &h, &relation); err != nil {
			return r, fmt.Errorf("read reach: %w", err)
		}
		r.take(c, what, h, relation)
	}
	return r, rows.Err()
}

// readReachMany is [readReach] for the rows of a list, without permits.
func readReachMany(ctx context.Context, tx *store.Tx, c *Caller, ids []ident.Case, now int64) (map[ident.Case]*reachOf, error) {
	out := make(map[ident.Case]*reachOf, len(ids))
	for start := 0; start < len(ids); start += listSlots {
		chunk := ids[start:min(start+listSlots, len(ids))]
		args := make([]any, 0, listSlots+1)
		args = append(args, now)
		for i := range listSlots {
			id := chunk[min(i, len(chunk)-1)]
			args = append(args, id)
			out[id] = &reachOf{relation: relationNone}
		}
		rows, err := tx.Query(ctx, sqlSelectDecidingMany, args...)
		if err != nil {
			return nil, fmt.Errorf("read reach of list: %w", err)
		}
		for rows.Next() {
			var what, relation string
			var caseID ident.Case
			var h []byte
			if err := rows.Scan(&what, &caseID, &h, &relation); err != nil {
				_ = rows.Close() // the scan's error says more
				return nil, fmt.Errorf("read reach of list: %w", err)
			}
			if r := out[caseID]; r != nil {
				r.take(c, what, h, relation)
			}
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fewCases is up to how many cases a list starts from what its reader reaches
// instead of from the filters.
const fewCases = 3000

// fewFor is how long the answer of [Pass.Few] is good. It chooses the way a list
// is found, never what is on it.
const fewFor = time.Minute

// fewAnswer is a remembered answer.
type fewAnswer struct {
	few bool
	at  time.Time
}

// Few reports whether the caller of a list pass reaches so few cases that the
// list should start from [ReachedCases].
func (p *Pass) Few(ctx context.Context) (bool, error) {
	key, now := p.caller.hold, p.gate.clk.Now()
	p.gate.mu.Lock()
	known, ok := p.gate.few[key]
	p.gate.mu.Unlock()
	if ok && !now.Before(known.at) && now.Sub(known.at) < fewFor {
		return known.few, nil
	}
	var n int64
	args := append(p.caller.Holders(), p.Now().UnixMicro())
	if err := p.Tx().QueryRow(ctx, sqlCountReached, args...).Scan(&n); err != nil {
		return false, fmt.Errorf("count reach: %w", err)
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	if len(p.gate.few) >= 10_000 {
		clear(p.gate.few)
	}
	p.gate.few[key] = fewAnswer{n <= fewCases, now}
	return n <= fewCases, nil
}

// ReachedCases returns a SELECT of the cases the holders reach, with the same
// placeholders as [ReachTo].
func ReachedCases(first int) string { return reachedCases(first) }

// WithholdAgain puts a withholding into force that a restored backup did not
// hold, and enters it. It is for the restore, before the node serves; a case
// that the database does not know is NotFound.
func WithholdAgain(ctx context.Context, tx *store.Tx, k *keys.Custody, j *journal.Journal, c ident.Case, from [16]byte) error {
	s := ident.SubjectOf(c)
	sealer, err := k.Sealer(ctx, tx, s)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.NotFound, "no-such-case")
	case err != nil:
		return err
	}
	defer sealer.Close()
	e := restored("case.withhold", s)
	d := &desk{tx: tx, of: c, seal: sealer, wrote: func(table string, row []byte, version int64, mac []byte) {
		e.Rows = append(e.Rows, journal.RowState{Table: table, Row: row, Version: version, MAC: mac})
	}}
	if err := d.load(ctx); err != nil {
		return err
	}
	if err := d.withhold(ctx, from); err != nil {
		return err
	}
	if len(e.Rows) == 0 { // in force already
		return nil
	}
	if err := d.flush(ctx); err != nil {
		return err
	}
	_, err = j.Append(ctx, tx, e)
	return err
}

// Withheld is one withholding in force.
type Withheld struct {
	Case ident.Case
	From [16]byte
}

// AllWithheld returns every withholding in force, for the restrictions file: two
// random identifiers each, nothing else.
func (g *Gate) AllWithheld(ctx context.Context) ([]Withheld, error) {
	var out []Withheld
	err := g.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, sqlAllWithheld, tx.Now().UnixMicro())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var w Withheld
			var from []byte
			if err := rows.Scan(&w.Case, &from); err != nil {
				return err
			}
			copy(w.From[:], from)
			out = append(out, w)
		}
		return rows.Err()
	})
	return out, err
}
