package directory_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/directory"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

const someServices = "\ufeffcode;name;unit;provider;services;age_from;age_to;languages;regions;secret;address;lat;lon;phone;hours_mo;places_total;places_free\n" +
	"#service+code;#service+name;#org+unit;#org+name;#service+type+list;;;;;;;;;;;;\n" +
	"H-1;House of the Heron;North house;;SAF-SHEL; 8;17;English|ar;Saltmere;yes;3 Reed Lane;11.81;-31.3;'+999 55 0101;24h;12;3\n" +
	";;;;;;;;;;;;;;;;\n" +
	"C-1;Clinic;;Three Wells;emergency_medical; HLT-GENE;;;;XA;no;;;;;;;\n"

// columns with semicolons inside cells need another separator.
var commas = strings.NewReplacer(";", ",", "emergency_medical; HLT-GENE", `"emergency_medical; HLT-GENE"`).Replace(someServices)

func (o *office) brings(t *testing.T, c *access.Caller, text string, dry bool) *directory.Outcome {
	t.Helper()
	f, err := directory.ReadCSV(strings.NewReader(text))
	ok(t, err)
	out, err := o.room.Import(ctx, c, command(), f, dry)
	ok(t, err)
	return out
}

func TestAFileOfServicesIsTakenIn(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.Head)
		want := directory.Outcome{Rows: 2, New: 2}
		if diff := cmp.Diff(*o.brings(t, boss, commas, true), want); diff != "" {
			t.Fatalf("tried (-got +want):\n%s", diff)
		}
		if got := o.names(t, directory.Query{}); len(got) != 0 {
			t.Fatalf("the try left %v", got)
		}
		want.Done = true
		if diff := cmp.Diff(*o.brings(t, boss, commas, false), want); diff != "" {
			t.Errorf("taken in (-got +want):\n%s", diff)
		}
		f, err := o.room.Search(ctx, boss, directory.Query{Kind: "emergency_shelter"})
		ok(t, err)
		heron := f.Rows[0].Service
		if heron.Unit != o.North || !heron.Secret || heron.Address != "3 Reed Lane" || heron.Phone != "+999 55 0101" ||
			fmt.Sprint(heron.Languages, heron.Regions, heron.AgeFrom, heron.Places.Free) != "[en ar] [XA-05] 8 3" || !heron.Hours.At(accesstest.Start) {
			t.Errorf("the heron is %+v", heron)
		}
		// Again: nothing is new. Then one row says something else.
		if got := o.brings(t, boss, commas, false); got.Same != 2 || got.New+got.Changed != 0 {
			t.Errorf("brought again: %+v", got)
		}
		if got := o.brings(t, boss, strings.Replace(commas, ",12,3\n", ",12,2\n", 1), false); got.Same != 1 || got.Changed != 1 {
			t.Errorf("with another number: %+v", got)
		}
		if v := o.get(t, boss, heron.ID); v.Places.Free != 2 || v.Edition != heron.Edition {
			t.Errorf("the heron has now %+v", v.Places)
		}
	})
}

func TestWrongRowsStopAFile(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		north := o.Person(access.RoleSupervisor, o.North)
		outside := shelter(ident.Unit{})
		outside.Code, outside.Provider = "S-1", "Three Wells"
		theirs := shelter(o.South)
		theirs.Code = "S-2"
		o.adds(t, o.Person(access.RoleSupervisor, o.South), theirs)
		text := "code,name,unit,provider,services,secret,places_total,places_free,beds\n" +
			"A,,,Wells,food,no,,,\n" +
			"B,Soup,,Wells,foood,no,,,\n" +
			"C,Soup,,Wells,food,perhaps,,,\n" +
			"D,Soup,,Wells,food,no,2,x,\n" +
			"D,Soup,,Wells,food,no,2,3,\n" +
			"E,Soup,Nowhere,,food,no,,,\n" +
			"F,Soup,South house,,food,no,,,\n" +
			"S-2,Mine now,,Wells,food,no,,,\n" +
			"G,Soup,,Wells,food,no,,,\n"
		got := o.brings(t, north, text, false)
		want := []directory.Problem{
			{1, "beds", "no-such-column"},
			{2, "name", "required"},
			{3, "services", "not-in-list"},
			{4, "secret", "yes-or-no"},
			{5, "places_free", "number"},
			{6, "code", "twice"},
			{6, "places_free", "more-than-there-are"},
			{7, "unit", "not-in-list"},
			{8, "unit", "not-in-list"},
			{9, "code", "service-not-yours"},
		}
		problems := got.Problems[:0:0]
		for _, p := range got.Problems {
			if !(p.Row == 3 && p.Code == "required") && !(p.Row == 7 && p.Column == "provider") { // what follows from the first fault
				problems = append(problems, p)
			}
		}
		byColumn := func(a, b directory.Problem) bool { return a.Row < b.Row || a.Row == b.Row && a.Column < b.Column }
		if diff := cmp.Diff(problems, want, cmp.Transformer("sorted", func(in []directory.Problem) map[string]bool {
			out := map[string]bool{}
			for _, p := range in {
				out[fmt.Sprint(p)] = true
			}
			return out
		})); diff != "" || !byColumn(problems[0], problems[1]) {
			t.Errorf("problems (-got +want):\n%s", diff)
		}
		if names := o.names(t, directory.Query{Kind: "food"}); len(names) != 0 || got.Done {
			t.Errorf("a wrong file left %v", names)
		}
		for _, bad := range []string{"", "a,b\n", "name\n\"x", "name\n\xff\n", "name\nx\x00\n"} {
			if _, err := directory.ReadCSV(strings.NewReader(bad)); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q is read: %v", bad, err)
			}
		}
		f, err := directory.ReadCSV(strings.NewReader("name,provider,services\nSoup,Wells,food\n"))
		ok(t, err)
		for _, role := range []string{access.RoleCaseWorker, access.RoleProvider, access.RoleNodeOperator, access.RoleFocalPoint} {
			_, err := o.room.Import(ctx, o.Person(role, o.North), command(), f, true)
			is(t, "an import by "+role, err, fault.NotFound)
		}
	})
}

// exported is the directory as a file of services, and as HSDS.
func (o *office) exported(t *testing.T, c *access.Caller) (table [][]string, list []map[string]any) {
	t.Helper()
	var b bytes.Buffer
	h := o.room.NewHSDS(&b, time.FixedZone("", 3600))
	table = [][]string{directory.Columns(), directory.Tags()}
	ok(t, o.room.Export(ctx, c, func(e ident.Entry) error {
		if e.IsZero() {
			t.Error("the export begins without an entry")
		}
		return nil
	}, func(s *directory.Service, by string) error {
		table = append(table, s.Cells(by))
		return h.Service(s, by)
	}))
	ok(t, h.Close())
	ok(t, json.Unmarshal(b.Bytes(), &list))
	return table, list
}

func TestTheDirectoryIsTakenOutWithoutWhatIsSecret(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.Head)
		secret := shelter(o.North)
		secret.Secret, secret.Name = true, "Nobody knows"
		o.adds(t, boss, secret)
		open := shelter(o.North)
		open.Code = "H-1"
		o.adds(t, boss, open)
		table, list := o.exported(t, boss)
		if len(table) != 3 || len(list) != 1 || strings.Contains(fmt.Sprint(table, list), "Nobody knows") {
			t.Fatalf("taken out: %d rows, %d services", len(table)-2, len(list))
		}
		// What was taken out can be brought again, and says the same.
		var b bytes.Buffer
		ok(t, csv.NewWriter(&b).WriteAll(table))
		if got := o.brings(t, boss, b.String(), false); got.Same != 1 || len(got.Problems) > 0 {
			t.Errorf("brought again: %+v", got)
		}
		for _, role := range []string{access.RoleCaseWorker, access.RoleProvider, access.RoleNodeOperator} {
			err := o.room.Export(ctx, o.Person(role, o.North), func(ident.Entry) error { return nil }, func(*directory.Service, string) error { return nil })
			is(t, "an export by "+role, err, fault.NotFound)
		}
		if err := o.room.NewHSDS(&b, time.UTC).Service(&secret, ""); err == nil {
			t.Error("a secret service is written into a file")
		}
		entries := o.Entries(t)
		if last := entries[len(entries)-1]; last.What == "" {
			t.Errorf("the last entry is %+v", last)
		}
	})
}

// The shape of HSDS 3.0 as far as it is written here: what an object must have, and what
// it may have besides.
var hsdsShape = map[string]struct{ must, may []string }{
	"service": {[]string{"id", "name", "status"}, []string{
		"organization", "description", "email", "fees_description", "eligibility_description", "minimum_age", "maximum_age",
		"assured_date", "last_modified", "phones", "schedules", "service_areas", "service_at_locations", "languages", "attributes",
	}},
	"organization":         {[]string{"id", "name", "description"}, nil},
	"phones":               {[]string{"id", "number"}, []string{"type"}},
	"schedules":            {[]string{"id"}, []string{"freq", "interval", "byday", "opens_at", "closes_at", "description"}},
	"service_areas":        {[]string{"id"}, []string{"name"}},
	"service_at_locations": {[]string{"id"}, []string{"location"}},
	"location":             {[]string{"id", "location_type"}, []string{"name", "latitude", "longitude", "addresses", "accessibility"}},
	"addresses":            {[]string{"id", "address_1", "city", "state_province", "postal_code", "country", "address_type"}, nil},
	"accessibility":        {[]string{"id"}, []string{"description"}},
	"languages":            {[]string{"id"}, []string{"name", "code"}},
	"attributes":           {[]string{"id"}, []string{"link_entity", "taxonomy_term"}},
	"taxonomy_term":        {[]string{"id", "name"}, []string{"code", "taxonomy"}},
}

var (
	uuidShape = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	timeShape = regexp.MustCompile(`^\d\d:\d\d(Z|[+-]\d\d:\d\d)$`)
	hsdsEnums = map[string]string{
		"status": "active inactive defunct temporarily_closed", "location_type": "physical postal virtual",
		"address_type": "physical postal virtual", "freq": "WEEKLY MONTHLY", "byday": "MO TU WE TH FR SA SU", "link_entity": "service",
	}
)

// shaped checks one object, and those in it.
func shaped(t *testing.T, what string, object map[string]any, ids map[string]bool) {
	t.Helper()
	shape, known := hsdsShape[what]
	if !known {
		t.Errorf("%s is not of HSDS", what)
	}
	for _, name := range shape.must {
		if _, there := object[name]; !there {
			t.Errorf("%s lacks %s", what, name)
		}
	}
	for name, value := range object {
		if !strings.Contains(" "+strings.Join(append(shape.must, shape.may...), " ")+" ", " "+name+" ") {
			t.Errorf("%s has %s", what, name)
		}
		if allowed, closed := hsdsEnums[name]; closed && !strings.Contains(" "+allowed+" ", " "+strings.ReplaceAll(fmt.Sprint(value), " ", "_")+" ") {
			t.Errorf("%s of %s is %v", name, what, value)
		}
		switch v := value.(type) {
		case map[string]any:
			shaped(t, name, v, ids)
		case []any:
			for _, one := range v {
				shaped(t, name, one.(map[string]any), ids)
			}
		case string:
			if name == "id" && !uuidShape.MatchString(v) {
				t.Errorf("id of %s is %q", what, v)
			}
			if strings.HasSuffix(name, "s_at") && !timeShape.MatchString(v) {
				t.Errorf("%s is %q", name, v)
			}
		}
	}
	if id := what + fmt.Sprint(object["id"]); what != "organization" && what != "taxonomy_term" {
		if ids[id] {
			t.Errorf("two %s have one id", what)
		}
		ids[id] = true
	}
}

func TestHSDSHasItsShape(t *testing.T) {
	o := open(accesstest.New(t))
	boss := o.Person(access.RoleSupervisor, o.Head)
	full, bare := shelter(o.North), outside("Soup", func(s *directory.Service) { s.State, s.HoursText = directory.Closed, "Ask." })
	full.Hours[0] = []directory.Span{{From: 540, To: 750}, {From: 840, To: 1440}}
	full.Code, bare.Code = "A", "B"
	o.adds(t, boss, full)
	o.adds(t, boss, bare)
	_, list := o.exported(t, boss)
	ids := map[string]bool{}
	for _, one := range list {
		shaped(t, "service", one, ids)
	}
	if a := list[0]; a["status"] != "active" || a["minimum_age"] != 8.0 || a["assured_date"] != "2026-03-02" || len(a["schedules"].([]any)) != 8 {
		t.Errorf("the first service is %v", a)
	}
	if first := list[0]["schedules"].([]any)[1].(map[string]any); first["opens_at"] != "14:00+01:00" || first["closes_at"] != "23:59+01:00" || first["byday"] != "MO" {
		t.Errorf("a schedule is %v", first)
	}
	if term := list[0]["attributes"].([]any)[0].(map[string]any)["taxonomy_term"].(map[string]any); term["code"] != "SAF-SHEL" {
		t.Errorf("a term is %v", term)
	}
	if list[1]["status"] != "defunct" || list[1]["organization"].(map[string]any)["name"] != "Three Wells" {
		t.Errorf("the second service is %v", list[1])
	}
	var empty bytes.Buffer
	ok(t, o.room.NewHSDS(&empty, time.UTC).Close())
	if empty.String() != "[]\n" {
		t.Errorf("an empty list is %q", empty.String())
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add(someServices)
	f.Add(commas)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := directory.ReadCSV(strings.NewReader(text)); err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("reading: %v", err)
		}
	})
}
