package sealed_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"strings"
	"testing"

	"causeway/internal/sealed"
)

// The three secrets of the leak table. None may appear in any form that fmt
// knows: as text, as hexadecimal or as decimal bytes.
const (
	secretText  = "Amina Okoro"
	secretDate  = "2011-07-23"
	secretBytes = "scan of a birth paper"
)

// leaks reports how out shows one of the secrets, or "".
func leaks(out string) string {
	for _, s := range []string{secretText, secretDate, secretBytes} {
		decimal := strings.Trim(fmt.Sprintf("%d", []byte(s)), "[]")
		goBytes := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(s)), "[]byte{"), "}")
		for _, form := range []string{s, fmt.Sprintf("%x", s), fmt.Sprintf("%X", s), fmt.Sprintf("% x", s), decimal, goBytes, fmt.Sprintf("%b", []byte(s))} {
			if strings.Contains(out, form) {
				return form
			}
		}
	}
	return ""
}

type exported struct {
	Name sealed.Text
	Born sealed.Date
	Scan sealed.Bytes
}

type unexported struct {
	name sealed.Text
	born sealed.Date
	scan sealed.Bytes
}

type deep struct {
	list  []sealed.Text
	byKey map[string]sealed.Date
	one   *sealed.Bytes
	inner *unexported
	any   any
	array [1]sealed.Text
}

// shapes returns the values in every place where a printer may meet them.
func shapes(t *testing.T) map[string]any {
	t.Helper()
	name, scan := sealed.NewText(secretText), sealed.NewBytes([]byte(secretBytes))
	born, err := sealed.ParseDate(secretDate)
	if err != nil {
		t.Fatal(err)
	}
	hidden := unexported{name, born, scan}
	return map[string]any{
		"bare text":         name,
		"bare date":         born,
		"bare bytes":        scan,
		"pointer":           &name,
		"pointer to date":   &born,
		"exported field":    exported{name, born, scan},
		"pointer to struct": &exported{name, born, scan},
		"unexported field":  hidden,
		"pointer to hidden": &hidden,
		"slice":             []sealed.Text{name},
		"slice of pointers": []*sealed.Text{&name},
		"array":             [1]sealed.Bytes{scan},
		"map value":         map[string]sealed.Text{"a": name},
		"map key":           map[sealed.Text]int{name: 1},
		"slice of structs":  []unexported{hidden},
		"deep":              deep{[]sealed.Text{name}, map[string]sealed.Date{"b": born}, &scan, &hidden, name, [1]sealed.Text{name}},
		"pointer to deep":   &deep{[]sealed.Text{name}, map[string]sealed.Date{"b": born}, &scan, &hidden, hidden, [1]sealed.Text{name}},
		"error":             fmt.Errorf("register %v %+v %v", name, hidden, scan),
	}
}

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%#q", "%x", "%X", "% x", "%#x", "%d", "%b", "%o", "%c", "%U", "%t", "%g", "%p", "%T", "%!", "%10.3s"}

func TestNothingPrints(t *testing.T) {
	for name, value := range shapes(t) {
		for _, verb := range verbs {
			if form := leaks(fmt.Sprintf(verb, value)); form != "" {
				t.Errorf("%s: %s shows %q", name, verb, form)
			}
		}
		if form := leaks(fmt.Sprint(value)); form != "" {
			t.Errorf("%s: Sprint shows %q", name, form)
		}
	}
}

func TestNothingIsLogged(t *testing.T) {
	for name, value := range shapes(t) {
		for kind, handler := range map[string]func(*bytes.Buffer) slog.Handler{
			"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var out bytes.Buffer
			slog.New(handler(&out)).InfoContext(t.Context(), "registered", "what", value, slog.Group("g", "v", value))
			if form := leaks(out.String()); form != "" {
				t.Errorf("%s: %s log shows %q", name, kind, form)
			}
		}
	}
}

func TestEncodersRefuse(t *testing.T) {
	for name, value := range shapes(t) {
		var out bytes.Buffer
		_ = json.NewEncoder(&out).Encode(value) // refused or empty; only what was written counts
		_ = xml.NewEncoder(&out).Encode(value)
		_ = gob.NewEncoder(&out).Encode(value)
		if form := leaks(out.String()); form != "" {
			t.Errorf("%s: an encoder shows %q", name, form)
		}
	}
	for name, value := range map[string]any{"text": sealed.NewText(secretText), "struct": exported{}, "key": map[sealed.Text]int{sealed.NewText("a"): 1}} {
		if b, err := json.Marshal(value); err == nil {
			t.Errorf("json of %s = %s, want a refusal", name, b)
		}
	}
	var into sealed.Text
	if err := json.Unmarshal([]byte(`"x"`), &into); err == nil {
		t.Error("json was read into a sealed text, want a refusal")
	}
	if _, err := sealed.NewText(secretText).Value(); err == nil || leaks(err.Error()) != "" {
		t.Errorf("as an SQL argument: %v, want a refusal without the text", err)
	}
}

func TestTemplatesShowSealed(t *testing.T) {
	const page = `<p title="{{.Name}}">{{.Name}} {{.Born}} {{.Scan}} {{.}}</p><script>var a = {{.Name}}</script><a href="?q={{.Name}}">x</a>`
	value := shapes(t)["exported field"].(exported)
	var out bytes.Buffer
	err := template.Must(template.New("").Parse(page)).Execute(&out, value)
	if form := leaks(out.String()); form != "" {
		t.Errorf("template shows %q", form)
	}
	if err == nil && !strings.Contains(out.String(), "<p title=\"[sealed]\">[sealed] [sealed] [sealed]") {
		t.Errorf("template = %s, want [sealed] in each place", out.String())
	}
}

func TestPanicDoesNotPrint(t *testing.T) {
	defer func() {
		if form := leaks(fmt.Sprint(recover())); form != "" {
			t.Errorf("panic shows %q", form)
		}
	}()
	panic(sealed.NewText(secretText))
}

func TestWipe(t *testing.T) {
	text := sealed.NewText(secretText)
	other := text
	text.Wipe()
	if got := other.Reveal(); got != "" || other.IsZero() {
		t.Errorf("after Wipe a copy reads %q, want an empty value", got)
	}
	sealed.Text{}.Wipe() // nothing to wipe is no fault
}

func TestEqual(t *testing.T) {
	a, b := sealed.NewText("a"), sealed.NewText("b")
	for _, c := range []struct {
		x, y sealed.Text
		want bool
	}{
		{a, sealed.NewText("a"), true},
		{a, b, false},
		{a, sealed.Text{}, false},
		{sealed.NewText(""), sealed.Text{}, false},
		{sealed.Text{}, sealed.Text{}, true},
	} {
		if got := c.x.Equal(c.y); got != c.want {
			t.Errorf("Equal(%q, %q) = %v, want %v", c.x.Reveal(), c.y.Reveal(), got, c.want)
		}
	}
}

func TestRefusalsNameNoValue(t *testing.T) {
	_, err := sealed.ParseDate("Amina Okoro")
	if err == nil || leaks(err.Error()) != "" {
		t.Errorf("ParseDate: %v, want a fault that does not quote the input", err)
	}
	_, err = sealed.Encode(struct{ C chan int }{make(chan int)})
	if err == nil || errors.Unwrap(err) != nil {
		t.Errorf("Encode of a channel: %v, want a bare refusal", err)
	}
}
