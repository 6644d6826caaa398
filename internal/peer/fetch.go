package peer

import (
	"bytes"
	"context"
	"log/slog"
	"time"

	"causeway/protocol/cx"
)

// fetchEvery is how often a node that cannot be called asks for what waits.
const fetchEvery = 30 * time.Second

// fetchAll fetches what waits at the peer, again and again until ctx ends.
func (l *loop) fetchAll(ctx context.Context) {
	for ctx.Err() == nil {
		if l.waits() > 0 || !l.fetch(ctx) {
			t := time.NewTimer(fetchEvery)
			select {
			case <-ctx.Done():
			case <-t.C:
			}
			t.Stop()
		}
	}
}

// fetch asks the peer for what waits there, takes it in as the door would, and brings
// the answers. It reports whether anything came.
func (l *loop) fetch(ctx context.Context) (came bool) {
	p, ok, err := l.s.c.Partners.Named(ctx, l.to)
	if err != nil || !ok || !p.Fetch || !l.mine(ctx) {
		return false
	}
	limits := p.Limits.orDefault()
	var failed error
	_, err = l.s.client.Fetch(ctx, l.to, cx.ID{}, func(envelope []byte) error {
		answer, err := l.fetched(ctx, envelope, limits)
		if err == nil {
			came = true
		} else if failed = err; ctx.Err() != nil {
			return ctx.Err()
		}
		if len(answer) > 0 {
			_, err = l.s.client.Deliver(ctx, l.to, cx.Frame(answer))
			return err
		}
		return nil // the others are not worse for one that cannot be taken
	})
	if err != nil {
		l.heard(ctx, err)
		return false
	}
	l.heard(ctx, nil)
	if failed != nil && ctx.Err() == nil {
		l.s.c.Log.WarnContext(ctx, "take in what was fetched", slog.String("peer", string(l.to)), slog.String("code", string(cx.CodeOf(failed))))
	}
	return came
}

// fetched takes in one envelope, its attachments first, and returns what answers it: also
// where it cannot be taken and the peer is to hear why.
func (l *loop) fetched(ctx context.Context, envelope []byte, limits Limits) ([]byte, error) {
	if kind, _, err := cx.Peek(bytes.NewReader(envelope)); err == nil && kind == cx.KindReceipt {
		return l.s.c.Post.Receive(ctx, l.to, bytes.NewReader(envelope))
	}
	h, err := l.s.c.Post.Outside(ctx, l.to, envelope)
	if err != nil {
		return nil, err
	}
	for _, b := range h.Blobs {
		if err := l.s.client.Download(ctx, l.to, b.Digest, min(b.Size, limits.Blob), l.s.c.Spool); err != nil {
			return nil, err
		}
	}
	answer, err := l.s.c.Post.Receive(ctx, l.to, bytes.NewReader(envelope))
	if code := cx.CodeOf(err); err != nil {
		if code == cx.Internal || code == cx.Busy || l.s.c.Refuse == nil {
			return nil, err
		}
		l.s.tally.refused(code)
		return l.s.c.Refuse(ctx, l.to, h.ID, code), err
	}
	l.s.tally.received()
	return answer, nil
}
