package pack_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"causeway/internal/pack"
)

// manifest is a folder laid over the default pack.
func overForms(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{"pack.csv": {Data: []byte("key,value\nname,over\nversion,1\nlanguages,en fr ar\n")}}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestForms(t *testing.T) {
	below, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	if len(below.Forms()) == 0 || below.Form(below.Forms()[0]) == nil {
		t.Fatal("the default pack has no form")
	}
	over, err := pack.Default(overForms(map[string]string{"forms/visit.json": `{"mine": true}`, "forms/own.json": `{}`}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(over.Form("visit")), `{"mine": true}`; got != want {
		t.Errorf("a form laid over another reads %.40q, want %q", got, want)
	}
	if over.Form("own") == nil || over.Form("none") != nil {
		t.Error("the form of the upper folder is there, one that nobody wrote is not")
	}
	if below.Digest() == over.Digest() {
		t.Error("forms are no part of the digest")
	}
}

func TestFormsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, text string }{
		"no JSON":  {"forms/own.json", `{"a": }`},
		"not text": {"forms/own.json", "{\"a\": \"\xff\"}"},
		"name":     {"forms/my own.json", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pack.Default(overForms(map[string]string{c.file: c.text}))
			if err == nil || !strings.Contains(err.Error(), c.file) {
				t.Errorf("error = %v, want one about %s", err, c.file)
			}
		})
	}
}
