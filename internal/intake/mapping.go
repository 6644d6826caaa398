package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/intake/calendar"
	"causeway/internal/intake/sheet"
	"causeway/internal/pack"
)

// Column says what one column of the file is taken for.
type Column struct {
	Header string         `json:"header"`          // as the file writes it
	Field  Field          `json:"field"`           //
	Kind   string         `json:"kind,omitempty"`  // of an identifier (code list identifier_kind) or name (name_kind)
	Group  int            `json:"group,omitempty"` // columns of names with one number make one name
	Order  calendar.Order `json:"order,omitempty"` // of dates
}

// Mapping says how a file is to be read. A person confirms it on the page, or
// hands it to the command line as JSON; the same mapping serves the next file of
// the same kind.
type Mapping struct {
	Version   int                         `json:"version"` // of this form: 1
	Sheet     sheet.Options               `json:"sheet"`
	HeaderRow int64                       `json:"header_row"`        // number of the row with the headers, 0 when there is none
	Profile   string                      `json:"profile,omitempty"` // of files that describe whole cases: every cell is kept with the case
	Columns   []Column                    `json:"columns"`
	Defaults  map[Field]string            `json:"defaults,omitempty"` // code for rows that say none
	AgesOn    string                      `json:"ages_on,omitempty"`  // day on which ages were true, when a row has no opening date
	Values    map[Field]map[string]string `json:"values,omitempty"`   // what texts of this file mean: field, text, code
}

// mappingVersion is the version of the form written here.
const mappingVersion = 1

// mostMapping bounds a mapping file.
const mostMapping = 1 << 20

// ReadMapping reads a mapping from JSON. It is strict: a misspelled field would
// otherwise import something else than was meant.
func ReadMapping(r io.Reader) (Mapping, error) {
	b, err := io.ReadAll(io.LimitReader(r, mostMapping+1))
	if err != nil {
		return Mapping{}, err
	}
	if len(b) > mostMapping {
		return Mapping{}, fault.InvalidField("mapping", "file-too-big")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var m Mapping
	if err := d.Decode(&m); err != nil {
		return Mapping{}, fault.InvalidField("mapping", "not-a-mapping") // the cause may quote the file
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Mapping{}, fault.InvalidField("mapping", "not-a-mapping")
	}
	if m.Version != mappingVersion {
		return Mapping{}, fault.InvalidField("mapping", "mapping-version")
	}
	return m, nil
}

// Check returns every fault of a mapping. Field names are those of the form:
// column_0, column_0_order, default_risk and so on.
func (m *Mapping) Check(codes Codes) error {
	var c fault.Check
	seen := map[string]bool{}
	hasName, hasRisk, hasYear := false, false, false
	for i, col := range m.Columns {
		info, known := fields[col.Field]
		c.Require(known, formField(i, ""), "choose-one")
		c.Require(col.Group >= 0 && col.Group < 10, formField(i, "group"), "out-of-range")
		key := string(col.Field)
		if info.group {
			key += string(rune('0' + col.Group))
			hasName = true
		}
		c.Require(info.many || !seen[key], formField(i, ""), "column-twice")
		seen[key] = true
		switch {
		case col.Field == Answer:
			c.Require(questionOf(codes, col.Kind) != nil, formField(i, ""), "choose-one")
			c.Require(!seen["answer/"+col.Kind], formField(i, ""), "column-twice")
			seen["answer/"+col.Kind] = true
		case col.Field == Entries:
			_, _, sub := partOf(col.Kind)
			c.Require(sub != nil, formField(i, ""), "choose-one")
		case col.Field == IdentifierOf:
			c.Require(codes.Valid(pack.IdentifierKinds, col.Kind), formField(i, ""), "choose-one")
		case info.group || col.Field == Nickname:
			c.Require(col.Kind == "" || codes.Valid(pack.NameKinds, col.Kind), formField(i, ""), "not-in-list")
		}
		c.Require(!info.date || col.Order.Valid(), formField(i, "order"), "choose-one")
		hasName = hasName || col.Field == Nickname
		hasRisk = hasRisk || col.Field == Risk
		hasYear = hasYear || col.Field == BirthYear
	}
	c.Require(hasName, "columns", "no-name-column")
	c.Require(hasRisk || m.Defaults[Risk] != "", "default_risk", "required")
	c.Require(hasYear || !seen[string(BirthMonth)] && !seen[string(BirthDay)], "columns", "no-year-column")
	c.Require(m.HeaderRow >= 0, "header_row", "out-of-range")
	c.Require(m.Profile == "" || slices.Contains(Profiles(), m.Profile), "profile", "not-in-list")
	m.checkDefaults(&c, codes)
	return c.Err()
}

func (m *Mapping) checkDefaults(c *fault.Check, codes Codes) {
	c.Require(m.Defaults[Basis] != "", "default_basis", "required")
	for _, f := range slices.Sorted(maps.Keys(m.Defaults)) {
		list, allowed := defaults[f]
		code := m.Defaults[f]
		c.Require(allowed, "defaults", "not-in-list")
		if allowed && list != "" && code != "" {
			c.Require(codes.Valid(list, code), "default_"+string(f), "not-in-list")
		}
	}
	for _, f := range slices.Sorted(maps.Keys(m.Values)) {
		list := fields[f].list
		c.Require(list != "", "values", "not-in-list")
		for _, code := range m.Values[f] {
			c.Require(list == "" || code == "" || codes.Valid(list, code), "values", "not-in-list")
		}
	}
	if m.AgesOn != "" {
		on := calendar.Parse(m.AgesOn, calendar.YMD, calendar.Bounds{First: firstDay, Last: lastDay})
		c.Require(on.Exact(), "ages_on", "date")
	}
}

// formField names a field of one column on the page: column_0 for what the first
// one holds, column_0_order for the order of its dates.
func formField(i int, what string) string {
	if what == "" {
		return "column_" + strconv.Itoa(i)
	}
	return "column_" + strconv.Itoa(i) + "_" + what
}

// Choice is what a column holds as one value of a form: a field, and behind a
// stroke the kind of number, such as "identifier/passport".
func (c Column) Choice() string {
	if c.Kind == "" {
		return string(c.Field)
	}
	return string(c.Field) + "/" + c.Kind
}

// Choose takes a value that [Column.Choice] made. [Mapping.Check] judges it.
func (c *Column) Choose(choice string) {
	field, kind, _ := strings.Cut(choice, "/")
	c.Field, c.Kind = Field(field), kind
}

// taken is all that a mapping says of a column but its header, as one text.
func (c Column) taken() string { return fmt.Sprintf("%s;%d;%s", c.Choice(), c.Group, c.Order) }

// takeAs takes what [Column.taken] made.
func (c *Column) takeAs(text string) {
	choice, rest, _ := strings.Cut(text, ";")
	group, order, _ := strings.Cut(rest, ";")
	c.Choose(choice)
	c.Group, _ = strconv.Atoi(group) // one digit; what is no number is the first group
	c.Order = calendar.Order(order)
}

// arrange returns for every column of the file, in the file's order, what the
// mapping says of it. A file may have its columns in another order than the
// mapping, or more of them; a column that the mapping needs and the file lacks is
// a fault.
func (m *Mapping) arrange(headers []string) ([]Column, error) {
	if m.HeaderRow == 0 {
		return m.Columns, nil
	}
	rest := slices.Clone(m.Columns)
	out := make([]Column, len(headers))
	for i, h := range headers {
		h, _ = clean(h)
		found := slices.IndexFunc(rest, func(c Column) bool { return c.Header == h })
		if found < 0 {
			out[i] = Column{Header: h, Field: Keep}
			continue
		}
		out[i] = rest[found]
		rest = slices.Delete(rest, found, found+1)
	}
	for _, c := range rest {
		if c.Field != Keep && c.Field != Skip {
			return nil, fault.InvalidField("columns", "column-missing")
		}
	}
	return out, nil
}
