package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// server is a PostgreSQL server of our own, with fsync on, that listens on a
// socket in its own directory only.
type server struct {
	bin  string // folder of the server's programs
	dir  string // ours, with data and socket
	cmd  *exec.Cmd
	done chan error // result of cmd
}

// errNoServer says that the server's programs are not installed.
var errNoServer = errors.New("no PostgreSQL programs were found (initdb, postgres)")

// serverPrograms returns the folder of initdb and postgres of the newest version
// installed.
func serverPrograms() (string, error) {
	var folders []string
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			folders = append(folders, filepath.Dir(p))
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin"} {
		found, _ := filepath.Glob(pattern) // the patterns are well formed
		slices.Sort(found)
		slices.Reverse(found)
		folders = append(folders, found...)
	}
	for _, f := range folders {
		if _, err := os.Stat(filepath.Join(f, "postgres")); err == nil {
			return f, nil
		}
	}
	return "", errNoServer
}

// startServer makes a database cluster in a fresh folder below dir and starts
// its server.
func startServer(ctx context.Context, dir string) (*server, error) {
	bin, err := serverPrograms()
	if err != nil {
		return nil, err
	}
	s := &server{bin: bin}
	if s.dir, err = serverFolder(dir); err != nil {
		return nil, err
	}
	init := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", s.data(), "-U", "postgres",
		"-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "--no-instructions")
	if err := asServer(init, s.dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if out, err := init.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out))), os.RemoveAll(s.dir))
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// serverFolder makes a folder that the server's user can reach. PostgreSQL does
// not run as root; a folder that only root can enter is of no use to it.
func serverFolder(dir string) (string, error) {
	if os.Geteuid() == 0 && !reachable(dir) {
		dir = os.TempDir()
	}
	return os.MkdirTemp(dir, "causeway-pg-")
}

// reachable reports whether everybody may pass through dir.
func reachable(dir string) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

// start starts the server and waits until it answers.
func (s *server) start(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(), "-k", s.dir, "-c", "listen_addresses=",
		"-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB")
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := asServer(s.cmd, ""); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.done = make(chan error, 1)
	go func(cmd *exec.Cmd, done chan error) { done <- cmd.Wait() }(s.cmd, s.done)
	for range 600 {
		ready := exec.CommandContext(ctx, filepath.Join(s.bin, "pg_isready"), "-q", "-h", s.dir)
		if ready.Run() == nil {
			return nil
		}
		select {
		case err := <-s.done:
			s.done <- err // for stop
			return fmt.Errorf("start PostgreSQL: %w", errors.Join(err, errors.New("the server ended")))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("start PostgreSQL: no answer within 30 seconds")
}

// dsn is the server's connection string.
func (s *server) dsn() string {
	return "host=" + s.dir + " user=postgres dbname=postgres sslmode=disable"
}

// stop ends the server: at once, without writing anything down, or in order.
func (s *server) stop(immediate bool) error {
	if s.cmd == nil || s.cmd.Process == nil {
		return nil
	}
	sig := fastShutdown
	if immediate {
		sig = immediateShutdown
	}
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	select {
	case <-s.done: // an immediate shutdown is not a success of the program
	case <-time.After(time.Minute):
		_ = s.cmd.Process.Kill() // it did not listen
		<-s.done
	}
	s.cmd = nil
	return nil
}

// close stops the server and removes its folder.
func (s *server) close() error { return errors.Join(s.stop(false), os.RemoveAll(s.dir)) }

// postgres returns the connection string of the server to measure, the folder
// its data lies in (dir where that is not known) and what to call at the end.
func postgres(ctx context.Context, o *Options) (dsn, dir string, done func() error, err error) {
	if o.Postgres != "" {
		return o.Postgres, o.Dir, func() error { return nil }, nil
	}
	s, err := startServer(ctx, o.Dir)
	if err != nil {
		return "", "", nil, err
	}
	return s.dsn(), s.dir, s.close, nil
}

// settle has the server do at once what it does by itself within minutes after
// many rows have come: count them and mark what everybody sees.
func (s *server) settle(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "vacuumdb"), "-h", s.dir, "-U", "postgres", "--analyze", "--quiet", "postgres")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("vacuum: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// orphans waits until the server has ended the sessions of a process that was
// killed: a commit that had reached the server is still carried out, and may be
// a moment after its client is gone.
func (s *server) orphans(ctx context.Context) error {
	const query = `SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		out, err := exec.CommandContext(ctx, filepath.Join(s.bin, "psql"), "-h", s.dir, "-U", "postgres", "-Atc", query, "postgres").CombinedOutput()
		if err != nil {
			return fmt.Errorf("ask for sessions: %w: %s", err, strings.TrimSpace(string(out)))
		}
		if strings.TrimSpace(string(out)) == "0" {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
}
