package identity

import (
	"encoding/base64"
	"strings"
	"time"

	"causeway/protocol/note"
)

const kindCard = "causeway/card/1"

// CardLimit is the size of the largest card, in bytes.
const CardLimit = 128 << 10

// namesMost is in how many languages a card names its node.
const namesMost = 16

// Name is what a node is called in a language.
type Name struct {
	Language string // a tag such as "fr"
	Text     string
}

// Card introduces a node to another. It proves nothing by itself: two officers of each
// side compare its fingerprint by telephone.
type Card struct {
	Node      NodeID
	Issued    time.Time
	Names     []Name // in the order of their languages
	Authority string // the body that answers for the node
	Country   string // ISO 3166-1 alpha-2, or user-assigned; "" for an organisation of many States
	Contact   string // whom to call, outside this system
	Recovery  *note.Public
	Schedule  []byte // the schedule in force, as a note
}

// Text writes the card.
func (c *Card) Text() string {
	var w writer
	w.WriteString(kindCard + "\n")
	w.line("node", string(c.Node))
	w.time("issued", c.Issued)
	for _, n := range c.Names {
		w.line("name", n.Language+" "+n.Text)
	}
	w.line("authority", c.Authority)
	country := c.Country
	if country == "" {
		country = "-"
	}
	w.line("country", country)
	w.line("contact", c.Contact)
	w.line("recovery", c.Recovery.String())
	w.line("schedule", base64.StdEncoding.EncodeToString(c.Schedule))
	return w.String()
}

// ParseCard reads the text of a card. The error is [ErrFormat].
func ParseCard(text string) (*Card, error) {
	if len(text) > CardLimit {
		return nil, ErrFormat
	}
	r := read(text, kindCard)
	c := &Card{Node: r.node("node"), Issued: r.time("issued")}
	last := ""
	r.each("name", namesMost, func(value string) {
		parts := r.fields(value, 2)
		r.check(isLanguage(parts[0]) && parts[0] > last && isWords(parts[1]))
		last = parts[0]
		c.Names = append(c.Names, Name{parts[0], parts[1]})
	})
	r.check(len(c.Names) > 0)
	c.Authority = r.words("authority")
	if c.Country = r.one("country"); c.Country == "-" {
		c.Country = ""
	}
	r.check(c.Country == c.Node.Country())
	c.Contact = r.words("contact")
	var err error
	if c.Recovery, err = note.ParsePublic(r.one("recovery")); err != nil {
		return nil, ErrFormat
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(r.one("schedule"))
	r.check(err == nil)
	c.Schedule = raw
	if err := r.end(text, c.Text); err != nil {
		return nil, err
	}
	return c, nil
}

// isLanguage reports whether text is the tag of a language.
func isLanguage(text string) bool {
	return len(text) >= 2 && len(text) <= 35 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == "" &&
		text[0] >= 'a' && text[0] <= 'z'
}

// Fingerprint returns what the officers read to each other.
func (c *Card) Fingerprint() Fingerprint { return FingerprintOf(c.Recovery) }

// Name returns the node's name in a language, the first one where there is none.
func (c *Card) Name(language string) string {
	for _, n := range c.Names {
		if n.Language == language {
			return n.Text
		}
	}
	return c.Names[0].Text
}

// SignCard returns the card as a note by the recovery pair that it names.
func SignCard(c *Card, recovery *note.Secret) ([]byte, error) {
	if !c.Recovery.Equal(recovery.Public()) {
		return nil, signError("card", ErrNotRecovery)
	}
	text := c.Text()
	if _, err := ParseCard(text); err != nil {
		return nil, signError("card", err)
	}
	if _, err := OpenSchedule(c.Schedule, c.Node, c.Recovery); err != nil {
		return nil, err
	}
	return note.Sign(text, note.Signer{Name: string(c.Node), Pair: recovery})
}

// OpenCard reads a card. That it is signed by the recovery pair it names shows that it
// was not altered since, not whose it is. The errors are [ErrNotRecovery] and [ErrFormat].
func OpenCard(signed []byte) (*Card, *Schedule, error) {
	c, err := ParseCard(note.Text(signed, CardLimit))
	if err != nil {
		return nil, nil, signError("card", err)
	}
	if _, err := openBy(signed, CardLimit, c.Node, c.Recovery); err != nil {
		return nil, nil, signError("card", err)
	}
	s, err := OpenSchedule(c.Schedule, c.Node, c.Recovery)
	if err != nil {
		return nil, nil, signError("card", err)
	}
	return c, s, nil
}
