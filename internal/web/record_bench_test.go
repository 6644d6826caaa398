package web_test

import (
	"net/http"
	"net/url"
	"testing"
)

// BenchmarkFormPage asks for the page of the longest form.
func BenchmarkFormPage(b *testing.B) {
	r, worker, at := benchForm(b)
	req, err := http.NewRequest(http.MethodGet, r.srv.URL+at, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if a := worker.do(req); a.status != http.StatusOK {
			b.Fatalf("got %d", a.status)
		}
	}
}

// BenchmarkFormLook asks what of the longest form is shown.
func BenchmarkFormLook(b *testing.B) {
	_, worker, at := benchForm(b)
	b.ReportAllocs()
	for b.Loop() {
		if a := worker.post(at+"/look", url.Values{"a.went_to_school": {"yes"}}); a.status != http.StatusOK {
			b.Fatalf("got %d", a.status)
		}
	}
}

func benchForm(b *testing.B) (*rig, *person, string) {
	b.Helper()
	r := newRig(b)
	worker := r.as(b, "case_worker")
	return r, worker, newChild(b, worker, "Hale Morrow") + "/form/full_assessment"
}
