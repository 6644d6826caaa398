package exchange_test

import (
	"testing"
	"time"
)

// TestCompareDaily: a restore that shows in nothing else shows within a day.
func TestCompareDaily(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		asks := func() bool {
			q, err := a.room.Question(ctx, "xb.moi")
			ok(t, err)
			return q != nil
		}
		a.Clock.Advance(23 * time.Hour)
		if asks() {
			t.Error("asked again within a day")
		}
		a.Clock.Advance(2 * time.Hour)
		if !asks() {
			t.Error("not asked after a day")
		}
		a.meets(b)
		if asks() {
			t.Error("asked again at once")
		}
	})
}
