package directory

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// Columns are the columns of a file of services, in the order they are written. Several
// codes in a cell are separated by semicolons.
func Columns() []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return out
}

// column is one column of a file: its HXL tag, the field of the form it stands for, and
// how a service is written into it and read from it.
type column struct {
	name, tag, field string
	write            func(s *Service, by string) string
	read             func(r *reading, s *Service, cell string)
}

var columns = []column{
	text("code", "#service+code", "service_code", func(s *Service) *string { return &s.Code }),
	text("name", "#service+name", "service_name", func(s *Service) *string { return &s.Name }),
	{
		"unit", "#org+unit", "service_unit",
		func(s *Service, by string) string {
			if s.Unit.IsZero() {
				return ""
			}
			return by
		},
		func(r *reading, s *Service, cell string) { s.Unit = r.unit(cell) },
	},
	text("provider", "#org+name", "service_provider", func(s *Service) *string { return &s.Provider }),
	text("state", "#status", "service_state", func(s *Service) *string { return &s.State }),
	codes("services", "#service+type+list", "service_kinds", pack.Services, func(s *Service) *[]string { return &s.Kinds }),
	number0("age_from", "#population+age+from", "age_from", func(s *Service) *int { return &s.AgeFrom }),
	number0("age_to", "#population+age+to", "age_to", func(s *Service) *int { return &s.AgeTo }),
	text("sex", "#population+sex", "takes_sex", func(s *Service) *string { return &s.Sex }),
	codes("legal_status", "#population+status+list", "takes_status", pack.ServiceStatuses, func(s *Service) *[]string { return &s.Statuses }),
	codes("access", "#access+disability+list", "service_access", pack.ServiceAccess, func(s *Service) *[]string { return &s.Access }),
	codes("languages", "#service+languages+list", "service_languages", pack.Languages, func(s *Service) *[]string { return &s.Languages }),
	codes("regions", "#adm1+list", "service_regions", pack.Regions, func(s *Service) *[]string { return &s.Regions }),
	yes("secret", "#loc+secret", "service_secret", func(s *Service) *bool { return &s.Secret }),
	text("address", "#loc+address", "service_address", func(s *Service) *string { return &s.Address }),
	degree("lat", "#geo+lat", "service_lat", func(p *Place) *float64 { return &p.Lat }),
	degree("lon", "#geo+lon", "service_lon", func(p *Place) *float64 { return &p.Lon }),
	text("phone", "#contact+phone", "service_phone", func(s *Service) *string { return &s.Phone }),
	text("email", "#contact+email", "service_email", func(s *Service) *string { return &s.Email }),
	day(0), day(1), day(2), day(3), day(4), day(5), day(6),
	text("hours_note", "#service+hours+note", "hours_text", func(s *Service) *string { return &s.HoursText }),
	text("cost", "#service+cost", "service_cost", func(s *Service) *string { return &s.Cost }),
	text("cost_note", "#service+cost+note", "cost_text", func(s *Service) *string { return &s.CostText }),
	text("about", "#description", "service_about", func(s *Service) *string { return &s.About }),
	number0("places_total", "#capacity+total", "places_total", func(s *Service) *int { return &s.Places.Total }),
	number0("places_free", "#capacity+free", "places_free", func(s *Service) *int { return &s.Places.Free }),
	number0("wait_days", "#capacity+wait+days", "wait_days", func(s *Service) *int { return &s.Places.Wait }),
	{
		"places_at", "#date+capacity", "", // when places were confirmed: written, not read
		func(s *Service, _ string) string {
			if s.Places.At.IsZero() {
				return ""
			}
			return s.Places.At.UTC().Format("2006-01-02T15:04:05Z")
		},
		func(*reading, *Service, string) {},
	},
}

func text(name, tag, field string, of func(*Service) *string) column {
	return column{
		name, tag, field,
		func(s *Service, _ string) string { return *of(s) },
		func(_ *reading, s *Service, cell string) { *of(s) = cell },
	}
}

func codes(name, tag, field, list string, of func(*Service) *[]string) column {
	return column{
		name, tag, field,
		func(s *Service, _ string) string { return strings.Join(*of(s), "; ") },
		func(r *reading, s *Service, cell string) { *of(s) = r.codes(list, cell) },
	}
}

// number0 is a number that is empty where it is not known.
func number0(name, tag, field string, of func(*Service) *int) column {
	return column{
		name, tag, field,
		func(s *Service, _ string) string {
			if *of(s) == Unknown {
				return ""
			}
			return strconv.Itoa(*of(s))
		},
		func(r *reading, s *Service, cell string) {
			if cell == "" {
				return // as a new service has it
			}
			n, err := strconv.Atoi(cell)
			if err != nil || n < 0 {
				r.reject("number")
				return
			}
			*of(s) = n
		},
	}
}

func yes(name, tag, field string, of func(*Service) *bool) column {
	return column{
		name, tag, field,
		func(s *Service, _ string) string {
			if *of(s) {
				return "yes"
			}
			return "no"
		},
		func(r *reading, s *Service, cell string) {
			switch strings.ToLower(cell) {
			case "yes", "1", "true", "oui", "نعم":
				*of(s) = true
			case "", "no", "0", "false", "non", "لا":
				*of(s) = false
			default:
				r.reject("yes-or-no") // what may be secret is not guessed
			}
		},
	}
}

func degree(name, tag, field string, of func(*Place) *float64) column {
	return column{
		name, tag, field,
		func(s *Service, _ string) string {
			if s.Place == nil {
				return ""
			}
			return strconv.FormatFloat(*of(s.Place), 'f', -1, 64)
		},
		func(r *reading, s *Service, cell string) {
			if cell == "" {
				return
			}
			n, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				r.reject("number")
				return
			}
			if s.Place == nil {
				s.Place = &Place{Lat: 999, Lon: 999} // half a place is none: the check refuses it
			}
			*of(s.Place) = n
		},
	}
}

func day(i int) column {
	return column{
		"hours_" + Weekdays[i], "#service+hours+" + Weekdays[i], "hours_" + Weekdays[i],
		func(s *Service, _ string) string { return FormatSpans(s.Hours[i]) },
		func(r *reading, s *Service, cell string) {
			var err error
			if s.Hours[i], err = ParseSpans(cell); err != nil {
				r.reject("hours")
			}
		},
	}
}

// Cells writes a service as a row of [Columns]; by is who gives it.
func (s *Service) Cells(by string) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.write(s, by)
	}
	return out
}

// Tags are the HXL tags of [Columns], for the row below the heading.
func Tags() []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.tag
	}
	return out
}

// exportPage is how many services are read at a time.
const exportPage = 500

// Export hands over every service but the secret ones, in the order of their codes, with
// the name of who gives it. It is entered each time.
func (r *Room) Export(ctx context.Context, c *access.Caller, begin func(entry ident.Entry) error, each func(s *Service, by string) error) error {
	return r.gate.View(ctx, c, access.Act{Action: "directory.export", Purpose: Purpose}, func(p *access.Pass) error {
		names, err := r.staffing.UnitNames(ctx)
		if err != nil {
			return err
		}
		if err := begin(p.Entry()); err != nil {
			return err
		}
		for after := ""; ; {
			rows, err := readAll(ctx, p, sqlSelectPage, after, exportPage)
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, row := range rows {
				after = row.code
				if row.secret {
					continue
				}
				s, err := r.service(p, row, false)
				if err != nil {
					return err
				}
				if err := each(s, cmp.Or(names[s.Unit], s.Provider)); err != nil {
					return err
				}
			}
		}
	})
}

// Problem is what is wrong with a row of a file; Row counts as a spreadsheet does.
type Problem struct {
	Row    int
	Column string
	Code   string
}

// Outcome says what a file brought, or would bring.
type Outcome struct {
	Rows, New, Changed, Same int
	Problems                 []Problem
	Done                     bool // it was taken in
}

// batch is how many rows one commit takes in.
const batch = 200

// Import takes services in from a file, or with dry only tries. A row whose code is
// known changes that service, one that says the same changes nothing: a file that was
// taken in up to some batch can simply be brought again. When any row is wrong, nothing
// is taken in. Each batch of rows is one commit.
func (r *Room) Import(ctx context.Context, c *access.Caller, cmd ident.Command, file *File, dry bool) (*Outcome, error) {
	out, err := r.try(ctx, c, file)
	if err != nil || dry || len(out.Problems) > 0 {
		return out, err
	}
	*out = Outcome{Rows: out.Rows}
	for some := range slices.Chunk(file.rows, batch) {
		var done Outcome
		_, err := r.gate.Do(ctx, c, access.Act{Action: "directory.import", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
			done = Outcome{}
			return "", r.each(ctx, p, file, some, &done, true)
		})
		if err != nil {
			return out, err
		}
		out.New, out.Changed, out.Same = out.New+done.New, out.Changed+done.Changed, out.Same+done.Same
		cmd = ident.Command{} // the file's first batch answers for the form
	}
	out.Done = true
	return out, nil
}

// try reads a file without changing anything.
func (r *Room) try(ctx context.Context, c *access.Caller, file *File) (*Outcome, error) {
	out := &Outcome{Rows: len(file.rows), Problems: file.problems}
	err := r.gate.View(ctx, c, access.Act{Action: "directory.import", Purpose: Purpose}, func(p *access.Pass) error {
		return r.each(ctx, p, file, file.rows, out, false)
	})
	slices.SortStableFunc(out.Problems, func(a, b Problem) int { return a.Row - b.Row })
	return out, err
}

// each looks at some rows of a file, and with keep writes them.
func (r *Room) each(ctx context.Context, p *access.Pass, file *File, rows []fileRow, out *Outcome, keep bool) error {
	names, err := r.staffing.UnitNames(ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		in, problems := file.service(r, names, &rows[i])
		if len(problems) > 0 {
			out.Problems = append(out.Problems, problems...)
			continue
		}
		row, fresh, changed, err := r.bring(ctx, p, in)
		if fields := fault.FieldsOf(err); len(fields) > 0 {
			out.Problems = append(out.Problems, Problem{rows[i].number, columnOf(fields[0].Name), fields[0].Code})
			continue
		}
		if fault.Is(err, fault.NotFound) {
			out.Problems = append(out.Problems, Problem{rows[i].number, "code", "service-not-yours"})
			continue
		}
		if err != nil {
			return err
		}
		switch {
		case fresh:
			out.New++
		case changed:
			out.Changed++
		default:
			out.Same++
			continue
		}
		if keep {
			if err := r.keep(ctx, p, row); err != nil {
				return err
			}
		}
	}
	if keep && len(out.Problems) > 0 {
		return fault.New(fault.Conflict, "changed-meanwhile") // between the try and this batch
	}
	return nil
}

// bring finds the row that a service of a file belongs to, and fills it.
func (r *Room) bring(ctx context.Context, p *access.Pass, in *Service) (row *stored, fresh, changed bool, err error) {
	row, err = read(ctx, p, sqlSelectByCode, in.Code)
	if in.Code == "" || fault.Is(err, fault.NotFound) {
		row, fresh = &stored{id: ident.New[ident.Service]()}, true
		r.begin(p, row, in)
	} else if err != nil {
		return nil, false, false, err
	}
	if changed, err = r.prepare(ctx, p, row, *in); err != nil {
		return nil, false, false, err
	}
	said := func(n int, was int64) bool { return n != Unknown && int64(n) != was }
	if !fresh && (said(in.Places.Free, row.free) || said(in.Places.Total, row.total) || said(in.Places.Wait, row.wait)) {
		keep := func(n int, was int64) int {
			if n == Unknown {
				return int(was)
			}
			return n
		}
		now := Places{Total: keep(in.Places.Total, row.total), Free: keep(in.Places.Free, row.free), Wait: keep(in.Places.Wait, row.wait)}
		var check fault.Check
		now.check(&check)
		if err := check.Err(); err != nil {
			return nil, false, false, err
		}
		row.setPlaces(p, now)
		changed = true
	}
	return row, fresh, changed, nil
}

// columnOf returns the column that holds a field.
func columnOf(field string) string {
	for _, c := range columns {
		if c.field == field {
			return c.name
		}
	}
	return field
}
