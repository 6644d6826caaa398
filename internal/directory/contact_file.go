package directory

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"causeway/internal/fault"
	"causeway/internal/pack"
)

// MostContacts is how many contacts one file may bring.
const MostContacts = 2_000

// ContactColumns are the columns of a file of contacts.
func ContactColumns() []string {
	return []string{"country", "authority", "office", "phone", "email", "secure_channel", "languages", "hours", "for", "confirmed_at"}
}

// Cells are the values of [ContactColumns].
func (c *Contact) Cells() []string {
	return []string{
		c.Country, c.Authority, c.Office, c.Phone, c.Email, c.Channel, strings.Join(c.Languages, "; "), c.Hours, c.For,
		c.ConfirmedAt.UTC().Format("2006-01-02"),
	}
}

// ReadContacts reads a file of contacts, as [ReadCSV] reads one of services. confirmed_at
// is written and not read: whoever brings a file confirms it.
func (r *Room) ReadContacts(from io.Reader) ([]Contact, error) {
	body, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	text := strings.TrimPrefix(string(body), "\ufeff")
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, fault.InvalidField("file", "text")
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord = delimiter(text), -1
	header, err := in.Read()
	if err != nil {
		return nil, fault.InvalidField("file", "text")
	}
	var out []Contact
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(out) == MostContacts {
			return nil, fault.InvalidField("file", "text")
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		c, err := r.readContact(header, cells)
		if err != nil {
			return nil, err
		}
		for i := range out {
			if out[i].same(c) {
				return nil, fault.InvalidField("file", "twice")
			}
		}
		out = append(out, *c)
	}
	if len(out) == 0 {
		return nil, fault.InvalidField("file", "required")
	}
	return out, nil
}

func (r *Room) readContact(header, cells []string) (*Contact, error) {
	var c Contact
	into := map[string]*string{
		"authority": &c.Authority, "office": &c.Office, "phone": &c.Phone, "email": &c.Email, "secure_channel": &c.Channel,
		"hours": &c.Hours, "for": &c.For,
	}
	for i, name := range header {
		if i >= len(cells) {
			break
		}
		cell := unquoted(strings.TrimSpace(cells[i]))
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case "country":
			c.Country, _ = r.codes.Resolve(pack.Nationalities, cell) // what is none is refused below
		case "languages":
			for part := range strings.SplitSeq(cell, ";") {
				if part = strings.TrimSpace(part); part != "" {
					code, _ := r.codes.Resolve(pack.Languages, part)
					c.Languages = append(c.Languages, code)
				}
			}
		case "confirmed_at", "":
		default:
			text, ok := into[name]
			if !ok {
				return nil, fault.InvalidField("file", "no-such-column")
			}
			*text = cell
		}
	}
	return &c, c.check(r.codes)
}
