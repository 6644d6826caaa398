package payload_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/protocol/payload"
)

var update = flag.Bool("update", false, "write the golden files anew")

const salt = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// golden are payloads of every schema.
func golden() map[string]struct {
	schema string
	p      payload.Payload
} {
	n := 2.5
	words := func(s, lang string) *payload.Text { return &payload.Text{Text: s, Language: lang} }
	return map[string]struct {
		schema string
		p      payload.Payload
	}{
		"offer": {payload.SchemaOffer, payload.Payload{
			Card: &payload.Card{
				Purpose: "transfer", Service: "emergency_shelter", Urgency: "soon", Language: "ar", Sex: "female", AgeBand: "12-14",
				Basis: "public_task", Norm: "Children's Act, article 4", Safety: []string{"no_contact_family"}, Parts: []string{"identity", "health"},
				Answer: "status", Respond: 604800, Care: "foster",
			},
			Package: &payload.Package{
				Reason: words("She wants to live near her aunt.", "en"), View: &payload.View{Code: "agrees", Words: words("أريد الذهاب", "ar")},
				Parts: []payload.Part{
					{Code: "identity", Items: []payload.Item{{Field: "name", List: "name_kind", Code: "birth", Text: words("Ilara Tesh", "")}}},
					{Code: "health", Items: []payload.Item{{Field: "height", Form: "full_assessment", Edition: 2, Number: &n, Codes: []string{"a", "b"}}}},
				},
			},
		}},
		"words":   {payload.SchemaWords, payload.Payload{Words: &payload.Words{Text: words("Which languages does she read?", "en")}}},
		"status":  {payload.SchemaStatus, payload.Payload{Status: &payload.Status{Revision: 3, State: "completed", Accepted: true, Cause: "complete", Code: "met", Contact: "focal-point", Answer: &payload.Answer{Kind: "return_risk", Code: "not_safe", Text: words("The uncle was there again.", "en")}}}},
		"arrived": {payload.SchemaNote, payload.Payload{Journey: &payload.Journey{Step: payload.Arrived, At: 1796000000000000}}},
		"report":  {payload.SchemaNote, payload.Payload{Report: &payload.Report{Month: 3, Code: "well", Text: words("Elle va à l’école.", "fr")}}},
		"recall":  {payload.SchemaRecall, payload.Payload{Recall: &payload.Recall{Reason: "consent_withdrawn", Scope: "thread"}}},
		"outcome": {payload.SchemaOutcome, payload.Payload{Outcome: &payload.Outcome{Code: "partly", Text: words("The file of the court stays.", "en")}}},
	}
}

// TestGolden: every schema has one spelling, and what is read is what was written.
func TestGolden(t *testing.T) {
	for name, tt := range golden() {
		tt.p.Version, tt.p.Salt = payload.Version, salt
		got, err := payload.Encode(tt.schema, &tt.p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		file := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(bytes.TrimSpace(want)), string(got)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		back, err := payload.Decode(tt.schema, want)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(&tt.p, back); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// TestKept: a field and a code that the reader does not know are kept, and flagged.
func TestKept(t *testing.T) {
	const text = `{"v":1,"salt":"` + salt + `","card":{"purpose":"referral","urgency":"whenever","basis":"consent"},"weather":{"a":[1,2]}}`
	p, err := payload.Decode(payload.SchemaOffer, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := payload.Encode(payload.SchemaOffer, p)
	if err != nil || string(out) != text {
		t.Errorf("given back as %s (%v), want %s", out, err, text)
	}
	unknown := p.Unknown(func(_, v string) bool { return v != "whenever" })
	if d := cmp.Diff([]payload.Code{{List: "referral_urgency", Value: "whenever"}}, unknown); d != "" {
		t.Error(d)
	}
}

// TestRefused: what two readers could read in two ways is refused.
func TestRefused(t *testing.T) {
	const head = `{"v":1,"salt":"` + salt + `",`
	const card = `"card":{"purpose":"referral","urgency":"soon","basis":"consent"}`
	for name, tt := range map[string]struct {
		schema, text string
		want         error
	}{
		"nothing":          {payload.SchemaOffer, ``, payload.ErrFormat},
		"a list":           {payload.SchemaOffer, `[1]`, payload.ErrFormat},
		"a number":         {payload.SchemaOffer, `1`, payload.ErrFormat},
		"twice":            {payload.SchemaOffer, head + card + `,` + card + `}`, payload.ErrFormat},
		"capitals":         {payload.SchemaOffer, head + `"Card":{"purpose":"referral"}}`, payload.ErrFormat},
		"more behind":      {payload.SchemaOffer, head + card + `}{}`, payload.ErrFormat},
		"another version":  {payload.SchemaOffer, `{"v":2,"salt":"` + salt + `",` + card + `}`, payload.ErrFormat},
		"no salt":          {payload.SchemaOffer, `{"v":1,"salt":"00",` + card + `}`, payload.ErrFormat},
		"no purpose":       {payload.SchemaOffer, head + `"card":{"urgency":"soon","basis":"consent"}}`, payload.ErrFormat},
		"another schema":   {payload.SchemaWords, head + card + `}`, payload.ErrFormat},
		"two notes":        {payload.SchemaNote, head + `"journey":{"step":"arrived"},"report":{"month":1,"code":"well"}}`, payload.ErrFormat},
		"an unknown step":  {payload.SchemaNote, head + `"journey":{"step":"flown"}}`, payload.ErrFormat},
		"an unknown form":  {"offer/2", head + card + `}`, payload.ErrUnsupported},
		"critical":         {payload.SchemaOffer, head + card + `,"crit":["moon"],"moon":1}`, payload.ErrUnsupported},
		"critical nothing": {payload.SchemaOffer, head + card + `,"crit":["moon"]}`, payload.ErrFormat},
		"not text":         {payload.SchemaOffer, head + card + `,"x":"` + "\xff" + `"}`, payload.ErrFormat},
		"deep":             {payload.SchemaOffer, head + card + `,"x":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`, payload.ErrTooLarge},
		"long":             {payload.SchemaOffer, head + card + `,"x":"` + strings.Repeat("a", 70_000) + `"}`, payload.ErrTooLarge},
		"large":            {payload.SchemaOffer, strings.Repeat(" ", payload.Limit+1), payload.ErrTooLarge},
	} {
		if _, err := payload.Decode(tt.schema, []byte(tt.text)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// TestErrorsSayNothing: an error never holds what was written.
func TestErrorsSayNothing(t *testing.T) {
	_, err := payload.Decode(payload.SchemaWords, []byte(`{"v":"Ilara Tesh","salt":1,"words":{"text":3}}`))
	if err == nil || strings.Contains(err.Error(), "Ilara") {
		t.Errorf("error: %v", err)
	}
}

// FuzzDecode: whatever arrives, what is taken is written again as the same thing.
func FuzzDecode(f *testing.F) {
	for _, tt := range golden() {
		tt.p.Version, tt.p.Salt = payload.Version, salt
		b, err := payload.Encode(tt.schema, &tt.p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(tt.schema, b)
	}
	f.Add(payload.SchemaOffer, []byte(`{"v":1,"x":[{}]}`))
	f.Fuzz(func(t *testing.T, schema string, b []byte) {
		p, err := payload.Decode(schema, b)
		if err != nil {
			return
		}
		once, err := payload.Encode(schema, p)
		if errors.Is(err, payload.ErrTooLarge) { // escaped it is longer
			return
		}
		if err != nil || !json.Valid(once) {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := payload.Decode(schema, once)
		if errors.Is(err, payload.ErrTooLarge) {
			return
		}
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if twice, err := payload.Encode(schema, again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("two spellings: %v", err)
		}
	})
}
