package directory

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

const serviceTable = "directory_service"

// stored is a service as its row has it.
type stored struct {
	id        ident.Service
	code      string
	version   int64
	edition   int64
	stamp     int64
	changedAt int64
	changedBy ident.Staff
	state     string
	unit      ident.Unit
	secret    bool
	kinds     string
	languages string
	regions   string
	statuses  string
	access    string
	ageFrom   int64
	ageTo     int64
	sex       string
	lat, lon  *int64
	total     int64
	free      int64
	wait      int64
	placesAt  int64
	placesBy  ident.Staff
	body      []byte
	hidden    []byte
	mac       []byte
}

// body is what nobody filters by, as JSON.
type body struct {
	Name      string `json:"name"`
	Provider  string `json:"provider,omitempty"`
	Hours     *Hours `json:"hours,omitempty"`
	HoursText string `json:"hours_text,omitempty"`
	Address   string `json:"address,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Email     string `json:"email,omitempty"`
	Cost      string `json:"cost,omitempty"`
	CostText  string `json:"cost_text,omitempty"`
	About     string `json:"about,omitempty"`
}

// hidden is what a secret service hides, sealed under the node's key.
type hidden struct {
	_       struct{} `cbor:",toarray"`
	Address string
	Regions []string
	Place   []int64 // north and east in millionths of a degree, or nothing
}

func scanStored(scan func(...any) error) (*stored, error) {
	var s stored
	err := scan(&s.id, &s.code, &s.version, &s.edition, &s.stamp, &s.changedAt, &s.changedBy, &s.state, &s.unit, &s.secret,
		&s.kinds, &s.languages, &s.regions, &s.statuses, &s.access, &s.ageFrom, &s.ageTo, &s.sex, &s.lat, &s.lon, &s.total, &s.free, &s.wait,
		&s.placesAt, &s.placesBy, &s.body, &s.hidden, &s.mac)
	return &s, err
}

// columns are the values of serviceColumns.
func (s *stored) columns() []any {
	var blob any
	if s.hidden != nil {
		blob = s.hidden
	}
	return []any{
		s.id, s.code, s.version, s.edition, s.stamp, s.changedAt, s.changedBy, s.state, s.unit, s.secret,
		s.kinds, s.languages, s.regions, s.statuses, s.access, s.ageFrom, s.ageTo, s.sex, number(s.lat), number(s.lon), s.total, s.free, s.wait,
		s.placesAt, s.placesBy, s.body, blob, s.mac,
	}
}

func number(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

// digest vouches for a row. What is hidden vouches for itself: it is sealed for its
// row and edition, and sealed anew from time to time.
func (r *Room) digest(s *stored) []byte {
	m := hmac.New(sha256.New, r.key[:])
	part := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		m.Write(n[:])
		m.Write(b)
	}
	for _, id := range [][]byte{s.id[:], s.changedBy[:], s.unit[:], s.placesBy[:]} {
		part(id)
	}
	for _, text := range []string{serviceTable, s.code, s.state, s.kinds, s.languages, s.regions, s.statuses, s.access, s.sex} {
		part([]byte(text))
	}
	part(s.body)
	for _, n := range []int64{
		s.version, s.edition, s.stamp, s.changedAt, s.ageFrom, s.ageTo, s.total, s.free, s.wait, s.placesAt,
	} {
		part(binary.BigEndian.AppendUint64(nil, uint64(n)))
	}
	part(fmt.Appendf(nil, "%t %v %v", s.secret, number(s.lat), number(s.lon)))
	return m.Sum(nil)[:16]
}

// errAltered says that a row was changed behind the program's back.
var errAltered = fault.New(fault.Internal, "record-altered")

// service reads a row whose digest is right. What is hidden is opened only for who
// knows it.
func (r *Room) service(p *access.Pass, s *stored, knows bool) (*Service, error) {
	if subtle.ConstantTimeCompare(s.mac, r.digest(s)) != 1 {
		return nil, errAltered
	}
	var b body
	if err := json.Unmarshal(s.body, &b); err != nil {
		return nil, fmt.Errorf("read service: %w", err)
	}
	out := &Service{
		ID: s.id, Code: s.code, State: s.state, Unit: s.unit, Provider: b.Provider, Name: b.Name, Kinds: split(s.kinds),
		AgeFrom: int(s.ageFrom), AgeTo: int(s.ageTo), Sex: s.sex, Statuses: split(s.statuses), Access: split(s.access),
		Languages: split(s.languages), HoursText: b.HoursText, Regions: split(s.regions), Address: b.Address,
		Phone: b.Phone, Email: b.Email, Cost: b.Cost, CostText: b.CostText, About: b.About, Secret: s.secret,
		Places:  Places{Total: int(s.total), Free: int(s.free), Wait: int(s.wait), By: s.placesBy},
		Edition: s.edition, ChangedAt: clock.FromMicros(s.changedAt), ChangedBy: s.changedBy,
	}
	if b.Hours != nil {
		out.Hours = *b.Hours
	}
	if s.placesAt != 0 {
		out.Places.At = clock.FromMicros(s.placesAt)
	}
	if s.lat != nil && s.lon != nil {
		out.Place = &Place{float64(*s.lat) / micro, float64(*s.lon) / micro}
	}
	if !s.secret || !knows {
		return out, nil
	}
	var h hidden
	if err := p.OpenNode(serviceTable, s.id[:], s.edition, s.hidden, &h); err != nil {
		return nil, err
	}
	out.Address, out.Regions = h.Address, h.Regions
	if len(h.Place) == 2 {
		out.Place = &Place{float64(h.Place[0]) / micro, float64(h.Place[1]) / micro}
	}
	return out, nil
}

// fill writes a service into its row, with the edition and time that stand there, and
// reports whether anything of it is other than before.
func (r *Room) fill(p *access.Pass, s *stored, in *Service) (changed bool, err error) {
	before := *s
	s.code, s.state, s.unit, s.secret = in.Code, in.State, in.Unit, in.Secret
	s.kinds, s.languages, s.access = strings.Join(in.Kinds, " "), strings.Join(in.Languages, " "), strings.Join(in.Access, " ")
	s.statuses = strings.Join(in.Statuses, " ")
	s.ageFrom, s.ageTo, s.sex = int64(in.AgeFrom), int64(in.AgeTo), in.Sex
	b := body{
		Name: in.Name, Provider: in.Provider, HoursText: in.HoursText, Address: in.Address,
		Phone: in.Phone, Email: in.Email, Cost: in.Cost, CostText: in.CostText, About: in.About,
	}
	if in.Hours.Known() {
		b.Hours = &in.Hours
	}
	h := hidden{Address: in.Address, Regions: in.Regions}
	s.regions, s.lat, s.lon = strings.Join(in.Regions, " "), nil, nil
	if in.Place != nil {
		h.Place = []int64{toMicro(in.Place.Lat), toMicro(in.Place.Lon)}
		s.lat, s.lon = &h.Place[0], &h.Place[1]
	}
	if in.Secret {
		b.Address, s.regions, s.lat, s.lon = "", strings.Join(countries(r.codes, in.Regions), " "), nil, nil
	}
	if s.body, err = json.Marshal(b); err != nil {
		return false, fmt.Errorf("write service: %w", err)
	}
	same := bytes.Equal(r.digest(&before), r.digest(s))
	if same && in.Secret {
		if same, err = sameHidden(p, s, &h); err != nil {
			return false, err
		}
	}
	if same {
		return false, nil
	}
	s.edition++
	s.hidden = nil
	if in.Secret {
		s.hidden, err = p.SealNode(serviceTable, s.id[:], s.edition, &h)
	}
	return true, err
}

func sameHidden(p *access.Pass, s *stored, h *hidden) (bool, error) {
	var was hidden
	if s.hidden == nil {
		return false, nil
	}
	err := p.OpenNode(serviceTable, s.id[:], s.edition, s.hidden, &was)
	return err == nil && fmt.Sprint(was) == fmt.Sprint(*h), err
}

// keep writes a row that was new or changed, and names it in the entry.
func (r *Room) keep(ctx context.Context, p *access.Pass, s *stored) error {
	if _, err := p.Tx().Exec(ctx, sqlBumpStamp); err != nil {
		return fmt.Errorf("mark directory: %w", err)
	}
	if err := p.Tx().QueryRow(ctx, sqlSelectStamp).Scan(&s.stamp); err != nil {
		return err
	}
	s.version++
	s.changedAt, s.changedBy = p.Now().UnixMicro(), p.Caller().Staff()
	s.mac = r.digest(s)
	if s.version == 1 {
		if err := p.Tx().Put(ctx, sqlInsertService, s.columns()...); err != nil {
			return fmt.Errorf("write service: %w", err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, sqlUpdateService, append(s.columns(), s.version-1)...)
		if err != nil {
			return fmt.Errorf("write service: %w", err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(serviceTable, s.id[:], s.version, s.mac)
	return nil
}

func split(codes string) []string { return strings.Fields(codes) }
