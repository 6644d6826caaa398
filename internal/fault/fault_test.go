package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"causeway/internal/fault"
)

func TestKindSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("open case: %w", fault.New(fault.Denied, "no-access"))
	if got, want := fault.KindOf(err), fault.Denied; got != want {
		t.Errorf("kind = %v, want %v", got, want)
	}
	if got, want := fault.CodeOf(err), "no-access"; got != want {
		t.Errorf("code = %q, want %q", got, want)
	}
}

func TestUnclassifiedErrorIsInternal(t *testing.T) {
	if got := fault.KindOf(errors.New("boom")); got != fault.Internal {
		t.Errorf("kind = %v, want internal", got)
	}
}

func TestNilIsNoKind(t *testing.T) {
	if fault.Is(nil, fault.Internal) {
		t.Error("nil error reported as internal")
	}
	if fault.Wrap(fault.Denied, "x", nil) != nil {
		t.Error("wrapping nil made an error")
	}
}

func TestCheckReportsEveryField(t *testing.T) {
	var c fault.Check
	c.Require(false, "name", "required")
	c.Require(true, "sex", "required")
	c.Reject("birth_year", "out-of-range")
	got := fault.FieldsOf(c.Err())
	if len(got) != 2 || got[0].Name != "name" || got[1].Name != "birth_year" {
		t.Errorf("fields = %v, want name and birth_year", got)
	}
}
