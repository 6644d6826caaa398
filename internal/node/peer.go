package node

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/peer"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/witness"

	"golang.org/x/sync/errgroup"
)

// peers is the door for other nodes and what calls at theirs.
type peers struct {
	n      *Node
	spool  *peer.Spool
	door   *peer.Door
	client *peer.Client
	sender *peer.Sender
	work   chan struct{} // something came

	mu    sync.Mutex // guards own and ownAt
	own   *tls.Certificate
	ownAt time.Time
}

// certificateLife is how long the node's own certificate is used before the schedule is
// asked again which key is its own.
const certificateLife = time.Minute

// openPeers builds the door, its client and the sender. Nothing is served yet.
func (n *Node) openPeers() error {
	if n.Config.Exchange == nil {
		return nil
	}
	spool, err := peer.OpenSpool(filepath.Join(n.Dir, spoolFolder, "exchange"), n.Clock)
	if err != nil {
		return err
	}
	var proxy *url.URL
	if n.Config.Exchange.Proxy != "" {
		if proxy, err = url.Parse(n.Config.Exchange.Proxy); err != nil {
			return fault.InvalidField("exchange.proxy", "origin")
		}
	}
	p := &peers{n: n, spool: spool, work: make(chan struct{}, 1)}
	c := peer.Config{
		Self: n.Exchange.Node(), Clock: n.Clock, Log: n.Log, Partners: p, Post: post{p}, Spool: spool, Own: p.certificate, Refuse: p.refuse,
		Alarm: p.alarm, Full: n.disk.full.Load, Asked: func(who identity.NodeID) { p.sender.Asked(who) },
	}
	if n.Witness != nil {
		c.Witness = witness.Handler(n.Witness, func(ctx context.Context, err error) {
			n.Log.ErrorContext(ctx, "cosign for a partner", slog.Any("err", err))
		})
	}
	p.door = peer.NewDoor(c)
	p.client = peer.NewClient(p, p.certificate, p.readRefusal, proxy)
	p.sender = peer.NewSender(peer.SenderConfig{
		Clock: n.Clock, Log: n.Log, Partners: p, Post: post{p}, Outbox: post{p}, Spool: spool, Refuse: p.refuse, Alone: p.alone,
		Notes: n.Exchange.Notes,
	}, p.client, p.door.Tally())
	n.PeerWitness = func(partner identity.NodeID) witness.Service { return peerWitness{p, partner} }
	n.peers = p
	return nil
}

// wakeSender tells the sender that something waits for a peer.
func (n *Node) wakeSender(to identity.NodeID) {
	if n.peers != nil {
		n.peers.sender.Wake(to)
	}
}

// RunPeers exchanges with the partners alone, without staff pages and housekeeping, until
// ctx ends: the door is opened on ln, nil for none. It is for measures and tests.
func (n *Node) RunPeers(ctx context.Context, ln net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	if err := n.runPeers(g, ctx, ln); err != nil {
		return err
	}
	return g.Wait()
}

// servePeers opens the door for other nodes where the configuration says, and begins to
// send, until ctx ends.
func (n *Node) servePeers(g *errgroup.Group, ctx context.Context) error {
	if n.Config.Exchange == nil {
		return nil
	}
	var ln net.Listener
	if listen := n.Config.Exchange.Listen; listen != "" {
		var err error
		if ln, err = ListenFor(listen); err != nil {
			return err
		}
	}
	return n.runPeers(g, ctx, ln)
}

func (n *Node) runPeers(g *errgroup.Group, ctx context.Context, ln net.Listener) error {
	p := n.peers
	if err := n.Exchange.Start(context.WithoutCancel(ctx)); err != nil { // a stop at once is no failure
		return err
	}
	if ln != nil {
		g.Go(func() error { return p.door.Serve(ctx, ln) })
	}
	g.Go(func() error {
		defer p.client.Close()
		return p.sender.Run(ctx)
	})
	g.Go(func() error { return p.openInbox(ctx) })
	n.every(g, ctx, "exchange-spool", keysEvery, spoolUpkeep(p.spool))
	n.every(g, ctx, "exchange-placed", placedEvery, n.alone("exchange-placed", p.askPlaced))
	n.every(g, ctx, "keep-letters", keysEvery, n.alone("keep-letters", n.keepLetters))
	n.every(g, ctx, "exchange-bundles", keysEvery, n.expireBundles)
	n.every(g, ctx, "exchange-receipts", keysEvery, n.alone("exchange-receipts", n.Exchange.TidyReceipts))
	return nil
}

func spoolUpkeep(s *peer.Spool) func(context.Context) error { return s.Expire }

// openInbox opens what came, one instance for all, until ctx ends.
func (p *peers) openInbox(ctx context.Context) error {
	open := p.n.alone("exchange-inbox", func(ctx context.Context) error {
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = p.n.Exchange.Work(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	t := time.NewTicker(inboxEvery)
	defer t.Stop()
	for {
		if err := open(ctx); err != nil && ctx.Err() == nil {
			p.n.Log.ErrorContext(ctx, "open what came", slog.String("kind", fault.KindOf(err).String()), slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.work:
		case <-t.C:
		}
	}
}

// inboxEvery is how often the inbox is looked at when nothing came at this instance.
const inboxEvery = 5 * time.Second

func (p *peers) cameIn() {
	select {
	case p.work <- struct{}{}:
	default: // it is known
	}
}

// certificate returns the node's transport key of now.
func (p *peers) certificate() (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.n.Clock.Now()
	if p.own != nil && now.Sub(p.ownAt).Abs() < certificateLife {
		return p.own, nil
	}
	err := p.n.DB.Read(context.Background(), func(tx *store.Tx) error {
		c, err := p.n.Exchange.Certificate(context.Background(), tx, now)
		p.own = &c
		return err
	})
	if err != nil {
		p.own = nil
		return nil, err
	}
	p.ownAt = now
	return p.own, nil
}

// partner tells the door what it needs to know of a peer.
func (p *peers) partner(o *exchange.Peer, at time.Time) peer.Partner {
	out := peer.Partner{ID: o.Node, Fetch: p.n.Config.Exchange.URL == "", Limits: peer.Limits{Blob: o.Limits().Blob}}
	if urls := o.URLs(); len(urls) > 0 {
		out.URL = urls[0]
	}
	for _, k := range o.History.Keys(identity.Transport, at) {
		out.Transport = append(out.Transport, ed25519.PublicKey(k.Public))
	}
	return out
}

// All implements peer.Partners.
func (p *peers) All(ctx context.Context) (out []peer.Partner, err error) {
	err = p.n.DB.Read(ctx, func(tx *store.Tx) error {
		out = nil
		all, err := p.n.Exchange.Peers(ctx, tx)
		for _, o := range all {
			if o.Paired(tx.Now()) {
				out = append(out, p.partner(o, tx.Now()))
			}
		}
		return err
	})
	return out, err
}

// Named implements peer.Partners.
func (p *peers) Named(ctx context.Context, id identity.NodeID) (out peer.Partner, ok bool, err error) {
	err = p.n.DB.Read(ctx, func(tx *store.Tx) error {
		o, err := p.n.Exchange.Peer(ctx, tx, id)
		if ok = err == nil && o.Paired(tx.Now()); ok {
			out = p.partner(o, tx.Now())
		}
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	return out, ok, err
}

// Holder implements peer.Partners.
func (p *peers) Holder(ctx context.Context, key ed25519.PublicKey) (peer.Partner, bool, error) {
	all, err := p.All(ctx)
	for _, o := range all {
		for _, k := range o.Transport {
			if bytes.Equal(k, key) {
				return o, true, nil
			}
		}
	}
	return peer.Partner{}, false, err
}

// alone is a lease, so that of several instances one sends to a peer.
func (p *peers) alone(ctx context.Context, to identity.NodeID, lasts time.Duration) (bool, error) {
	return p.n.DB.Lease(ctx, "peer-"+string(to), p.n.holder, lasts)
}

// alarm puts a peer that sends more than was agreed under watch: the page of partners and
// the health page show it, and the operator is told.
func (p *peers) alarm(ctx context.Context, who identity.NodeID) error {
	return p.n.Exchange.WatchNow(ctx, who, exchange.Watch, exchange.WhyVolume)
}

// refuse implements peer.Refuse.
func (p *peers) refuse(ctx context.Context, to identity.NodeID, id cx.ID, code cx.Code) []byte {
	b, err := p.n.Exchange.SignRefusal(ctx, to, id, code)
	if err != nil {
		p.n.Log.ErrorContext(ctx, "sign a refusal", slog.String("peer", string(to)), slog.Any("err", err))
	}
	return b
}

// readRefusal implements peer.ReadError.
func (p *peers) readRefusal(from identity.NodeID, note []byte) cx.Code {
	no, err := p.n.Exchange.ReadRefusal(context.Background(), from, note)
	if err != nil {
		return cx.Internal
	}
	return no.Code
}

// peerWitness is the witness at a partner, behind the same pinned door.
type peerWitness struct {
	p  *peers
	to identity.NodeID
}

func (w peerWitness) client(ctx context.Context) (*witness.Client, error) {
	h, at, err := w.p.client.Witness(ctx, w.to)
	return &witness.Client{URL: at, HTTP: h}, err
}

// AddCheckpoint implements witness.Service.
func (w peerWitness) AddCheckpoint(ctx context.Context, r *witness.Request) (string, error) {
	c, err := w.client(ctx)
	if err != nil {
		return "", err
	}
	return c.AddCheckpoint(ctx, r)
}

// AddStatement implements witness.Service.
func (w peerWitness) AddStatement(ctx context.Context, r *witness.Request) error {
	c, err := w.client(ctx)
	if err != nil {
		return err
	}
	return c.AddStatement(ctx, r)
}
