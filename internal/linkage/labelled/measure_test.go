package labelled_test

import (
	"testing"

	"causeway/internal/linkage/labelled"
)

func set(t *testing.T, name string) *labelled.Set {
	t.Helper()
	s, err := labelled.Febrl(name)
	if err != nil {
		t.Fatalf("Febrl %s: %v", name, err)
	}
	return s
}

// TestFloors holds what is found to floors, without labels. Settings were not
// chosen on these sets; they catch what a change breaks.
func TestFloors(t *testing.T) {
	for _, c := range []struct {
		name      string
		a, b      *labelled.Set
		reach, f1 float64
		each      float64
	}{
		{"Febrl 4, child fields", set(t, "4a").Child(), set(t, "4b").Child(), .999, .995, 10},
		{"Febrl 4, all fields", set(t, "4a"), set(t, "4b"), .999, .999, 10},
		{"Febrl 1, child fields", set(t, "1").Child(), nil, .995, .97, 10},
		{"Febrl 1, all fields", set(t, "1"), nil, .998, .995, 10},
		{"Febrl 2, child fields", set(t, "2").Child(), nil, .995, .97, 10},
		{"Febrl 2, all fields", set(t, "2"), nil, .998, .995, 10},
	} {
		s, err := labelled.Measure(t.Context(), c.a, c.b, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		t.Logf("%s: %d true pairs, %.2f compared each, reach %.4f, precision %.4f, recall %.4f, F1 %.4f; called outright %d, true %d; repeats %.3f kin %.5f",
			c.name, s.True, s.Each(), s.Reach(), s.Precision(), s.Recall(), s.F1(), s.Called, s.CalledTrue, s.Weights.Repeats, s.Weights.Kin)
		if s.Reach() < c.reach || s.F1() < c.f1 || s.Each() > c.each {
			t.Errorf("%s: reach %.4f, F1 %.4f with %.1f compared, want at least %.4f and %.4f with %.0f", c.name, s.Reach(), s.F1(), s.Each(), c.reach, c.f1, c.each)
		}
	}
}
