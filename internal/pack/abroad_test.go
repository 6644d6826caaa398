package pack_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"causeway/internal/pack"
)

func TestAbroad(t *testing.T) {
	p := demo(t)
	if got := len(p.AbroadCodes()); got != 14 {
		t.Errorf("%d purposes, want 14", got)
	}
	for _, code := range p.AbroadCodes() {
		a, ok := p.Abroad(code)
		if !ok || a.Code != code {
			t.Errorf("%s is not there", code)
		}
		for _, lang := range p.Languages() {
			if label := p.AbroadLabel(code, lang); label == "" || label == code {
				t.Errorf("%s has no words in %s", code, lang)
			}
		}
	}
	if a, _ := p.Abroad("missing"); a.Second != pack.SecondAfter || a.Confirm != 2*time.Hour {
		t.Errorf("one duty officer tells of a missing child, a second confirms within two hours: %+v", a)
	}
	if a, _ := p.Abroad("match"); a.Kind != pack.AbroadReserved {
		t.Errorf("a match query is reserved: %+v", a)
	}
	if !p.Contracting("XA") || p.Contracting("XC") || p.Contracting("nowhere") {
		t.Error("the demo's XA is bound by the treaty, XC is not")
	}
}

// TestAbroadOfACountry: nothing becomes permissive because a cell is wrong.
func TestAbroadOfACountry(t *testing.T) {
	const head = "code,en,fr,ar,kind,parts,answer,hours,protect,consult,second,confirm,basis,source,confidence\n"
	for name, tt := range map[string]struct{ row, want string }{
		"no second person":  {"transfer,A,B,C,transfer,age,status,1,always,yes,first,,law,ours,house choice", "always looked at by a second person"},
		"no protection":     {"referral,A,B,C,referral,age,status,1,never,,first,,law,ours,house choice", "protection check"},
		"no least":          {"referral,A,B,C,referral,,status,1,origin,,first,,law,ours,house choice", "the least that is sent"},
		"care notes":        {"referral,A,B,C,referral,care_notes,status,1,origin,,first,,law,ours,house choice", "never leaves"},
		"confirmed one day": {"danger,A,B,C,referral,age,receipt,1,origin,,after,,law,ours,house choice", "within how many hours"},
		"no kind":           {"danger,A,B,C,post,age,receipt,1,origin,,after,2,law,ours,house choice", "reserved"},
		"no words":          {"danger,A,,C,referral,age,receipt,1,origin,,after,2,law,ours,house choice", "a label is missing"},
		"no norm":           {"danger,A,B,C,referral,age,receipt,1,origin,,after,2,,ours,house choice", "which norm it rests on"},
	} {
		_, err := pack.Default(fstest.MapFS{
			"pack.csv":   {Data: []byte("key,value\nname,x\nversion,1\nlanguages,en fr ar\n")},
			"abroad.csv": {Data: []byte(head + tt.row + "\n")},
		})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
