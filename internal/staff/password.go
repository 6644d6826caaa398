package staff

import (
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"causeway/internal/fault"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost is the price of one password hash (argon2id, one lane).
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
}

var (
	defaultCost = Cost{Memory: 64 << 10, Passes: 3}
	// leastCost is OWASP's lowest recommendation for argon2id; tests use it.
	leastCost = Cost{Memory: 19 << 10, Passes: 2}
)

func (c Cost) enough() bool { return c.Memory >= leastCost.Memory && c.Passes >= leastCost.Passes }

const (
	hashLanes      = 1
	hashSalt       = 16
	hashLength     = 32
	hashesAtOnce   = 2 // 128 MiB at the default cost, and one of two cores stays free
	defaultWaiting = 16

	passwordLeast = 12
	passwordMost  = 200
)

// hasher computes password hashes: few at once, with a short queue, so that a
// flood of sign-ins costs neither the memory nor the cores of the node.
type hasher struct {
	cost  Cost
	slots chan struct{}
	done  atomic.Uint64
	dummy string // a hash nothing matches, for names that do not exist

	mu     sync.Mutex // guards inside and from
	inside int        // waiting or hashing
	from   map[[16]byte]int
	most   int
}

func newHasher(cost Cost, waiting int) *hasher {
	h := &hasher{
		cost: cost, slots: make(chan struct{}, hashesAtOnce),
		from: map[[16]byte]int{}, most: waiting + hashesAtOnce,
	}
	// The dummy costs what a real hash costs; its sum is random, so that no
	// password matches it.
	h.dummy = encodeHash(cost, random(hashSalt), random(hashLength))
	return h
}

var errBusy = fault.New(fault.Unavailable, "busy")

// enter waits for leave to hash, and returns what ends it. A full queue is
// Unavailable "busy" at once. One source may hold half of the places, so that a
// flood from one place leaves room for the others.
func (h *hasher) enter(ctx context.Context, src Source) (leave func(), err error) {
	h.mu.Lock()
	if h.inside >= h.most || h.from[src.key] >= (h.most+1)/2 {
		h.mu.Unlock()
		return nil, errBusy
	}
	h.inside++
	h.from[src.key]++
	h.mu.Unlock()
	out := func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.inside--
		if h.from[src.key]--; h.from[src.key] == 0 {
			delete(h.from, src.key)
		}
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; out() }, nil
	case <-ctx.Done():
		out()
		return nil, fault.Wrap(fault.Unavailable, "try-again", ctx.Err())
	}
}

// hash returns the stored form of a password. The caller has entered.
func (h *hasher) hash(password Secret) string {
	salt := random(hashSalt)
	return encodeHash(h.cost, salt, h.sum(password, salt, h.cost))
}

func (h *hasher) sum(password Secret, salt []byte, c Cost) []byte {
	h.done.Add(1)
	return argon2.IDKey([]byte(norm.NFKC.String(string(password))), salt, c.Passes, c.Memory, hashLanes, hashLength)
}

// verify reports whether password has the stored hash, and whether the hash
// should be made anew because the cost has changed. It always computes exactly
// one hash: without a stored one it computes the dummy's. The caller has entered.
func (h *hasher) verify(password Secret, stored string) (ok, renew bool) {
	known := stored != ""
	if !known {
		stored = h.dummy
	}
	if len(password) > 4*passwordMost {
		password = "" // nobody has it; hashing a megabyte would cost more time
		known = false
	}
	cost, salt, want, err := decodeHash(stored)
	if err != nil {
		known = false
		cost, salt, want, _ = decodeHash(h.dummy) // our own form, never an error
	}
	match := equal(h.sum(password, salt, cost), want)
	return match && known, cost != h.cost
}

// encodeHash writes the usual text form of an argon2id hash.
func encodeHash(c Cost, salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Passes, hashLanes,
		b64.EncodeToString(salt), b64.EncodeToString(sum))
}

func decodeHash(s string) (c Cost, salt, sum []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return c, nil, nil, fmt.Errorf("password hash of unknown form")
	}
	var version, lanes int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return c, nil, nil, fmt.Errorf("password hash of unknown version")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &lanes); err != nil || lanes != hashLanes {
		return c, nil, nil, fmt.Errorf("password hash of unknown cost")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return c, nil, nil, fmt.Errorf("password hash salt: %w", err)
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(sum) != hashLength {
		return c, nil, nil, fmt.Errorf("password hash sum of %d bytes", len(sum))
	}
	return c, salt, sum, nil
}

//go:embed common.txt
var commonText string

// common holds passwords that guessers try first, folded.
var common = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, line := range strings.Split(commonText, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			set[fold(line)] = true
		}
	}
	return set
})

func fold(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

// checkPassword says what is wrong with a new password: too short, too long,
// little more than the sign-in name, or one everybody tries. There are no rules
// of composition: they make people write passwords down (NIST SP 800-63B).
func checkPassword(c *fault.Check, password Secret, signIn string) {
	text := norm.NFKC.String(string(password))
	folded := fold(string(password))
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(string(password)):
		c.Reject("new_password", "text")
	case n < passwordLeast:
		c.Reject("new_password", "password-short")
	case n > passwordMost:
		c.Reject("new_password", "too-long")
	case signIn != "" && utf8.RuneCountInString(strings.ReplaceAll(folded, signIn, "")) < passwordLeast/2:
		c.Reject("new_password", "password-name")
	case common()[folded] || repeats(folded):
		c.Reject("new_password", "password-common")
	}
}

// repeats reports whether s is a short piece said again and again.
func repeats(s string) bool {
	for n := 1; n <= 4 && n < len(s); n++ {
		if strings.Repeat(s[:n], len(s)/n+1)[:len(s)] == s {
			return true
		}
	}
	return false
}

// Hashes returns how many password hashes were computed since the start.
func (o *Office) Hashes() uint64 { return o.hashes.done.Load() }
