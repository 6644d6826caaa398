package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// The states of a service.
const (
	Open   = "open"
	Paused = "paused" // takes nobody for now
	Closed = "closed" // for good
)

// States returns the states in the order forms offer them.
func States() []string { return []string{Open, Paused, Closed} }

// OldestAge is the highest age a service can name: young adults who came as children
// are still helped.
const OldestAge = 25

// Unknown says that nobody knows a number.
const Unknown = -1

// Service is one entry of the directory.
type Service struct {
	ID       ident.Service
	Code     string     // by which files know it again; made up where none is given
	State    string     //
	Unit     ident.Unit // who gives it, or
	Provider string     // the name of another organisation
	Name     string
	Kinds    []string // codes of the list of services

	AgeFrom, AgeTo int      // whom it takes, both included
	Sex            string   // "female" or "male", "" for everybody
	Statuses       []string // legal status of whom it takes, none: any
	Access         []string // what it has for children with a disability
	Languages      []string

	Hours     Hours
	HoursText string // what hours do not say, such as holidays
	Regions   []string
	Place     *Place
	Address   string
	Phone     string
	Email     string
	Cost      string // a code
	CostText  string
	About     string

	// Secret hides address, coordinates and exact area from everybody but the
	// service's own unit and supervisors.
	Secret bool
	Places Places

	Edition   int64 // counts the changes; a form returns the one it saw
	ChangedAt time.Time
	ChangedBy ident.Staff
}

// Places says how many places a service has, as far as anybody knows.
type Places struct {
	Total, Free, Wait int         // Wait in days; each may be [Unknown]
	At                time.Time   // as of when
	By                ident.Staff // who assured it
}

// NoPlaces is what is known of the places of a new service.
func NoPlaces() Places { return Places{Total: Unknown, Free: Unknown, Wait: Unknown} }

// Codes is what the room asks of the jurisdiction pack.
type Codes interface {
	Codes(list string) []string
	Valid(list, code string) bool
	Parent(list, code string) string
	Place(list, code string) (lat, lon float64, ok bool)
	Resolve(list, text string) (string, bool)
	Label(list, code, lang string) string
	Aliases(list, code string) []string
	Clock(name pack.ClockName) pack.Clock
}

// Most of what one service can name.
const (
	mostCodes  = 40
	mostPlaces = 9999
	mostWait   = 3660
	mostName   = 200
	mostText   = 2000
)

// clean brings what was typed into one form: trimmed, composed, each code once.
func (s *Service) clean() {
	for _, text := range []*string{
		&s.Code, &s.Provider, &s.Name, &s.HoursText, &s.Address, &s.Phone, &s.Email, &s.CostText, &s.About,
	} {
		*text = norm.NFC.String(strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n")))
	}
	for _, codes := range []*[]string{&s.Kinds, &s.Statuses, &s.Access, &s.Languages, &s.Regions} {
		once := (*codes)[:0:0]
		for _, c := range *codes {
			if c != "" && !slices.Contains(once, c) {
				once = append(once, c)
			}
		}
		*codes = once
	}
	s.State = cmp.Or(s.State, Open)
	s.Cost = cmp.Or(s.Cost, "unknown")
	if !s.Unit.IsZero() {
		s.Provider = ""
	}
}

// check says what of a cleaned service cannot stand. The names of fields are those of
// its form and of its columns in a file.
func (s *Service) check(codes Codes) error {
	var c fault.Check
	line := func(field, text string, most int) {
		c.Require(utf8.RuneCountInString(text) <= most, field, "too-long")
		c.Require(plain(text, false), field, "text")
	}
	c.Require(s.Name != "", "service_name", "required")
	line("service_name", s.Name, mostName)
	c.Require(!s.Unit.IsZero() || s.Provider != "", "service_provider", "required")
	line("service_provider", s.Provider, mostName)
	line("service_code", s.Code, 60)
	c.Require(slices.Contains(States(), s.State), "service_state", "not-in-list")
	c.Require(len(s.Kinds) > 0, "service_kinds", "required")
	list := func(field, name string, got []string) {
		c.Require(len(got) <= mostCodes, field, "too-many")
		for _, code := range got {
			c.Require(codes.Valid(name, code), field, "not-in-list")
		}
	}
	list("service_kinds", pack.Services, s.Kinds)
	list("takes_status", pack.ServiceStatuses, s.Statuses)
	list("service_access", pack.ServiceAccess, s.Access)
	list("service_languages", pack.Languages, s.Languages)
	list("service_cost", pack.ServiceCosts, []string{s.Cost})
	c.Require(len(s.Regions) <= mostCodes, "service_regions", "too-many")
	for _, r := range s.Regions {
		c.Require(codes.Valid(pack.Regions, r) || isCountry(codes, r), "service_regions", "not-in-list")
	}
	c.Require(s.AgeFrom >= 0 && s.AgeTo >= s.AgeFrom && s.AgeTo <= OldestAge, "age_to", "range")
	c.Require(s.Sex == "" || s.Sex == "female" || s.Sex == "male", "takes_sex", "not-in-list")
	if s.Hours.check() != nil {
		c.Reject("hours_mo", "hours")
	}
	c.Require(s.Place == nil || s.Place.valid(), "service_lat", "range")
	line("service_address", s.Address, mostName)
	c.Require(utf8.RuneCountInString(s.Phone) <= 60 && !strings.ContainsFunc(s.Phone, notOfPhones), "service_phone", "phone")
	c.Require(s.Email == "" || strings.Count(s.Email, "@") == 1 && len(s.Email) <= 200 && !strings.ContainsAny(s.Email, " \t\n"), "service_email", "email")
	line("hours_text", s.HoursText, mostName)
	line("cost_text", s.CostText, mostName)
	c.Require(utf8.RuneCountInString(s.About) <= mostText, "service_about", "too-long")
	c.Require(plain(s.About, true), "service_about", "text")
	s.Places.check(&c)
	return c.Err()
}

func (p Places) check(c *fault.Check) {
	c.Require(p.Total >= Unknown && p.Total <= mostPlaces, "places_total", "range")
	c.Require(p.Free >= Unknown && p.Free <= mostPlaces, "places_free", "range")
	c.Require(p.Total == Unknown || p.Free <= p.Total, "places_free", "more-than-there-are")
	c.Require(p.Wait >= Unknown && p.Wait <= mostWait, "wait_days", "range")
}

// plain reports whether a text holds only what can be seen.
func plain(text string, lines bool) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsPrint(r) && !(lines && r == '\n')
	})
}

func notOfPhones(r rune) bool {
	return !unicode.IsDigit(r) && !strings.ContainsRune("+-()/., ;x*#", r)
}

// isCountry reports whether a code is that of a country some region lies in: a service
// may be there for all of it.
func isCountry(codes Codes, code string) bool {
	return slices.ContainsFunc(codes.Codes(pack.Regions), func(r string) bool { return codes.Parent(pack.Regions, r) == code })
}

// countries returns where regions lie, as far as a secret service says it.
func countries(codes Codes, regions []string) []string {
	var out []string
	for _, r := range regions {
		if c := cmp.Or(codes.Parent(pack.Regions, r), r); !slices.Contains(out, c) && !codes.Valid(pack.Regions, c) {
			out = append(out, c)
		}
	}
	return out
}
