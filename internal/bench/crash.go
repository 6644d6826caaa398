package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// crashArea kills a node again and again while it answers commands, and looks at
// what is left.
func crashArea(ctx context.Context, o *Options, emit func(Measure)) error {
	loops := pick(o, 1000, 40)
	if err := crashOn(ctx, o, store.SQLite, loops, emit); err != nil {
		return err
	}
	if err := crashOn(ctx, o, store.Postgres, loops, emit); err != nil {
		return err
	}
	return fullDisk(ctx, o, emit)
}

func crashOn(ctx context.Context, o *Options, engine store.Engine, loops int, emit func(Measure)) error {
	c, err := newCrash(ctx, o, engine)
	if err != nil {
		return err
	}
	err = c.loops(ctx, loops)
	if err := errors.Join(err, c.close()); err != nil {
		return fmt.Errorf("%s: %w", engine, err)
	}
	on := string(engine) + ": "
	emit(scale(on+"kill -9 while commands are answered", float64(c.kills), "kills"))
	if engine == store.Postgres {
		emit(scale(on+"immediate stops of the server among them", float64(c.stops), "stops"))
	}
	emit(scale(on+"commands answered before a kill", float64(c.answered), "commands"))
	emit(scale(on+"commands that a kill caught unanswered", float64(c.caught), "commands"))
	emit(scale(on+"of these, found done", float64(c.done), "commands"))
	emit(atMost(on+"answered commands lost", float64(c.lost), "commands", 0))
	emit(atMost(on+"commands done twice", float64(c.doubled), "commands", 0))
	emit(atMost(on+"commands done in part", float64(c.halved), "commands", 0))
	emit(atMost(on+"journals that do not verify", float64(c.unsound), "journals", 0))
	emit(atMost(on+"records that do not fit their entries", float64(c.unfit), "records", 0))
	return nil
}

// CrashLoops runs n loops of the crash measurement on one engine below dir and
// returns an error that names the first thing that went wrong. The program that
// calls it calls [Child] first. On PostgreSQL it starts a server of its own.
func CrashLoops(ctx context.Context, dir string, engine store.Engine, n int) error {
	c, err := newCrash(ctx, &Options{Dir: dir}, engine)
	if err != nil {
		return err
	}
	err = c.loops(ctx, n)
	if err == nil && c.lost+c.doubled+c.halved+c.unsound+c.unfit > 0 {
		err = fmt.Errorf("after %d kills: %d lost, %d doubled, %d halved, %d journals unsound, %d records unfit: %s",
			c.kills, c.lost, c.doubled, c.halved, c.unsound, c.unfit, strings.Join(c.said, "; "))
	}
	return errors.Join(err, c.close())
}

// NoServer reports whether an error says that no PostgreSQL programs were found.
func NoServer(err error) bool { return errors.Is(err, errNoServer) }

// crash is one node that is killed many times, and what was found.
type crash struct {
	o      *Options
	engine store.Engine
	dsn    string
	server *server // PostgreSQL's; nil on SQLite or when the server is not ours
	dir    string  // holds the node
	who    actor
	s      *scratch // the node while it is looked at

	kills, stops, answered, caught, done  int
	lost, doubled, halved, unsound, unfit int

	said []string // the first few findings in words
}

// crashEach is how many loops one node lives through, and serverEach how often
// the server is stopped as well.
const (
	crashEach  = 100
	serverEach = 4
)

func newCrash(ctx context.Context, o *Options, engine store.Engine) (*crash, error) {
	c := &crash{o: o, engine: engine, dsn: o.Postgres}
	if engine == store.Postgres && c.dsn == "" {
		var err error
		if c.server, err = startServer(ctx, o.Dir); err != nil {
			return nil, err
		}
		c.dsn = c.server.dsn()
	}
	return c, nil
}

// renew makes a new node and closes it.
func (c *crash) renew(ctx context.Context) error {
	if err := c.remove(); err != nil {
		return err
	}
	s, err := newScratch(ctx, c.o, c.engine, c.dsn)
	if err != nil {
		return err
	}
	c.dir = s.dir
	c.who = actor{Dir: s.Node.Dir, Staff: ident.New[ident.Staff](), Unit: s.unit}
	return s.Close()
}

func (c *crash) remove() error {
	if c.dir == "" {
		return nil
	}
	return os.RemoveAll(c.dir)
}

func (c *crash) close() error {
	err := c.remove()
	if c.server != nil {
		err = errors.Join(err, c.server.close())
	}
	return err
}

// loops kills n times. The node is checked after each kill.
func (c *crash) loops(ctx context.Context, n int) error {
	for i := range n {
		if i%crashEach == 0 {
			if err := c.renew(ctx); err != nil {
				return err
			}
		}
		told, err := c.kill(ctx, c.server != nil && i%serverEach == serverEach-1)
		if err != nil {
			return fmt.Errorf("loop %d: %w", i+1, err)
		}
		if err := c.look(ctx, told, i == n-1 || i%crashEach == crashEach-1); err != nil {
			return fmt.Errorf("after kill %d: %w", i+1, err)
		}
		if i%10 == 9 {
			c.o.say("%s: %d of %d kills", c.engine, i+1, n)
		}
	}
	return nil
}

// kill starts a process that gives the node commands, kills it at a moment
// nobody chose, and returns what it had said.
func (c *crash) kill(ctx context.Context, stopServer bool) (*testimony, error) {
	cmd, err := childCommand(ctx, "crash", c.who)
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	told := newTestimony()
	heard := make(chan error, 1)
	begun := make(chan struct{})
	go func() { heard <- told.hear(out, begun) }()
	select {
	case <-begun:
	case err := <-heard:
		return nil, errors.Join(err, cmd.Wait(), fmt.Errorf("the child did nothing: %s", trouble.String()))
	case <-time.After(time.Minute):
		return nil, errors.Join(cmd.Process.Kill(), cmd.Wait(), errors.New("the child did not begin within a minute"))
	}
	time.Sleep(moment(80 * time.Millisecond))
	if stopServer {
		err = c.server.stop(true)
		c.stops++
	}
	err = errors.Join(err, cmd.Process.Kill())
	if herr := <-heard; herr != nil {
		err = errors.Join(err, herr)
	}
	_ = cmd.Wait() // it was killed
	c.kills++
	if stopServer && err == nil {
		err = c.server.start(ctx)
	}
	if c.server != nil && err == nil {
		err = c.server.orphans(ctx)
	}
	return told, err
}

// moment returns a random duration below most.
func moment(most time.Duration) time.Duration {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return most / 2
	}
	return time.Duration(binary.LittleEndian.Uint64(b[:]) % uint64(most))
}

// find counts a finding and keeps the first few in words.
func (c *crash) find(count *int, format string, args ...any) {
	*count++
	if len(c.said) < 5 {
		c.said = append(c.said, fmt.Sprintf(format, args...))
	}
}

// testimony is what a killed process had said: which commands it began, and
// which of them were answered.
type testimony struct {
	order    []ident.Command
	begun    map[ident.Command]order
	answered map[ident.Command]ident.Case
}

// order is one command as it was given.
type order struct {
	in ident.Case // the case of a note; none for a registration
	n  int        // of the registration
}

func newTestimony() *testimony {
	return &testimony{begun: map[ident.Command]order{}, answered: map[ident.Command]ident.Case{}}
}

// hear reads lines to their end. The last may be cut off; then it does not
// count. begun is closed with the first answer.
func (t *testimony) hear(r io.Reader, begun chan struct{}) error {
	b := bufio.NewReader(r)
	for {
		line, err := b.ReadString('\n')
		if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		first := len(t.answered) == 0
		if err := t.take(strings.Fields(line)); err != nil {
			return err
		}
		if first && len(t.answered) > 0 {
			close(begun)
		}
	}
}

// take reads one line: begin COMMAND CASE N, or answer COMMAND CASE.
func (t *testimony) take(f []string) error {
	if len(f) < 3 {
		return fmt.Errorf("the child said %q", strings.Join(f, " "))
	}
	cmd, err := ident.Parse[ident.Command](f[1])
	if err != nil {
		return err
	}
	var in ident.Case
	if f[2] != "-" {
		if in, err = ident.Parse[ident.Case](f[2]); err != nil {
			return err
		}
	}
	if f[0] == "answer" {
		t.answered[cmd] = in
		return nil
	}
	var n int
	if _, err := fmt.Sscan(f[3], &n); err != nil {
		return err
	}
	t.order = append(t.order, cmd)
	t.begun[cmd] = order{in: in, n: n}
	return nil
}
