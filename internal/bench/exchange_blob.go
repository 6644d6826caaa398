package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/internal/peer"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// blobCuts is how often the line is cut while one attachment goes over it.
const blobCuts = 20

// The two ends of a measured line, by the byte their transport keys are made of.
const (
	sendingEnd   = identity.NodeID("xa.bench")
	receivingEnd = identity.NodeID("xb.bench")
)

// benchKey is a transport key of a measured end: no secret, it guards nothing.
func benchKey(id identity.NodeID) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{id[1]}, ed25519.SeedSize))
}

// onePartner is all that a measured end knows.
type onePartner struct{ peer.Partner }

func partnerAt(id identity.NodeID, address string) onePartner {
	public, _ := benchKey(id).Public().(ed25519.PublicKey)
	return onePartner{peer.Partner{
		ID: id, URL: "https://" + address, Transport: []ed25519.PublicKey{public},
		Limits: peer.Limits{Rate: 1e5, Burst: 1e5, Daily: 1 << 40, Volume: 1 << 50},
	}}
}

// Holder implements peer.Partners.
func (o onePartner) Holder(_ context.Context, key ed25519.PublicKey) (peer.Partner, bool, error) {
	return o.Partner, bytes.Equal(key, o.Transport[0]), nil
}

// Named implements peer.Partners.
func (o onePartner) Named(_ context.Context, id identity.NodeID) (peer.Partner, bool, error) {
	return o.Partner, id == o.ID, nil
}

// All implements peer.Partners.
func (o onePartner) All(context.Context) ([]peer.Partner, error) {
	return []peer.Partner{o.Partner}, nil
}

// blobDoor is what the receiving process is told.
type blobDoor struct{ Spool string }

// blobDoorChild answers at the door of an end until it is killed, and says where.
func blobDoorChild(ctx context.Context, parameters []byte, w io.Writer) error {
	var p blobDoor
	if err := json.Unmarshal(parameters, &p); err != nil {
		return err
	}
	spool, err := peer.OpenSpool(p.Spool, clock.System())
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d := peer.NewDoor(peer.Config{
		Self: receivingEnd, Clock: clock.System(), Log: slog.New(slog.DiscardHandler), Partners: partnerAt(sendingEnd, "nowhere"), Spool: spool,
		Own:   func() (*tls.Certificate, error) { return peer.Certificate(benchKey(receivingEnd)) },
		Alarm: func(context.Context, identity.NodeID) error { return nil }, Full: func() bool { return false },
	})
	if _, err := fmt.Fprintln(w, ln.Addr()); err != nil {
		return err
	}
	return d.Serve(ctx, ln)
}

// blobUpload is what the sending process is told.
type blobUpload struct {
	File    string
	Digest  string
	Address string
}

// blobUploaded is what it tells when it is done.
type blobUploaded struct {
	Tries int
	Most  int64 // bytes it held in memory at most
}

// blobUploadChild sends one attachment, however often the line is cut.
func blobUploadChild(ctx context.Context, parameters []byte, w io.Writer) error {
	var p blobUpload
	if err := json.Unmarshal(parameters, &p); err != nil {
		return err
	}
	d, err := cx.ParseDigest(p.Digest)
	if err != nil {
		return err
	}
	f, err := os.Open(p.File)
	if err != nil {
		return err
	}
	defer f.Close()
	own := func() (*tls.Certificate, error) { return peer.Certificate(benchKey(sendingEnd)) }
	c := peer.NewClient(partnerAt(receivingEnd, p.Address), own, nil, nil)
	defer c.Close()
	var out blobUploaded
	for out.Tries < 10*blobCuts {
		out.Tries++
		if err = c.Upload(ctx, receivingEnd, d, f); err == nil {
			_, out.Most = resident()
			return json.NewEncoder(w).Encode(out)
		}
		time.Sleep(20 * time.Millisecond) // the door may still be at the part that was cut off
	}
	return err
}

// exchangeBlob sends one large attachment from a process to another, over a line that is
// cut again and again.
func exchangeBlob(ctx context.Context, o *Options, emit func(Measure)) error {
	size := pick[int64](o, 1<<30, 16<<20)
	dir := filepath.Join(o.Dir, "exchange-blob")
	defer os.RemoveAll(dir)
	file, digest, err := randomFile(dir, size)
	if err != nil {
		return err
	}
	door, address, err := startDoor(ctx, filepath.Join(dir, "in"))
	if err != nil {
		return err
	}
	defer door.end()
	line, err := newCutter(address, size/(blobCuts+2), blobCuts)
	if err != nil {
		return err
	}
	defer line.close()
	o.say("attachment: %d MiB over a line that is cut %d times", size>>20, blobCuts)
	var out blobUploaded
	start := time.Now()
	err = askChild(ctx, "exchange-upload", blobUpload{file, digest.String(), line.address()}, &out)
	if err != nil {
		return err
	}
	took := time.Since(start)
	most := residentMost(door.pid())
	whole := float64(1)
	if _, err := os.Stat(filepath.Join(dir, "in", "in", string(sendingEnd), digest.String())); err == nil {
		whole = 0
	}
	name := fmt.Sprintf("attachment of %d MiB", size>>20)
	emit(scale(name+": megabytes a second, disk waits included", float64(size)/took.Seconds()/1e6, "MB/s"))
	emit(atLeast(name+": cuts of the line that it came through", float64(line.count()), "cuts", blobCuts))
	emit(atMost(name+": files whose digest does not fit", whole, "files", 0))
	emit(atMost(name+": memory of the sending process at most", float64(out.Most)/(1<<20), "MiB", 64))
	emit(atMost(name+": memory of the receiving process at most", float64(most)/(1<<20), "MiB", 64))
	return nil
}

// randomFile writes a file of random bytes and returns its digest.
func randomFile(dir string, size int64) (string, cx.Digest, error) {
	s, err := peer.OpenSpool(dir, clock.System())
	if err != nil {
		return "", cx.Digest{}, err
	}
	w, err := s.Create()
	if err != nil {
		return "", cx.Digest{}, err
	}
	if _, err := io.CopyN(w, rand.Reader, size); err != nil {
		w.Discard()
		return "", cx.Digest{}, err
	}
	d, _, err := w.Commit()
	return filepath.Join(dir, "out", d.String()), d, err
}

// doorProcess is a process that answers at a door.
type doorProcess struct {
	cmd  interface{ Wait() error }
	kill func() error
	id   int
}

func (d *doorProcess) pid() int { return d.id }

func (d *doorProcess) end() {
	_ = d.kill()     // it has nothing to finish
	_ = d.cmd.Wait() // it says that it was killed
}

// startDoor starts a process with a door and returns the address it says.
func startDoor(ctx context.Context, spool string) (*doorProcess, string, error) {
	cmd, err := childCommand(ctx, "exchange-door", blobDoor{spool})
	if err != nil {
		return nil, "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	d := &doorProcess{cmd, cmd.Process.Kill, cmd.Process.Pid}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		d.end()
		return nil, "", errors.Join(errors.New("the door says nothing"), err)
	}
	return d, strings.TrimSpace(line), nil
}

// cutter passes bytes on and cuts a connection after some of them, so many times.
type cutter struct {
	ln   net.Listener
	to   string
	each int64
	work sync.WaitGroup

	mu   sync.Mutex // guards cuts, left and open
	cuts int64
	left int64
	open map[net.Conn]bool
}

func newCutter(to string, each, most int64) (*cutter, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &cutter{ln: ln, to: to, each: each, left: most, open: map[net.Conn]bool{}}
	c.work.Go(func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			c.work.Go(func() { c.pass(near) })
		}
	})
	return c, nil
}

func (c *cutter) address() string { return c.ln.Addr().String() }

func (c *cutter) count() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cuts
}

func (c *cutter) close() {
	_ = c.ln.Close() // it only listened
	c.mu.Lock()
	for conn := range c.open {
		_ = conn.Close() // the measurement is over
	}
	c.mu.Unlock()
	c.work.Wait()
}

// hold remembers a connection, to end it with the line.
func (c *cutter) hold(conn net.Conn) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[conn] = true
	return func() {
		_ = conn.Close() // also that is a cut
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.open, conn)
	}
}

func (c *cutter) pass(near net.Conn) {
	defer c.hold(near)()
	far, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer c.hold(far)()
	c.work.Go(func() {
		_, _ = io.Copy(near, far) // it ends when either side does
		_ = near.Close()
	})
	c.mu.Lock()
	cut := c.left > 0
	if cut {
		c.left--
	}
	c.mu.Unlock()
	if !cut {
		_, _ = io.Copy(far, near)
		return
	}
	n, _ := io.CopyN(far, near, c.each)
	c.mu.Lock()
	defer c.mu.Unlock()
	if n == c.each {
		c.cuts++
	} else {
		c.left++ // the client went away by itself
	}
}
