package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/tlog"
)

// How witnesses are asked.
const (
	askWithin  = 15 * time.Second // one witness, whatever it does
	askGrown   = time.Minute      // a log that has grown
	askAnyway  = 10 * time.Minute // one that has not: cosignatures stay fresh
	askLook    = 5 * time.Second  // how often it is looked whether it is time
	askTries   = 6                // answers of one witness in one round
	clockMost  = 5 * time.Minute  // how far a witness's clock may be from ours
	askLeaseIs = "journal-witness"
)

// What is wrong with a witness, as codes.
const (
	ProblemUnreachable = "witness-unreachable" // no answer, or none that can be understood
	ProblemUnknown     = "witness-unknown"     // it does not witness this log
	ProblemUntrusted   = "witness-untrusted"   // it knows another key of this log
	ProblemAhead       = "witness-ahead"       // it cosigned more than this log has: the log was put back
	ProblemFork        = "witness-fork"        // it cosigned something that this log does not contain
	ProblemRelearning  = "witness-relearning"  // it was restored and we hold no cosignature of it
	ProblemAnswer      = "witness-answer"      // what it sent is no cosignature of the checkpoint
	ProblemClock       = "witness-clock"       // the time in its cosignature cannot be
)

// asker is the part of a journal that asks witnesses.
type asker struct {
	mu     sync.Mutex // guards the fields below
	policy *witness.Policy
	reach  func(witness.Member) witness.Service
	last   time.Time // of the last round
	size   int64     // asked for in the last round
}

// AskWitnesses says whose cosignatures the log wants and how to reach a witness;
// reach returns nil for one that it cannot. It is called before [Journal.RunWitnesses].
func (j *Journal) AskWitnesses(p *witness.Policy, reach func(witness.Member) witness.Service) {
	j.asks.mu.Lock()
	defer j.asks.mu.Unlock()
	j.asks.policy, j.asks.reach = p, reach
}

// Policy returns the policy of the log, nil for none.
func (j *Journal) Policy() *witness.Policy {
	j.asks.mu.Lock()
	defer j.asks.mu.Unlock()
	return j.asks.policy
}

// RunWitnesses asks the witnesses of the policy until ctx ends: within a minute of
// a new checkpoint, and every ten minutes otherwise. Nothing else waits for it: a
// witness that is not there stops no disclosure, no erasure and no care.
func (j *Journal) RunWitnesses(ctx context.Context, holder ident.Session) error {
	tick := time.NewTicker(askLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if due, err := j.cosignDue(ctx); err != nil || !due {
			continue // the database is busy with worse
		}
		held, err := j.db.Lease(ctx, askLeaseIs, holder, 2*askGrown)
		if err == nil && held {
			err = j.Cosign(ctx)
		}
		if err != nil && ctx.Err() == nil {
			j.cfg.Log.ErrorContext(ctx, "ask witnesses", slog.Any("err", err))
		}
	}
}

// cosignDue reports whether it is time for a round.
func (j *Journal) cosignDue(ctx context.Context) (bool, error) {
	j.asks.mu.Lock()
	p, last, size := j.asks.policy, j.asks.last, j.asks.size
	j.asks.mu.Unlock()
	if p == nil || len(p.Witnesses()) == 0 {
		return false, nil
	}
	since := j.clk.Now().Sub(last)
	if since >= askAnyway || since < 0 {
		return true, nil
	}
	if since < askGrown {
		return false, nil
	}
	var c storedCheckpoint
	err := j.db.Read(ctx, func(tx *store.Tx) (err error) {
		c, err = lastCheckpoint(ctx, tx)
		return err
	})
	return c.size != size, err
}

// Cosign asks every witness of the policy for its cosignature of the newest
// checkpoint, all at once, and notes what is settled by that. A witness that does
// not answer is no error; see [Journal.Settlement].
func (j *Journal) Cosign(ctx context.Context) error {
	j.asks.mu.Lock()
	p, reach := j.asks.policy, j.asks.reach
	j.asks.mu.Unlock()
	if p == nil {
		return nil
	}
	var c storedCheckpoint
	err := j.db.Read(ctx, func(tx *store.Tx) (err error) {
		c, err = lastCheckpoint(ctx, tx)
		return err
	})
	if err != nil || c.size == 0 {
		return err
	}
	var wg sync.WaitGroup
	members := p.Witnesses()
	errs := make([]error, len(members))
	for i, m := range members {
		wg.Go(func() { errs[i] = j.cosignBy(ctx, m, reach, c) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("ask witnesses: %w", err)
	}
	j.asks.mu.Lock()
	j.asks.last, j.asks.size = j.clk.Now(), c.size
	j.asks.mu.Unlock()
	return j.settle(ctx, p, c)
}

// witnessState is what we know of one witness.
type witnessState struct {
	epoch, size     int64
	asked, answered int64
	problem         string
}

// cosignBy asks one witness and stores what came of it.
func (j *Journal) cosignBy(ctx context.Context, m witness.Member, reach func(witness.Member) witness.Service, c storedCheckpoint) error {
	key := m.Key.String()
	var st witnessState
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, sqlWitness, key).Scan(&st.epoch, &st.size, &st.asked, &st.answered, &st.problem)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	a := asking{j: j, key: m.Key, c: c}
	if st.epoch == c.epoch && st.size <= c.size {
		a.old = st.size
	}
	if reach != nil {
		a.to = reach(m)
	}
	within, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	line, at, problem, err := a.ask(within)
	if err != nil {
		return err
	}
	now := j.clk.Now()
	if problem == "" && (at.After(now.Add(clockMost)) || at.Before(clock.FromMicros(c.at).Add(-clockMost))) {
		problem = ProblemClock
	}
	if problem != st.problem {
		j.cfg.Log.WarnContext(ctx, "a witness answers otherwise than before", slog.String("peer", m.Name), slog.String("code", problem))
	}
	st.asked, st.problem = now.UnixMicro(), problem
	return j.db.Write(ctx, func(tx *store.Tx) error {
		if problem == "" {
			st.epoch, st.size, st.answered = c.epoch, c.size, now.UnixMicro()
			if _, err := tx.Exec(ctx, sqlUpsertCosignature, c.epoch, c.size, key, at.Unix(), line); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, sqlUpsertWitness, key, st.epoch, st.size, st.asked, st.answered, st.problem)
		return err
	})
}

// asking is one witness being asked for one checkpoint.
type asking struct {
	j   *Journal
	to  witness.Service
	key *witness.Verifier
	c   storedCheckpoint
	old int64 // that we believe it cosigned last

	told    bool // of our restores
	learned bool // it was shown what it cosigned
}

// ask talks with the witness until it cosigns or will not. An error is one of
// ours; what is wrong with the witness is a problem.
func (a *asking) ask(ctx context.Context) (line string, at time.Time, problem string, err error) {
	if a.to == nil {
		return "", time.Time{}, ProblemUnreachable, nil
	}
	for range askTries {
		lines, err := a.send(ctx, a.old, a.c.size, a.c.note)
		if err == nil {
			line, by, err := witness.ReadLines(a.key, a.c.note, lines)
			if err != nil {
				return "", time.Time{}, ProblemAnswer, nil
			}
			return line, by.At, "", nil
		}
		var no *witness.Refusal
		if !errors.As(err, &no) {
			return "", time.Time{}, ProblemUnreachable, ours(ctx, err)
		}
		if problem, err := a.refused(ctx, no); problem != "" || err != nil {
			return "", time.Time{}, problem, err
		}
	}
	return "", time.Time{}, ProblemAnswer, nil
}

// errOurs marks an error of our own database.
var errOurs = errors.New("journal: cannot prove")

// ours returns err only where it is ours and not the witness's.
func ours(ctx context.Context, err error) error {
	if errors.Is(err, errOurs) && ctx.Err() == nil {
		return err
	}
	return nil
}

// refused makes the next try possible, or says what the problem is.
func (a *asking) refused(ctx context.Context, no *witness.Refusal) (problem string, err error) {
	switch no.Kind {
	case witness.Stale:
		switch {
		case no.Size > a.c.size:
			return ProblemAhead, nil
		case no.Size < 0, no.Size == a.old && a.old == a.c.size:
			return ProblemFork, nil
		case no.Size == a.old:
			return ProblemAnswer, nil
		}
		a.old = no.Size
		return "", nil
	case witness.Unknown:
		if a.told || a.c.epoch == 1 {
			return ProblemUnknown, nil
		}
		a.told, a.old = true, 0
		return a.tellRestores(ctx)
	case witness.Relearning:
		if a.learned {
			return ProblemRelearning, nil
		}
		a.learned = true
		return a.showNewest(ctx, no.Size)
	case witness.Unproven:
		return ProblemFork, nil
	case witness.Untrusted:
		return ProblemUntrusted, nil
	}
	return ProblemAnswer, nil
}

// send asks for a cosignature of a checkpoint of ours.
func (a *asking) send(ctx context.Context, old, size int64, signed string) (string, error) {
	proof, err := a.prove(ctx, old, size)
	if err != nil {
		return "", err
	}
	return a.to.AddCheckpoint(ctx, &witness.Request{Old: old, Proof: proof, Note: signed})
}

// prove returns the proof between two sizes of the log, empty where none is needed.
func (a *asking) prove(ctx context.Context, old, size int64) (tlog.TreeProof, error) {
	if old <= 0 || old >= size {
		return nil, nil
	}
	p, err := a.j.Consistency(ctx, old, size)
	if err != nil {
		return nil, errors.Join(errOurs, err)
	}
	return p, nil
}

// showNewest shows a witness that was restored the newest checkpoint that it
// cosigned, with its own line. It gives us nothing new by it.
func (a *asking) showNewest(ctx context.Context, knows int64) (problem string, err error) {
	var size int64
	var signed, line string
	err = a.j.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, sqlNewestCosigned, a.c.epoch, a.key.String()).Scan(&size, &signed, &line)
	})
	if fault.Is(err, fault.NotFound) {
		return ProblemRelearning, nil
	}
	if err != nil {
		return "", err
	}
	if knows > size {
		return ProblemFork, nil
	}
	_, err = a.send(ctx, knows, size, witness.AddLines(signed, line))
	var no *witness.Refusal
	switch {
	case err == nil:
		a.old = size
		return "", nil
	case errors.As(err, &no) && (no.Kind == witness.Unproven || no.Kind == witness.Stale):
		return ProblemFork, nil
	case errors.As(err, &no):
		return ProblemRelearning, nil
	}
	return ProblemUnreachable, ours(ctx, err)
}

// tellRestores sends the statements of our restores, oldest first, with the proof
// that nothing was lost where nothing was.
func (a *asking) tellRestores(ctx context.Context) (problem string, err error) {
	var epochs []Epoch
	err = a.j.db.Read(ctx, func(tx *store.Tx) (err error) {
		epochs, err = readEpochs(ctx, tx)
		return err
	})
	if err != nil {
		return "", err
	}
	for _, e := range epochs {
		r := &witness.Request{Note: e.Statement}
		err := a.to.AddStatement(ctx, r)
		var no *witness.Refusal
		if errors.As(err, &no) && no.Kind == witness.Stale && no.Size > 0 && no.Size <= e.StartSize {
			r.Old = no.Size
			if r.Proof, err = a.prove(ctx, no.Size, e.StartSize); err != nil {
				return "", err
			}
			err = a.to.AddStatement(ctx, r)
		}
		switch {
		case err == nil:
		case errors.As(err, &no) && (no.Kind == witness.Unproven || no.Kind == witness.Stale):
			return ProblemFork, nil
		case errors.As(err, &no):
			return ProblemUnknown, nil
		default:
			return ProblemUnreachable, ours(ctx, err)
		}
	}
	return "", nil
}

// cosignedNote returns a stored checkpoint with the cosignatures it has.
func cosignedNote(ctx context.Context, tx *store.Tx, c storedCheckpoint) (string, error) {
	all := []storedCheckpoint{c}
	err := addCosignatures(ctx, tx, all)
	return all[0].note, err
}

// addCosignatures puts behind the notes of checkpoints, which are in order, the
// lines of the witnesses.
func addCosignatures(ctx context.Context, tx *store.Tx, all []storedCheckpoint) error {
	if len(all) == 0 {
		return nil
	}
	first, last := all[0], all[len(all)-1]
	rows, err := tx.Query(ctx, sqlCosignatures, first.epoch, first.size, last.epoch, last.size)
	if err != nil {
		return err
	}
	defer rows.Close()
	at := 0
	for rows.Next() {
		var epoch, size int64
		var line string
		if err := rows.Scan(&epoch, &size, &line); err != nil {
			return err
		}
		for at < len(all) && (all[at].epoch < epoch || all[at].epoch == epoch && all[at].size < size) {
			at++
		}
		if at < len(all) && all[at].epoch == epoch && all[at].size == size && strings.HasSuffix(all[at].note, "\n") {
			all[at].note += line
		}
	}
	return rows.Err()
}
