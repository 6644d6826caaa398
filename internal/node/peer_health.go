package node

import (
	"context"
	"time"

	"causeway/protocol/cx"

	"github.com/prometheus/client_golang/prometheus"
)

// OutboxHealth is how sending to partners goes. It names none of them.
type OutboxHealth struct {
	Waiting int64         // messages
	Oldest  time.Duration // how long the first of them has waited
	Silent  int           // partners that do not answer
	Silence time.Duration // of the one that has not answered for longest
	Refused int           // messages of either side that were refused or cannot be read, and nobody has seen to
	Stuck   int           // messages that do not arrive, are not answered, or are not acted on
}

// peersHealth asks the post office and the sender.
func (n *Node) peersHealth(ctx context.Context, h *Health) error {
	if n.peers == nil {
		return nil
	}
	b, err := n.Exchange.Backlog(ctx)
	if err != nil {
		return err
	}
	h.Outbox.Waiting = b.Count
	if !b.Oldest.IsZero() {
		h.Outbox.Oldest = h.At.Sub(b.Oldest)
	}
	troubles, err := n.Exchange.Troubles(ctx)
	if err != nil {
		return err
	}
	for i := range troubles {
		if troubles[i].Ends() {
			h.Outbox.Refused++
		} else {
			h.Outbox.Stuck++
		}
	}
	all, err := n.peers.All(ctx)
	for _, p := range all {
		if st := n.peers.sender.Status(p.ID); !st.Failing.IsZero() {
			h.Outbox.Silent++
			h.Outbox.Silence = max(h.Outbox.Silence, h.At.Sub(st.Failing))
		}
	}
	return err
}

// peerGauges are the figures of the exchange: how much waits, and what was refused by
// code. No label names a partner.
func peerGauges(gauge func(name, help string, value func(*Health) float64), p *peers, reg *prometheus.Registry) {
	gauge("exchange_refused", "Messages that were refused or cannot be read, and nobody has seen to.", func(h *Health) float64 {
		return float64(h.Outbox.Refused)
	})
	gauge("exchange_stuck", "Messages that do not arrive, are not answered, or are not acted on.", func(h *Health) float64 { return float64(h.Outbox.Stuck) })
	if p == nil {
		return
	}
	gauge("exchange_outbox_waiting", "Messages that wait for partners.", func(h *Health) float64 { return float64(h.Outbox.Waiting) })
	gauge("exchange_outbox_oldest_seconds", "How long the oldest of them has waited.", func(h *Health) float64 { return h.Outbox.Oldest.Seconds() })
	gauge("exchange_partners_silent", "Partners that do not answer.", func(h *Health) float64 { return float64(h.Outbox.Silent) })
	gauge("exchange_silence_seconds", "How long the partner has not answered that was silent for longest.", func(h *Health) float64 {
		return h.Outbox.Silence.Seconds()
	})
	tally := p.door.Tally()
	counter := func(name, help string, labels prometheus.Labels, value func() int64) {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "causeway_" + name, Help: help, ConstLabels: labels}, func() float64 {
			return float64(value())
		}))
	}
	counter("exchange_received_total", "Messages taken from partners.", nil, func() int64 { return tally.Counts().Received })
	counter("exchange_sent_total", "Messages that partners took.", nil, func() int64 { return tally.Counts().Sent })
	counter("exchange_failed_total", "Tries that no partner answered.", nil, func() int64 { return tally.Counts().Failed })
	counter("exchange_alarms_total", "Partners that sent more in a day than was agreed.", nil, func() int64 { return tally.Counts().Alarms })
	for _, code := range cx.Codes() {
		label := prometheus.Labels{"code": string(code)}
		counter("exchange_refused_total", "What this node refused, by code.", label, func() int64 { return tally.Counts().Refused[code] })
		counter("exchange_returned_total", "What partners refused, by code.", label, func() int64 { return tally.Counts().Returned[code] })
	}
}
