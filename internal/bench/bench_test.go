package bench_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"causeway/internal/bench"
	"causeway/internal/fault"
)

func TestUnknownArea(t *testing.T) {
	if _, err := bench.Run(t.Context(), "weather", bench.Options{}, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v, want a refusal of the area", err)
	}
	if got, want := bench.Areas(), []string{"journal", "cases", "casework", "crash", "forms", "handover", "access", "directory", "exchange", "names", "match"}; !slices.Equal(got, want) {
		t.Errorf("got areas %v, want %v", got, want)
	}
}

func TestForms(t *testing.T) {
	measures := []bench.Measure{
		{Name: "a list", Value: 12.5, Unit: "ms", Bar: "<= 25", Holds: true},
		{Name: "a proof", Value: 90, Unit: "/s", Bar: ">= 100"},
		{Name: "the disk", Value: 0.25, Unit: "ms", Holds: true},
	}
	var text, lines bytes.Buffer
	for _, m := range measures {
		bench.Text(&text)(m)
		bench.JSON(&lines)(m)
	}
	for i, want := range []string{" holds", "DOES NOT HOLD", "ms"} {
		if got := strings.TrimRight(strings.Split(text.String(), "\n")[i], " "); !strings.HasSuffix(got, want) {
			t.Errorf("line %q does not end in %q", got, want)
		}
	}
	if strings.Contains(lines.String(), `\u003c`) {
		t.Error("the bar is not readable")
	}
	d := json.NewDecoder(&lines)
	for _, want := range measures {
		var got bench.Measure
		if err := d.Decode(&got); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}
