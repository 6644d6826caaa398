package match

import (
	"context"
	"fmt"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/match/ask"
	"causeway/internal/store"
	"causeway/protocol/mask"
)

// tableKey names a table in memory.
type tableKey struct {
	id    AgreementID
	epoch uint32
}

// loaded is a table in memory.
type loaded struct {
	table     *ask.Table
	cases     []ident.Case
	threshold float64
}

// Found is one of our children who agrees with a question.
type Found struct {
	Case   ident.Case
	Weight float64  // natural logarithm of how much likelier the agreement is for the same child
	Kinds  []string // of keys that agreed
}

// foundMost is how many children one question may find.
const foundMost = 20

// lookUp compares the tags of a question with our table: who agrees as much as the
// threshold of the table says, strongest first. A child about whom nothing may go to that
// node any more is not among them, whenever that was decided. A table that is not ready is
// Unavailable ("match-no-table").
func (r *Room) lookUp(ctx context.Context, a *Agreement, epoch uint32, tags []mask.Tag) (found []Found, threshold float64, err error) {
	t, err := r.load(ctx, a, epoch)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range t.table.Ask(tags) {
		if c.Weight < t.threshold || len(found) == foundMost {
			break
		}
		may, err := r.stays(ctx, t.cases[c.Child], a)
		if err != nil {
			return nil, 0, err
		}
		if may {
			found = append(found, Found{t.cases[c.Child], c.Weight, t.table.Kinds(c.Child, tags)})
		}
	}
	return found, t.threshold, nil
}

// load returns a table, read into memory when it is first asked for.
func (r *Room) load(ctx context.Context, a *Agreement, epoch uint32) (*loaded, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := tableKey{a.ID, epoch}
	if t := r.tables[key]; t != nil {
		return t, nil
	}
	t, there, err := r.readTable(ctx, a, epoch)
	if err != nil {
		return nil, err
	}
	if !there || t.State != Ready {
		return nil, fault.New(fault.Unavailable, "match-no-table")
	}
	s, err := r.secret(a, epoch)
	if err != nil {
		return nil, err
	}
	v, err := newVault(s, a.ID, epoch)
	if err != nil {
		return nil, err
	}
	tags, err := r.readTags(ctx, a, epoch, v)
	if err != nil {
		return nil, err
	}
	out := &loaded{}
	var children []ask.Child
	if out.cases, children, err = r.entries(ctx, a, epoch, v); err != nil {
		return nil, err
	}
	out.table = ask.NewTable(children, func(_ int, k mask.Key) mask.Tag { return tags[v.spotOf(k)] })
	out.threshold = ask.Threshold(children, ask.ByChance)
	r.tables[key] = out
	return out, nil
}

// readTags reads by which tag each key of a table is found.
func (r *Room) readTags(ctx context.Context, a *Agreement, epoch uint32, v *vault) (map[spot]mask.Tag, error) {
	out := map[spot]mask.Tag{}
	err := r.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, sqlSelectParts, a.ID[:], epoch)
		if err != nil {
			return fmt.Errorf("read parts: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var part int
			var places, tags []byte
			if err := rows.Scan(&part, &places, &tags); err != nil {
				return err
			}
			if places, err = v.open("places", row(part), places); err != nil {
				return err
			}
			if tags, err = v.open("tags", row(part), tags); err != nil {
				return err
			}
			for len(places) > 0 && len(tags) > 0 {
				if at := spot(places); at != (spot{}) {
					out[at] = mask.Tag(tags)
				}
				places, tags = places[len(spot{}):], tags[mask.TagSize:]
			}
		}
		return rows.Err()
	})
	return out, err
}

// unload forgets the tables of epochs up to one.
func (r *Room) unload(id AgreementID, upTo uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range r.tables {
		if k.id == id && k.epoch <= upTo {
			delete(r.tables, k)
		}
	}
}

// Load reads the tables of the present epoch into memory, once the node is unlocked, so
// that no question waits for it.
func (r *Room) Load(ctx context.Context) error {
	var all []*Agreement
	err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = r.agreements(ctx, tx)
		return err
	})
	for _, a := range all {
		if err != nil {
			return err
		}
		if epoch := a.EpochAt(r.Clock.Now()); a.State == Force && a.Side == Holder && epoch > 0 {
			if _, lerr := r.load(ctx, a, epoch); fault.CodeOf(lerr) != "match-no-table" {
				err = lerr
			}
		}
	}
	return err
}
