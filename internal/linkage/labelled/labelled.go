// Package labelled holds sets of records of which it is known who is who, and
// measures how well package linkage finds that out. It serves the tests and the
// bench: no node uses it.
//
// Start with [Read], the form of such a set as a file, [Febrl], the sets that
// come with the program, and [Measure].
//
// # The form of a file
//
// CSV in UTF-8 with a header. The column "truth" holds the same value for all
// records of one person; it may be missing when the column "id" is written as in
// Febrl ("rec-12-org", "rec-12-dup-0"). Every other column is optional; unknown
// ones are passed over, and what is empty is not known:
//
//	given, family, mother, other    names; several divided by "|"
//	birth                           2009-03-14, 20090314, 2009-03, 2009, or
//	                                two of these with "/" between: 2008/2010
//	sex                             f or m
//	country, region, district, town, postcode, street, house
//	document, phone, household      compared as they are written
//
// Common names of the same columns are understood too (first_name, surname,
// dob, city, suburb, state, cluster and the like).
package labelled

import (
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/linkage"
)

// Set is records with their truth: records of one person have the same.
type Set struct {
	Records []linkage.Record
	Truth   []string
}

// columns are the names by which a column is known; the first is ours.
var columns = map[string][]string{
	"truth":     {"truth", "cluster", "cluster_id", "entity", "entity_id", "person", "person_id", "match_id"},
	"id":        {"id", "rec_id", "record_id", "unique_id"},
	"given":     {"given", "given_name", "first_name", "firstname", "forename", "name_first"},
	"family":    {"family", "family_name", "surname", "last_name", "lastname", "name_last"},
	"mother":    {"mother", "mother_name", "mothers_name"},
	"other":     {"other", "nickname", "alias", "middle_name", "middlename"},
	"birth":     {"birth", "date_of_birth", "birth_date", "birthdate", "dob"},
	"sex":       {"sex", "gender"},
	"country":   {"country", "nationality"},
	"region":    {"region", "state", "province"},
	"district":  {"district", "county"},
	"town":      {"town", "suburb", "city", "place", "village", "birth_place"},
	"postcode":  {"postcode", "zip", "zip_code", "postal_code", "postcode_fake"},
	"street":    {"street", "address_1", "address1", "address", "street_address"},
	"house":     {"house", "street_number", "house_number"},
	"document":  {"document", "document_number"},
	"phone":     {"phone", "phone_number", "telephone"},
	"household": {"household"},
}

// Read reads a set. A file without a header, without truth, or with lines of
// different length is refused with Invalid.
func Read(r io.Reader) (*Set, error) {
	c := csv.NewReader(r)
	c.TrimLeadingSpace = true
	head, err := c.Read()
	if err != nil {
		return nil, fault.InvalidField("header", "required")
	}
	at := places(head)
	if _, ok := at["truth"]; !ok {
		if _, ok := at["id"]; !ok {
			return nil, fault.InvalidField("truth", "required")
		}
	}
	s := new(Set)
	for {
		line, err := c.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, fault.InvalidField("line", "not-a-table")
		}
		cell := func(name string) string {
			if i, ok := at[name]; ok {
				return strings.TrimSpace(line[i])
			}
			return ""
		}
		truth := cell("truth")
		if truth == "" {
			truth = personOf(cell("id"))
		}
		s.Records = append(s.Records, record(cell))
		s.Truth = append(s.Truth, truth)
	}
}

// places finds the columns in a header; of two names for one the better known wins.
func places(head []string) map[string]int {
	at := make(map[string]int)
	for name, known := range columns {
	search:
		for _, k := range known {
			for i, h := range head {
				if strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")), k) {
					at[name] = i
					break search
				}
			}
		}
	}
	return at
}

// personOf takes the number of the person out of an id of Febrl. Another id is
// its own truth.
func personOf(id string) string {
	if part := strings.Split(id, "-"); len(part) >= 3 && part[0] == "rec" {
		return part[1]
	}
	return id
}

func record(cell func(string) string) linkage.Record {
	r := linkage.Record{
		Given: list(cell("given")), Family: list(cell("family")), Mother: list(cell("mother")), Other: list(cell("other")),
		Birth: birth(cell("birth")),
		Places: []linkage.Place{{
			Country: cell("country"), Region: cell("region"), District: cell("district"), Town: cell("town"),
			Postcode: cell("postcode"), Street: cell("street"), House: cell("house"),
		}},
		Documents: tags(cell("document")), Phones: tags(cell("phone")), Household: tags(cell("household")),
	}
	switch strings.ToLower(cell("sex")) {
	case "f", "female":
		r.Sex = linkage.Female
	case "m", "male":
		r.Sex = linkage.Male
	}
	return r
}

func list(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, "|")
}

func tags(cell string) []linkage.Tag {
	var out []linkage.Tag
	for _, v := range list(cell) {
		h := sha256.Sum256([]byte(v))
		out = append(out, linkage.Tag(h[:16]))
	}
	return out
}

// birth reads a day, a month, a year, or an interval of them; anything else is
// not known.
func birth(cell string) linkage.Birth {
	first, last, interval := strings.Cut(cell, "/")
	b := oneBirth(first)
	if interval {
		e := oneBirth(last)
		b.Latest = e.Latest
	}
	if b.Latest < b.Earliest {
		return linkage.Birth{}
	}
	return b
}

func oneBirth(s string) linkage.Birth {
	var n linkage.Date
	digits := 0
	for _, c := range strings.ReplaceAll(strings.TrimSpace(s), "-", "") {
		if c < '0' || c > '9' || digits == 8 {
			return linkage.Birth{}
		}
		n = n*10 + linkage.Date(c-'0')
		digits++
	}
	switch digits {
	case 4:
		return linkage.Years(int(n), int(n))
	case 6:
		return linkage.Birth{Earliest: n*100 + 1, Latest: n*100 + 31}
	case 8:
		return linkage.Birth{Earliest: n, Latest: n}
	}
	return linkage.Birth{}
}

//go:embed febrl/*.csv.gz
var febrl embed.FS

// Febrl returns one of the sets of the Febrl project that come with the program:
// "1", "2", "4a" or "4b". See febrl/NOTICE.
func Febrl(name string) (*Set, error) {
	f, err := febrl.Open("febrl/dataset" + name + ".csv.gz")
	if err != nil {
		return nil, fault.InvalidField("set", "not-in-list")
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "damaged-file", err)
	}
	return Read(z)
}

// Child returns the set with only what is commonly known of a child: names,
// birth, town and region.
func (s *Set) Child() *Set {
	out := &Set{Truth: s.Truth}
	for _, r := range s.Records {
		p := r.Places[0]
		out.Records = append(out.Records, linkage.Record{
			Given: r.Given, Family: r.Family, Birth: r.Birth,
			Places: []linkage.Place{{Town: p.Town, Region: p.Region}},
		})
	}
	return out
}
