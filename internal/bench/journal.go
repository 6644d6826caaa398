package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// journalArea measures what accountability costs.
func journalArea(ctx context.Context, o *Options, emit func(Measure)) error {
	if err := journalOn(ctx, o, store.SQLite, "", o.Dir, emit); err != nil {
		return err
	}
	dsn, dir, done, err := postgres(ctx, o)
	if err != nil {
		return fmt.Errorf("PostgreSQL cannot be measured: %w", err)
	}
	err = journalOn(ctx, o, store.Postgres, dsn, dir, emit)
	if err := errors.Join(err, done()); err != nil {
		return err
	}
	return verifyLog(ctx, o, emit)
}

// journalOn measures one engine. Its files, and those of the raw syncs beside
// it, are on the disk of dir.
func journalOn(ctx context.Context, o *Options, engine store.Engine, dsn, dir string, emit func(Measure)) error {
	s, err := newScratch(ctx, o, engine, dsn)
	if err != nil {
		return err
	}
	defer s.close()
	raw, err := newRawSync(dir)
	if err != nil {
		return err
	}
	defer raw.close()
	p := &pairs{scratch: s, raw: raw}
	if p.plain, err = newPlain(ctx, s.DB); err != nil {
		return err
	}
	if err := p.register(ctx); err != nil {
		return err
	}
	o.say("%s: single acts", engine)
	if err := p.alternate(ctx, pick(o, 2000, 400)); err != nil {
		return err
	}
	p.report(engine, emit)
	if err := p.processor(ctx, engine, pick(o, 2000, 400), emit); err != nil {
		return err
	}
	if err := p.refusals(ctx, engine, pick(o, 1000, 300), emit); err != nil {
		return err
	}
	if err := p.reports(ctx, engine, emit); err != nil {
		return err
	}
	o.say("%s: 16 writers", engine)
	return writers(ctx, o, p, emit)
}

// pairs alternates acts, so that all of them meet the same disk.
type pairs struct {
	*scratch
	raw    *rawSync
	plain  *plain
	worker *access.Caller
	views  int // saved by worker
	cases  []ident.Case
	people []ident.Person // of the cases
	next   int

	sync, bare, write, read, page, note times
}

// pairCases is how many cases the acts go round: a case is not opened again so
// soon that its page has much to tell.
const pairCases = 400

func (p *pairs) register(ctx context.Context) error {
	p.worker = p.caller(access.RoleCaseWorker)
	err := p.Gate.Group(ctx, func(g *access.Gate) error {
		p.cases = p.cases[:0]
		for i := range pairCases {
			id, err := p.Cases.In(g).Register(ctx, p.worker, ident.Command{}, registration(i))
			if err != nil {
				return err
			}
			p.cases = append(p.cases, id)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	p.people = p.people[:0]
	for _, id := range p.cases {
		child, err := p.Cases.Open(ctx, p.lead(), id)
		if err != nil {
			return fmt.Errorf("open: %w", err)
		}
		p.people = append(p.people, child.Person.ID)
	}
	_, err = p.Journal.Sequence(ctx)
	return err
}

// alternate runs the acts in turn.
func (p *pairs) alternate(ctx context.Context, rounds int) error {
	stop := p.sequence(ctx)
	acts := []struct {
		into *times
		act  func(context.Context) error
	}{
		{&p.sync, func(context.Context) error { return p.raw.once() }},
		{&p.bare, p.plain.bare},
		{&p.write, p.saveView},
		{&p.read, p.readOne},
		{&p.page, p.open},
		{&p.note, p.addNote},
	}
	for i := range rounds + rounds/10 {
		if i == rounds/10 { // the first rounds warm up
			for _, a := range acts {
				*a.into = nil
			}
		}
		for j := range acts {
			a := acts[(i+j)%len(acts)]
			if err := a.into.add(func() error { return a.act(ctx) }); err != nil {
				return errors.Join(err, stop())
			}
		}
	}
	return stop()
}

// viewsEach is how many views one person saves before the next takes over.
const viewsEach = 10

func (p *pairs) saveView(ctx context.Context) error {
	if p.views++; p.views > viewsEach {
		p.worker, p.views = p.again(p.caller(access.RoleCaseWorker)), 1
	}
	return saveView(ctx, p.scratch, p.worker)
}

func saveView(ctx context.Context, s *scratch, c *access.Caller) error {
	return s.Cases.SaveView(ctx, c, ident.Beside[ident.Command](), sealed.NewText("my children"), casework.Query{Risk: "high"})
}

// lead is somebody who may open every case: the supervisor of the unit.
func (p *pairs) lead() *access.Caller { return p.caller(access.RoleSupervisor) }

func (p *pairs) turn() ident.Case {
	p.next++
	return p.cases[p.next%len(p.cases)]
}

func (p *pairs) open(ctx context.Context) error {
	_, err := p.Cases.Open(ctx, p.lead(), p.turn())
	return err
}

// readOne reads one sealed row, the child's: decided, entered, opened, checked.
func (p *pairs) readOne(ctx context.Context) error {
	p.next++
	i := p.next % len(p.cases)
	act := access.Act{Action: "case.open", Purpose: casework.PurposeCare, Case: p.cases[i]}
	var stored *person.Fetched
	return p.Gate.Open(ctx, p.lead(), act, func(pass *access.Pass) (err error) {
		stored, err = p.Persons.Fetch(ctx, pass, p.people[i])
		return err
	}, func(pass *access.Pass) error {
		_, err := stored.Open(pass, p.cases[i])
		return err
	})
}

func (p *pairs) addNote(ctx context.Context) error {
	return p.Cases.AddNote(ctx, p.lead(), ident.Beside[ident.Command](), p.turn(), note())
}

// note is what the measured notes say.
func note() casework.Note {
	return casework.Note{Kind: "observation", Seen: sealed.NewText("The child was calm and asked about school.")}
}

// report emits the figures of the alternating acts.
func (p *pairs) report(engine store.Engine, emit func(Measure)) {
	on := string(engine) + ": "
	sync, bare, write, read := p.sync.at(.5), p.bare.at(.5), p.write.at(.5), p.read.at(.5)
	emit(scale(on+"raw fdatasync of 4 KiB, p50", sync, "ms"))
	emit(scale(on+"bare durable encrypted row, p50", bare, "ms"))
	emit(scale(on+"audited write, p50", write, "ms"))
	emit(scale(on+"audited read, p50", read, "ms"))
	emit(scale(on+"case opened for its page (six tables, what may be done with it), p50", p.page.at(.5), "ms"))
	emit(scale(on+"audited note (case row and its list indexes too), p50", p.note.at(.5), "ms"))
	if engine == store.SQLite {
		emit(atMost(on+"audited write / fdatasync", write/sync, "x", 3))
		emit(atMost(on+"audited read / fdatasync", read/sync, "x", 2.75))
		emit(atMost(on+"audited write / bare row", write/bare, "x", 1.7))
		emit(atMost(on+"audited read / bare row", read/bare, "x", 1.7))
		return
	}
	emit(atMost(on+"audited write, pipelined / fdatasync", write/sync, "x", 3.5))
	emit(atMost(on+"audited read / fdatasync", read/sync, "x", 3.5))
	emit(scale(on+"audited write / bare row", write/bare, "x"))
	emit(scale(on+"audited read / bare row", read/bare, "x"))
}

// processor measures the processor time of single acts in this process.
func (p *pairs) processor(ctx context.Context, engine store.Engine, n int, emit func(Measure)) error {
	stop := p.sequence(ctx)
	for _, a := range []struct {
		name string
		act  func(context.Context) error
	}{{"audited write", p.saveView}, {"audited read", p.readOne}, {"case opened for its page", p.open}} {
		before := cpuTime()
		for range n {
			if err := a.act(ctx); err != nil {
				return errors.Join(err, stop())
			}
		}
		emit(scale(fmt.Sprintf("%s: processor time per %s", engine, a.name), float64(cpuTime()-before)/1e6/float64(n), "ms"))
	}
	return stop()
}

// registration returns the n-th invented registration of a measurement.
func registration(n int) casework.Registration {
	return casework.Registration{
		Person: person.Details{
			Names:       []person.Name{{Text: sealed.NewText(fmt.Sprintf("Measured Child %d", n)), Kind: "known_as"}},
			SexRecorded: [...]string{"female", "male"}[n%2],
		},
		Risk: [...]string{"high", "medium", "low"}[n%3], RiskReasons: []string{"threats"}, Basis: "vital_interest",
	}
}

// sustained is how long each of the writers' stretches lasts.
func sustained(o *Options) time.Duration { return pick(o, 4*time.Second, 800*time.Millisecond) }

// errNothing says that a stretch ended without a single act.
var errNothing = fault.New(fault.Internal, "bench-nothing-done")
