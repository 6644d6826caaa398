package directory

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

type contactKind struct{}

// ContactID names one contact.
type ContactID = ident.ID[contactKind]

const contactTable = "directory_contact"

// Contact is an office of another country that is asked about a child who crosses a
// border: the country, the authority and the name of the office tell it from all others.
type Contact struct {
	ID        ContactID `json:"-"`
	Country   string    `json:"-"` // code list nationality
	Authority string    `json:"-"`
	Office    string    `json:"-"`
	Phone     string    `json:"phone,omitempty"`
	Email     string    `json:"email,omitempty"`
	Channel   string    `json:"channel,omitempty"` // how what is secret reaches it
	Languages []string  `json:"languages,omitempty"`
	Hours     string    `json:"hours,omitempty"`
	For       string    `json:"for,omitempty"` // what it is asked for

	Ended       bool        `json:"-"` // it is not right any more
	ConfirmedAt time.Time   `json:"-"`
	ConfirmedBy ident.Staff `json:"-"`
	Stale       bool        `json:"-"` // confirmed so long ago that somebody must call
	Version     int64       `json:"-"`

	body, mac []byte
}

// Contacts are the offices of other countries, in the order of the countries' codes.
type Contacts struct {
	List    []*Contact
	MayEdit bool
	MayTake bool // out, as a file
	Entry   ident.Entry
}

// Contacts returns all contacts in force.
func (r *Room) Contacts(ctx context.Context, c *access.Caller) (*Contacts, error) {
	var out Contacts
	err := r.gate.View(ctx, c, access.Act{Action: "contact.view", Purpose: Purpose}, func(p *access.Pass) (err error) {
		out.Entry = p.Entry()
		out.MayEdit, out.MayTake = r.gate.May(c, "contact.edit"), r.gate.May(c, "contact.export")
		out.List, err = r.contacts(ctx, p)
		return err
	})
	return &out, err
}

// ExportContacts returns all contacts in force, for a file, and the entry that says so.
func (r *Room) ExportContacts(ctx context.Context, c *access.Caller) (list []*Contact, entry ident.Entry, err error) {
	err = r.gate.View(ctx, c, access.Act{Action: "contact.export", Purpose: Purpose}, func(p *access.Pass) (err error) {
		entry = p.Entry()
		list, err = r.contacts(ctx, p)
		return err
	})
	return list, entry, err
}

// SaveContact adds a contact (one without an identifier) or changes one, and keeps that
// the caller confirmed it now. A change by somebody else since Version is a Conflict.
func (r *Room) SaveContact(ctx context.Context, c *access.Caller, cmd ident.Command, in Contact) error {
	if err := in.check(r.codes); err != nil {
		return err
	}
	_, err := r.gate.Do(ctx, c, access.Act{Action: "contact.edit", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		all, err := r.contacts(ctx, p)
		if err != nil {
			return "", err
		}
		next := in
		if !in.ID.IsZero() {
			switch was, err := r.contact(ctx, p, in.ID); {
			case err != nil:
				return "", err
			case was.Version != in.Version:
				return "", fault.New(fault.Conflict, "changed-meanwhile")
			}
		}
		for _, other := range all {
			if other.ID != in.ID && other.same(&in) {
				return "", fault.InvalidField("contact_office", "taken")
			}
		}
		return "", r.keepContact(ctx, p, &next)
	})
	return err
}

// TakeContacts takes contacts in from a file, all or none: an office that is there is
// changed. The caller answers for every row: it is confirmed now.
func (r *Room) TakeContacts(ctx context.Context, c *access.Caller, cmd ident.Command, in []Contact) error {
	for i := range in {
		if err := in[i].check(r.codes); err != nil {
			return err
		}
	}
	_, err := r.gate.Do(ctx, c, access.Act{Action: "contact.edit", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		all, err := r.contacts(ctx, p)
		if err != nil {
			return "", err
		}
		for i := range in {
			next := in[i]
			for _, was := range all {
				if was.same(&next) {
					next.ID, next.Version = was.ID, was.Version
				}
			}
			if err := r.keepContact(ctx, p, &next); err != nil {
				return "", err
			}
		}
		return "", nil
	})
	return err
}

// same reports whether two contacts are of one office.
func (c *Contact) same(other *Contact) bool {
	return c.Country == other.Country && c.Authority == other.Authority && c.Office == other.Office
}

// check cleans a contact and says what of it cannot stand.
func (c *Contact) check(codes Codes) error {
	var chk fault.Check
	for _, line := range []struct {
		field string
		text  *string
		must  bool
	}{
		{"contact_authority", &c.Authority, true},
		{"contact_office", &c.Office, true},
		{"service_phone", &c.Phone, false},
		{"service_email", &c.Email, false},
		{"contact_channel", &c.Channel, false},
		{"contact_hours", &c.Hours, false},
		{"contact_for", &c.For, true},
	} {
		*line.text = strings.TrimSpace(*line.text)
		chk.Require(!line.must || *line.text != "", line.field, "required")
		chk.Require(utf8.RuneCountInString(*line.text) <= mostName, line.field, "too-long")
		chk.Require(plain(*line.text, false), line.field, "text")
	}
	chk.Require(codes.Valid(pack.Nationalities, c.Country), "contact_country", "not-in-list")
	chk.Require(!strings.ContainsFunc(c.Phone, notOfPhones), "service_phone", "phone")
	chk.Require(c.Email == "" || strings.Count(c.Email, "@") == 1 && !strings.ContainsAny(c.Email, " \t"), "service_email", "email")
	chk.Require(c.Phone != "" || c.Email != "" || c.Channel != "", "service_phone", "required")
	chk.Require(len(c.Languages) <= mostCodes, "service_languages", "too-many")
	for _, code := range c.Languages {
		chk.Require(codes.Valid(pack.Languages, code), "service_languages", "not-in-list")
	}
	return chk.Err()
}

func (r *Room) contacts(ctx context.Context, p *access.Pass) ([]*Contact, error) {
	rows, err := p.Tx().Query(ctx, sqlSelectContacts)
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	defer rows.Close()
	var out []*Contact
	for rows.Next() {
		c, err := r.scanContact(p, rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func (r *Room) contact(ctx context.Context, p *access.Pass, id ContactID) (*Contact, error) {
	c, err := r.scanContact(p, p.Tx().QueryRow(ctx, sqlSelectContact, id).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return c, err
}

func (r *Room) scanContact(p *access.Pass, scan func(...any) error) (*Contact, error) {
	var c Contact
	var at int64
	if err := scan(&c.ID, &c.Version, &at, &c.Ended, &c.ConfirmedBy, &c.Country, &c.Authority, &c.Office, &c.body, &c.mac); err != nil {
		return nil, err
	}
	c.ConfirmedAt = clock.FromMicros(at)
	if subtle.ConstantTimeCompare(c.mac, r.contactDigest(&c)) != 1 {
		return nil, errAltered
	}
	if err := json.Unmarshal(c.body, &c); err != nil {
		return nil, fmt.Errorf("read contact: %w", err)
	}
	c.Stale = !p.Now().Before(r.codes.Clock(pack.ContactStale).After(c.ConfirmedAt))
	return &c, nil
}

// keepContact writes the next version of a contact, confirmed now by the caller.
func (r *Room) keepContact(ctx context.Context, p *access.Pass, c *Contact) error {
	before := c.Version
	if c.ID.IsZero() {
		c.ID, before = ident.New[ContactID](), 0
	}
	var err error
	if c.body, err = json.Marshal(c); err != nil {
		return fmt.Errorf("write contact: %w", err)
	}
	c.Version, c.ConfirmedAt, c.ConfirmedBy = before+1, p.Now(), p.Caller().Staff()
	c.mac = r.contactDigest(c)
	args := []any{c.ID, c.Version, c.ConfirmedAt.UnixMicro(), c.Ended, c.ConfirmedBy, c.Country, c.Authority, c.Office, c.body, c.mac}
	if before == 0 {
		err = p.Tx().Put(ctx, sqlInsertContact, args...)
	} else {
		var n int64
		if n, err = p.Tx().Exec(ctx, sqlUpdateContact, append(args, before)...); err == nil && n != 1 {
			err = fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	if err != nil {
		return fmt.Errorf("write contact: %w", err)
	}
	p.Wrote(contactTable, c.ID[:], c.Version, c.mac)
	return nil
}

// contactDigest vouches for a row.
func (r *Room) contactDigest(c *Contact) []byte {
	m := hmac.New(sha256.New, r.key[:])
	for _, part := range [][]byte{
		[]byte(contactTable), c.ID[:], c.ConfirmedBy[:], []byte(c.Country), []byte(c.Authority), []byte(c.Office), c.body,
		fmt.Appendf(nil, "%d %d %t", c.Version, c.ConfirmedAt.UnixMicro(), c.Ended),
	} {
		m.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		m.Write(part)
	}
	return m.Sum(nil)[:16]
}
