package directory

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"causeway/internal/pack"
)

// The Human Services Data Specification 3.0 (https://docs.openreferral.org): an Open
// Referral resource, CC BY-SA 4.0. The names of the fields are its own. It has no
// field for free places.

type hsdsService struct {
	ID           string           `json:"id"`
	Organization hsdsOrganization `json:"organization"`
	Name         string           `json:"name"`
	Description  string           `json:"description,omitempty"`
	Email        string           `json:"email,omitempty"`
	Status       string           `json:"status"`
	Fees         string           `json:"fees_description,omitempty"`
	Eligibility  string           `json:"eligibility_description,omitempty"`
	MinimumAge   int              `json:"minimum_age"`
	MaximumAge   int              `json:"maximum_age"`
	Assured      string           `json:"assured_date,omitempty"`
	Modified     string           `json:"last_modified,omitempty"`
	Phones       []hsdsPhone      `json:"phones,omitempty"`
	Schedules    []hsdsSchedule   `json:"schedules,omitempty"`
	Areas        []hsdsArea       `json:"service_areas,omitempty"`
	At           []hsdsAt         `json:"service_at_locations,omitempty"`
	Languages    []hsdsLanguage   `json:"languages,omitempty"`
	Attributes   []hsdsAttribute  `json:"attributes,omitempty"`
}

type hsdsOrganization struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

type hsdsPhone struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Type   string `json:"type"`
}

type hsdsSchedule struct {
	ID          string `json:"id"`
	Freq        string `json:"freq,omitempty"`
	Interval    int    `json:"interval,omitempty"`
	ByDay       string `json:"byday,omitempty"`
	Opens       string `json:"opens_at,omitempty"`
	Closes      string `json:"closes_at,omitempty"`
	Description string `json:"description,omitempty"`
}

type hsdsArea struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type hsdsAt struct {
	ID       string       `json:"id"`
	Location hsdsLocation `json:"location"`
}

type hsdsLocation struct {
	ID            string              `json:"id"`
	Type          string              `json:"location_type"`
	Name          string              `json:"name,omitempty"`
	Latitude      *float64            `json:"latitude,omitempty"`
	Longitude     *float64            `json:"longitude,omitempty"`
	Addresses     []hsdsAddress       `json:"addresses,omitempty"`
	Accessibility []hsdsAccessibility `json:"accessibility,omitempty"`
}

type hsdsAddress struct {
	ID       string `json:"id"`
	Address  string `json:"address_1"`
	City     string `json:"city"`
	Province string `json:"state_province"`
	Postal   string `json:"postal_code"`
	Country  string `json:"country"`
	Type     string `json:"address_type"`
}

type hsdsAccessibility struct {
	ID          string `json:"id"`
	Description string `json:"description"`
}

type hsdsLanguage struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Code string `json:"code"`
}

type hsdsAttribute struct {
	ID     string   `json:"id"`
	Entity string   `json:"link_entity"`
	Term   hsdsTerm `json:"taxonomy_term"`
}

type hsdsTerm struct {
	ID       string `json:"id"`
	Code     string `json:"code"`
	Name     string `json:"name"`
	Taxonomy string `json:"taxonomy"`
}

// HSDS writes services as a JSON list of HSDS 3.0, one by one. Labels are in English.
type HSDS struct {
	w     io.Writer
	codes Codes
	zone  *time.Location
	n     int
}

// NewHSDS begins the list. zone is where the hours of the services count.
func (r *Room) NewHSDS(w io.Writer, zone *time.Location) *HSDS {
	return &HSDS{w: w, codes: r.codes, zone: zone}
}

// Service writes one service; by is who gives it. A secret one is refused.
func (h *HSDS) Service(s *Service, by string) error {
	if s.Secret {
		return fmt.Errorf("write service: %w", errSecret)
	}
	b, err := json.Marshal(h.service(s, by))
	if err != nil {
		return fmt.Errorf("write service: %w", err)
	}
	between := ",\n"
	if h.n++; h.n == 1 {
		between = "[\n"
	}
	_, err = io.WriteString(h.w, between+string(b))
	return err
}

// Close ends the list.
func (h *HSDS) Close() error {
	end := "\n]\n"
	if h.n == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(h.w, end)
	return err
}

// errSecret says that a secret service was to be written into a file.
var errSecret = errors.New("the service is secret")

// uuid is a name-based identifier (RFC 9562, version 8), the same for the same thing
// in every file.
func uuid(parts ...string) string {
	b := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func (h *HSDS) service(s *Service, by string) *hsdsService {
	id := s.ID.String()
	made := func(what string, n int) string { return uuid("causeway", id, what, fmt.Sprint(n)) }
	out := &hsdsService{
		ID: uuid("causeway", id), Organization: hsdsOrganization{uuid("causeway organization", by), by, by}, Name: s.Name,
		Description: s.About, Email: s.Email, Status: map[string]string{Open: "active", Paused: "temporarily closed", Closed: "defunct"}[s.State],
		Fees: join(h.labels(pack.ServiceCosts, []string{s.Cost}), s.CostText), Eligibility: h.eligibility(s),
		MinimumAge: s.AgeFrom, MaximumAge: s.AgeTo, Modified: s.ChangedAt.UTC().Format(time.RFC3339),
	}
	if !s.Places.At.IsZero() {
		out.Assured = s.Places.At.In(h.zone).Format("2006-01-02")
	}
	if s.Phone != "" {
		out.Phones = []hsdsPhone{{made("phone", 0), s.Phone, "voice"}}
	}
	out.Schedules = h.schedules(s, made)
	for i, r := range s.Regions {
		out.Areas = append(out.Areas, hsdsArea{made("area", i), h.area(r)})
	}
	for i, l := range s.Languages {
		out.Languages = append(out.Languages, hsdsLanguage{made("language", i), h.codes.Label(pack.Languages, l, "en"), l})
	}
	for i, k := range s.Kinds {
		term := hsdsTerm{uuid("causeway service", k), k, h.codes.Label(pack.Services, k, "en"), "Causeway services"}
		if known := h.codes.Aliases(pack.Services, k); len(known) > 0 {
			term.Code = known[0]
		}
		out.Attributes = append(out.Attributes, hsdsAttribute{made("attribute", i), "service", term})
	}
	if s.Place != nil || s.Address != "" {
		out.At = []hsdsAt{{made("at", 0), h.location(s, made)}}
	}
	return out
}

func (h *HSDS) location(s *Service, made func(string, int) string) hsdsLocation {
	l := hsdsLocation{ID: made("location", 0), Type: "physical", Name: s.Name}
	if s.Place != nil {
		l.Latitude, l.Longitude = &s.Place.Lat, &s.Place.Lon
	}
	for i, a := range h.labels(pack.ServiceAccess, s.Access) {
		l.Accessibility = append(l.Accessibility, hsdsAccessibility{made("accessibility", i), a})
	}
	if s.Address == "" {
		return l
	}
	a := hsdsAddress{ID: made("address", 0), Address: s.Address, Type: "physical"}
	if len(s.Regions) > 0 {
		a.Province = h.area(s.Regions[0])
		if a.Country = h.codes.Parent(pack.Regions, s.Regions[0]); a.Country == "" {
			a.Country = s.Regions[0]
		}
	}
	l.Addresses = []hsdsAddress{a}
	return l
}

func (h *HSDS) schedules(s *Service, made func(string, int) string) []hsdsSchedule {
	var out []hsdsSchedule
	at := func(minute int) string {
		minute = min(minute, midnight-1)
		return time.Date(2026, 1, 5, minute/60, minute%60, 0, 0, h.zone).Format("15:04Z07:00")
	}
	for i, day := range s.Hours {
		for _, span := range day {
			out = append(out, hsdsSchedule{
				ID: made("schedule", len(out)), Freq: "WEEKLY", Interval: 1, ByDay: strings.ToUpper(Weekdays[i]),
				Opens: at(span.From), Closes: at(span.To), Description: s.HoursText,
			})
		}
	}
	if len(out) == 0 && s.HoursText != "" {
		out = []hsdsSchedule{{ID: made("schedule", 0), Description: s.HoursText}}
	}
	return out
}

// eligibility says in words whom a service takes.
func (h *HSDS) eligibility(s *Service) string {
	who := map[string]string{"": "Children and young people", "female": "Girls", "male": "Boys"}[s.Sex]
	text := fmt.Sprintf("%s from %d to %d years", who, s.AgeFrom, s.AgeTo)
	return join([]string{text}, strings.Join(h.labels(pack.ServiceStatuses, s.Statuses), ", "))
}

func (h *HSDS) labels(list string, codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = h.codes.Label(list, c, "en")
	}
	return out
}

func (h *HSDS) area(code string) string {
	if h.codes.Valid(pack.Regions, code) {
		return h.codes.Label(pack.Regions, code, "en")
	}
	return h.codes.Label(pack.Nationalities, code, "en")
}

func join(parts []string, more string) string {
	out := strings.Join(parts, ", ")
	if more != "" && out != "" {
		out += ": "
	}
	return out + more
}
