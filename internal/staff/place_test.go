package staff_test

import (
	"strings"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/staff"
	"causeway/internal/store"

	"github.com/google/go-cmp/cmp"
)

const taggedPlaces = "\ufeffProvince;P-Code;District;D-Code;Quartier\n" +
	"#adm1 +name+fr;#adm1+code;#adm2+name+fr;#adm2+code;#adm2+name+ar\n" +
	"Côte;XA01;Port;XA0101;الميناء\nCôte;XA01;Dunes;XA0102;\nHauts;XA02;;;\n"

const listedPlaces = "code,name,parent\nXA01,Coast,\nXA0103,Salt flats,XA01\n"

func (w *world) bring(file string, try bool) (staff.PlaceReport, error) {
	rows, err := staff.ReadPlaces([]byte(file))
	if err != nil {
		return staff.PlaceReport{}, err
	}
	var report staff.PlaceReport
	err = w.try(func(tx *store.Tx) (err error) {
		report, err = w.office.BringPlaces(w.ctx, tx, staff.Shell(), rows, try)
		return err
	})
	return report, err
}

func (w *world) places() (all []staff.Place) {
	w.t.Helper()
	if err := w.db.Read(w.ctx, func(tx *store.Tx) (err error) {
		all, err = w.office.Places(w.ctx, tx)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return all
}

// TestPlaces: a file with HXL hashtags and a plain list bring in the same hierarchy; a
// dry run changes nothing, and a second file only what it says otherwise.
func TestPlaces(t *testing.T) {
	each(t, func(w *world) {
		for _, try := range []bool{true, false} {
			got, err := w.bring(taggedPlaces, try)
			if err != nil || got.New != 4 || got.Changed+got.Same+len(got.Faults) != 0 {
				w.t.Fatalf("try %v: %+v, %v", try, got, err)
			}
			if n := len(w.places()); (n == 0) != try {
				w.t.Fatalf("try %v: %d places", try, n)
			}
		}
		got, err := w.bring(listedPlaces, false)
		if err != nil || got.New != 1 || got.Changed != 1 || got.Same != 0 {
			w.t.Errorf("second file: %+v, %v", got, err)
		}
		want := []staff.Place{
			{Code: "XA01", Level: 1, Name: "Coast"},
			{Code: "XA02", Level: 1, Name: "Hauts"},
			{Code: "XA0102", Parent: "XA01", Level: 2, Name: "Dunes"},
			{Code: "XA0101", Parent: "XA01", Level: 2, Name: "Port"},
			{Code: "XA0103", Parent: "XA01", Level: 2, Name: "Salt flats"},
		}
		if diff := cmp.Diff(w.places(), want); diff != "" {
			w.t.Errorf("places (-got +want):\n%s", diff)
		}
		if got, err = w.bring(listedPlaces, false); err != nil || got.Same != 2 || got.New+got.Changed != 0 {
			w.t.Errorf("the same again: %+v, %v", got, err)
		}
		if e := w.log.find(journal.Import, "staff.places", "ok"); len(e) != 2 || e[0].Count != 4 {
			w.t.Errorf("entries = %+v", e)
		}
	})
}

func TestWrongPlaces(t *testing.T) {
	w := one(t)
	for name, test := range map[string]struct {
		file        string
		row         int
		field, code string
	}{
		"an odd code":          {"code,name\nX A,Coast\n", 2, "place_code", "place-code"},
		"no name":              {"code,name\nXA,\n", 2, "place_name", "required"},
		"a long name":          {"code,name\nXA," + strings.Repeat("é", 201) + "\n", 2, "place_name", "too-long"},
		"an unknown parent":    {"code,name,parent\nXA,Coast,XB\n", 2, "place_parent", "place-parent"},
		"two names":            {"code,name\nXA,Coast\nXA,Shore\n", 3, "place_code", "place-twice"},
		"a circle":             {"code,name,parent\nXA,Coast,XB\nXB,Shore,XA\n", 2, "place_parent", "place-circle"},
		"a code without place": {"#adm1+code,#adm1+name,#adm2+code,#adm2+name\nXA,Coast,,Port\n", 2, "place_code", "place-code"},
	} {
		got, err := w.bring(test.file, false)
		if err != nil || len(got.Faults) == 0 || got.Faults[0] != (staff.PlaceFault{Row: test.row, Field: test.field, Code: test.code}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, test := range map[string]struct{ file, code string }{
		"no columns": {"a,b\n1,2\n", "no-place-columns"}, "nothing": {"", "no-place-columns"},
		"titles only": {"code,name\n", "required"}, "other letters": {"code,name\nXA,C\xf4te\n", "not-utf8"},
		"an open quote": {"code,name\nXA,\"Coast\n", "not-a-table"},
	} {
		if _, err := w.bring(test.file, false); fault.FieldsOf(err) == nil || fault.FieldsOf(err)[0].Code != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	if n := len(w.places()); n != 0 {
		t.Errorf("%d places were brought in", n)
	}
	if got, _ := w.bring("code,name\n"+strings.Repeat("?,x\n", 150), true); len(got.Faults) != 100 || got.More != 50 {
		t.Errorf("%d faults and %d more", len(got.Faults), got.More)
	}
}

func FuzzReadPlaces(f *testing.F) {
	for _, file := range []string{taggedPlaces, listedPlaces, "code\tname\n\"", "#country,#adm0+code\nA,B"} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := staff.ReadPlaces(file)
		if err == nil && len(rows) == 0 {
			t.Error("neither places nor a fault")
		}
	})
}
