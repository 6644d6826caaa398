package backup

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
)

// Keeper writes the restrictions file: what a restore must not open again. It
// takes notes without waiting and brings them to the disk, synced, within
// seconds. Several processes may keep one file. It is safe for concurrent use.
type Keeper struct {
	path    string
	secrets Secrets
	clk     clock.Clock
	log     *slog.Logger

	wake chan struct{}
	stop chan struct{}
	done chan struct{} // closed when run has ended

	mu     sync.Mutex // guards the fields down to the line
	queue  []Restriction
	sync   *[]Restriction // what is in force by the database, to be compared
	broken error          // why the last try failed

	// Only run touches these.
	chain chain
	size  int64                // bytes of the file that the chain covers
	force map[rule]Restriction // what the file says is in force
}

// How soon a failed write is tried again.
const (
	retryFirst = time.Second
	retryMost  = 30 * time.Second
)

// OpenKeeper begins to keep the file at path, in another place than the
// database. It never fails: while the place is away or the file is not as it was
// written, notes wait in memory and [Keeper.State] says why.
func OpenKeeper(path string, s Secrets, clk clock.Clock, log *slog.Logger) *Keeper {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{
		path: path, secrets: s, clk: clk, log: log, chain: newChain(s), force: map[rule]Restriction{},
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	k.nudge()
	go k.run()
	return k
}

// Note takes one restriction. It is made for store.Tx.OnCommit: it does not wait
// and cannot fail. b is the zero value for kinds with one identifier.
func (k *Keeper) Note(kind Kind, a, b [16]byte) {
	k.mu.Lock()
	k.queue = append(k.queue, Restriction{At: k.clk.Now(), Kind: kind, A: a, B: b})
	k.mu.Unlock()
	k.nudge()
}

// Sync compares the file with what the database says is in force: all blocked
// accounts, withheld cases and destroyed subjects. What the file lacks is added,
// because a crash came between the two or somebody cut the file. Nothing is taken
// back: of two instances one may know less. A node calls it at every start.
func (k *Keeper) Sync(inForce []Restriction) {
	list := slices.Clone(inForce)
	k.mu.Lock()
	k.sync = &list
	k.mu.Unlock()
	k.nudge()
}

// State returns how many notes wait for the disk, since when the oldest does,
// and why the last try to write failed, if it did.
func (k *Keeper) State() (waiting int, since time.Time, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.queue) > 0 {
		since = k.queue[0].At
	}
	return len(k.queue), since, k.broken
}

// Close writes what waits and ends. Its error means that notes are lost.
func (k *Keeper) Close() error {
	close(k.stop)
	<-k.done
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.queue) == 0 && k.sync == nil {
		return nil
	}
	return k.broken
}

func (k *Keeper) nudge() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

func (k *Keeper) run() {
	defer close(k.done)
	pause := retryFirst
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-k.stop:
			_ = k.flush() // Close reports it
			return
		case <-k.wake:
		case <-again.C:
		}
		if err := k.flush(); err != nil {
			again.Reset(pause)
			pause = min(2*pause, retryMost)
			continue
		}
		pause = retryFirst
	}
}

// flush brings the notes that wait to the disk.
func (k *Keeper) flush() error {
	k.mu.Lock()
	queue, wanted := k.queue, k.sync
	k.mu.Unlock()
	err := k.write(queue, wanted)
	k.mu.Lock()
	before := k.broken
	k.broken = err
	if err == nil {
		k.queue = slices.Clone(k.queue[len(queue):])
		if k.sync == wanted {
			k.sync = nil
		}
	}
	k.mu.Unlock()
	if err != nil && fault.CodeOf(err) != fault.CodeOf(before) {
		k.log.ErrorContext(context.Background(), "the restrictions file cannot be written; notes wait",
			slog.Int("count", len(queue)), slog.Any("err", err))
	}
	return err
}

// write adds lines to the file, after taking over what other processes added.
func (k *Keeper) write(queue []Restriction, wanted *[]Restriction) (err error) {
	f, err := os.OpenFile(k.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return diskError(err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = diskError(cerr)
		}
	}()
	if err := lock(f); err != nil {
		return err
	}
	lines, err := k.catchUp(f)
	if err != nil {
		return err
	}
	c, force := k.chain, maps.Clone(k.force)
	for _, r := range k.missing(queue, wanted) {
		if text, ok := add(&c, force, r); ok {
			lines = append(lines, text)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	text := strings.Join(lines, "")
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		// Half a line would be taken for a torn one; nothing is promised yet.
		return diskError(errors.Join(err, f.Truncate(k.size)))
	}
	k.chain, k.force, k.size = c, force, k.size+int64(len(text))
	if k.size == int64(len(text)) { // the file is new
		return syncDir(filepath.Dir(k.path))
	}
	return nil
}

// catchUp reads what stands in the file behind what is known. Of a file that is
// new or was emptied it returns the lines to begin with: its title, and what
// memory still holds.
func (k *Keeper) catchUp(f *os.File) ([]string, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, diskError(err)
	}
	if info.Size() < k.size && info.Size() > 0 {
		return nil, fault.Wrap(fault.Invalid, "restrictions-altered", errShorter)
	}
	good := int64(0)
	if info.Size() > 0 {
		var torn bool
		tail := io.NewSectionReader(f, k.size, info.Size()-k.size)
		c, force := k.chain, maps.Clone(k.force)
		if k.size == 0 {
			c = newChain(k.secrets)
		}
		n, err := c.read(tail, func(r Restriction) { remember(force, r) }, &torn)
		if err != nil {
			return nil, err
		}
		good = k.size + n
		k.chain, k.force, k.size = c, force, good
		if torn {
			if err := f.Truncate(good); err != nil {
				return nil, diskError(err)
			}
		}
	}
	if good > 0 {
		return nil, nil
	}
	return k.anew(), nil
}

var errShorter = errors.New("the file is shorter than it was")

// anew begins the file. What was known of an earlier one is written again.
func (k *Keeper) anew() []string {
	known := slices.SortedFunc(maps.Values(k.force), func(a, b Restriction) int { return cmp.Compare(a.Number, b.Number) })
	k.chain, k.size, k.force = newChain(k.secrets), 0, map[rule]Restriction{}
	lines := []string{k.chain.title()}
	for _, r := range known {
		if text, ok := add(&k.chain, k.force, r); ok {
			lines = append(lines, text)
		}
	}
	return lines
}

// missing returns the notes to add: what the database has in force, which the
// file may have already, and then those of the queue.
func (k *Keeper) missing(queue []Restriction, wanted *[]Restriction) []Restriction {
	if wanted == nil {
		return queue
	}
	out := append(slices.Clone(*wanted), queue...)
	for i := range out {
		if out[i].At.IsZero() {
			out[i].At = k.clk.Now()
		}
	}
	return out
}

// add returns the line of a restriction, unless the file says so already.
func add(c *chain, force map[rule]Restriction, r Restriction) (string, bool) {
	if _, known := pairs[r.Kind]; !known || r.A == [16]byte{} {
		return "", false
	}
	if _, is := force[r.rule()]; r.Kind != Ended && is != r.Kind.ends() {
		return "", false
	}
	text := c.line(r)
	r.Number = c.number
	remember(force, r)
	return text, true
}

// remember keeps what is in force.
func remember(force map[rule]Restriction, r Restriction) {
	switch {
	case r.Kind == Ended:
	case r.Kind.ends():
		delete(force, r.rule())
	default:
		force[r.rule()] = r
	}
}
