package bench

import (
	"errors"
	"testing"
	"time"

	"causeway/internal/bench/badline"
)

// TestBadLine: two processes in two network namespaces, over a line that loses 30 % of all
// packets each way, is late and is cut again and again, with clocks ten minutes apart, hand
// children over. Every step and every purpose over the line at its worst, half a second
// late, is `causeway bench exchange --line`. Where no namespaces can be made the processes
// have a proxy between them that loses connections.
func TestBadLine(t *testing.T) {
	t.Parallel()
	line := &Line{Loss: 0.3, Delay: 20 * time.Millisecond, CutEvery: 4 * time.Second, CutFor: 500 * time.Millisecond, Skew: 10 * time.Minute, Each: 1}
	o := &Options{Short: true, Dir: t.TempDir(), Progress: t.Output()}
	e, err := layEnds(t.Context(), o, line)
	proxied := errors.Is(err, badline.ErrNotHere)
	if proxied {
		t.Logf("a proxy loses connections instead of packets: %v", err)
		e, err = loseEnds(t.Context(), o, line)
	}
	if err != nil {
		t.Fatal(err)
	}
	legs := []*leg{
		planned("danger", whole("danger", true)), planned("transfer", whole("transfer", false)),
	}
	said := map[string]float64{}
	emit := func(m Measure) { said[m.Name] = m.Value }
	err = errors.Join(e.lives(t.Context(), legs, emit), e.sound(t.Context(), emit), e.Close())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"line: threads that did not come to rest, or with a step lost, doubled or out of order": 0,
		"line: labels of purpose that came through, each way":                                   8,
		"line: messages that arrived twice or out of order":                                     0,
		"line: journals that do not verify":                                                     0,
		"line: records that do not fit their entries":                                           0,
	} {
		if got, ok := said[name]; got != want || !ok {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if said["line: packets that were lost"] == 0 && !proxied || said["line: cuts of it"] == 0 {
		t.Error("the line was good")
	}
	t.Logf("%v", said)
}
