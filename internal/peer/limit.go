package peer

import (
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/protocol/identity"
)

// Limits is what one peer may ask for. A zero value of a field is the default.
type Limits struct {
	Rate   float64 // requests a second, in the long run
	Burst  int     // requests at once, after a quiet time
	Daily  int64   // messages in 24 h beyond which somebody looks at the peer
	Volume int64   // bytes in 24 h beyond which somebody looks at the peer
	Blob   int64   // bytes of one attachment, as ciphertext
	Spool  int64   // bytes of attachments that wait here for their message
}

// DefaultLimits suit a partner country: far above what people can write, far below what
// two cores can take.
var DefaultLimits = Limits{
	Rate: 300, Burst: 3000, Daily: 5000, Volume: 20 << 30, Blob: 2 << 30, Spool: 10 << 30,
}

// orDefault fills what is not set.
func (l Limits) orDefault() Limits {
	set := func(to *int64, d int64) {
		if *to <= 0 {
			*to = d
		}
	}
	if l.Rate <= 0 {
		l.Rate = DefaultLimits.Rate
	}
	if l.Burst <= 0 {
		l.Burst = DefaultLimits.Burst
	}
	set(&l.Daily, DefaultLimits.Daily)
	set(&l.Volume, DefaultLimits.Volume)
	set(&l.Blob, DefaultLimits.Blob)
	set(&l.Spool, DefaultLimits.Spool)
	return l
}

// meter holds peers to their limits. Each instance has its own: what it keeps out is
// load, and load is what one instance feels.
type meter struct {
	clock clock.Clock

	mu    sync.Mutex // guards peers and what it points to
	peers map[identity.NodeID]*gauge
}

// gauge is what one peer has used.
type gauge struct {
	tokens   float64
	filled   time.Time
	began    time.Time // of the day that is counted
	messages int64
	bytes    int64
	alarmed  bool
}

func newMeter(c clock.Clock) *meter { return &meter{clock: c, peers: map[identity.NodeID]*gauge{}} }

// of returns the gauge of a peer, with the tokens of now. The caller holds mu.
func (m *meter) of(id identity.NodeID, l Limits) *gauge {
	now := m.clock.Now()
	g := m.peers[id]
	if g == nil {
		g = &gauge{tokens: float64(l.Burst), filled: now, began: now}
		m.peers[id] = g
	}
	// A clock that was set back neither gives nor takes.
	if d := now.Sub(g.filled); d > 0 {
		g.tokens = min(float64(l.Burst), g.tokens+d.Seconds()*l.Rate)
	}
	g.filled = now
	if now.Sub(g.began) >= 24*time.Hour {
		g.began, g.messages, g.bytes, g.alarmed = now, 0, 0, false
	}
	return g
}

// admit takes a token, or says how long to wait for one.
func (m *meter) admit(id identity.NodeID, l Limits) (wait time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.of(id, l)
	if g.tokens >= 1 {
		g.tokens--
		return 0
	}
	return time.Duration((1 - g.tokens) / l.Rate * float64(time.Second))
}

// count adds to the volume of a peer, and reports whether this is the moment in which it
// went beyond its limit: once a day, so that the alarm is one alarm.
func (m *meter) count(id identity.NodeID, l Limits, messages, bytes int64) (alarm bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.of(id, l)
	g.messages += messages
	g.bytes += bytes
	if g.alarmed || g.messages <= l.Daily && g.bytes <= l.Volume {
		return false
	}
	g.alarmed = true
	return true
}
