package labelled_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/linkage"
	"causeway/internal/linkage/labelled"
)

func TestRead(t *testing.T) {
	s, err := labelled.Read(strings.NewReader("\ufeffTruth, first_name,surname,dob,sex,city,unused\n" +
		"k1, Amina|Ameena ,al-Rimali,2011-03-14,F,Ain Tarfa,x\n" +
		"k1,Amina,,2010/2012,,,\n" +
		"k2,,,2011-03,m,,\n" +
		"k3,,,soon,,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := &labelled.Set{
		Truth: []string{"k1", "k1", "k2", "k3"},
		Records: []linkage.Record{
			{Given: []string{"Amina", "Ameena"}, Family: []string{"al-Rimali"}, Birth: linkage.Day(2011, 3, 14), Sex: linkage.Female, Places: []linkage.Place{{Town: "Ain Tarfa"}}},
			{Given: []string{"Amina"}, Birth: linkage.Years(2010, 2012), Places: []linkage.Place{{}}},
			{Birth: linkage.Birth{Earliest: 20110301, Latest: 20110331}, Sex: linkage.Male, Places: []linkage.Place{{}}},
			{Places: []linkage.Place{{}}},
		},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "no truth": "given,family\na,b\n", "lines of different length": "truth,given\nk1\n",
	} {
		if _, err := labelled.Read(strings.NewReader(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
}
