package staff

import (
	"sync"
	"time"
)

const (
	sessionCacheFor  = 3 * time.Second
	sessionCacheSize = 4096
)

// sessionCache spares a page's parallel requests one read each. It forgets
// everything at once when any session of this process changes; a change by
// another instance is seen after sessionCacheFor.
type sessionCache struct {
	mu    sync.Mutex // guards the fields below
	count uint64     // rises at every clearing
	held  map[[32]byte]heldSession
}

type heldSession struct {
	session Session
	at      time.Time
}

func (c *sessionCache) get(key [32]byte, now time.Time) (Session, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, ok := c.held[key]
	age := now.Sub(h.at)
	if !ok || age < 0 || age >= sessionCacheFor {
		return Session{}, false
	}
	return h.session, true
}

// generation is taken before a session is read and given to put, so that what
// was read before a clearing is not kept after it.
func (c *sessionCache) generation() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

func (c *sessionCache) put(key [32]byte, s Session, now time.Time, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.count {
		return
	}
	if c.held == nil || len(c.held) >= sessionCacheSize {
		c.held = map[[32]byte]heldSession{}
	}
	c.held[key] = heldSession{s, now}
}

func (c *sessionCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	c.held = nil
}
