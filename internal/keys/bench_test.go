package keys_test

import (
	"context"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// record is about 500 bytes once encoded.
func record() any {
	type fields struct {
		Name  sealed.Text `cbor:"1,keyasint"`
		Told  sealed.Text `cbor:"2,keyasint"`
		Seen  sealed.Text `cbor:"3,keyasint"`
		Doubt sealed.Text `cbor:"4,keyasint"`
	}
	long := sealed.NewText(string(make([]byte, 150)))
	return fields{sealed.NewText("Amina Okoro"), long, long, long}
}

// inOneTransaction runs the measured loop inside a transaction, so that it
// measures no disk.
func inOneTransaction(b *testing.B, fn func(ctx context.Context, tx *store.Tx, c *keys.Custody)) {
	b.Helper()
	db := storetest.New(b)
	c := keys.New(create(b, places(b), keys.PlainFile()), clock.System())
	b.ReportAllocs()
	err := db.Write(b.Context(), func(tx *store.Tx) error {
		fn(b.Context(), tx, c)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func newSubject(b *testing.B, ctx context.Context, tx *store.Tx, c *keys.Custody) (ident.Subject, *keys.Sealer) {
	b.Helper()
	s := ident.New[ident.Subject]()
	sealer, err := c.Create(ctx, tx, s, "case")
	if err != nil {
		b.Fatal(err)
	}
	return s, sealer
}

// BenchmarkCreate includes the insertion of the row.
func BenchmarkCreate(b *testing.B) {
	inOneTransaction(b, func(ctx context.Context, tx *store.Tx, c *keys.Custody) {
		for b.Loop() {
			newSubject(b, ctx, tx, c)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	inOneTransaction(b, func(ctx context.Context, tx *store.Tx, c *keys.Custody) {
		_, sealer := newSubject(b, ctx, tx, c)
		v, row := record(), make([]byte, 16)
		for b.Loop() {
			if _, err := sealer.Seal("person_secret", row, 1, v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkMAC(b *testing.B) {
	inOneTransaction(b, func(ctx context.Context, tx *store.Tx, c *keys.Custody) {
		s, sealer := newSubject(b, ctx, tx, c)
		blob, row := make([]byte, 528), make([]byte, 16)
		for b.Loop() {
			sealer.MAC("person_secret", row, 1, s, "open", int64(3), true, int64(1), blob)
		}
	})
}

// BenchmarkOpener includes the query.
func BenchmarkOpener(b *testing.B) {
	inOneTransaction(b, func(ctx context.Context, tx *store.Tx, c *keys.Custody) {
		s, _ := newSubject(b, ctx, tx, c)
		for b.Loop() {
			if _, err := c.Opener(ctx, tx, s, time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpenersOf51(b *testing.B) {
	inOneTransaction(b, func(ctx context.Context, tx *store.Tx, c *keys.Custody) {
		var list []ident.Subject
		for range 51 {
			s, _ := newSubject(b, ctx, tx, c)
			list = append(list, s)
		}
		for b.Loop() {
			if _, err := c.Openers(ctx, tx, list, time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	inOneTransaction(b, func(ctx context.Context, tx *store.Tx, c *keys.Custody) {
		s, sealer := newSubject(b, ctx, tx, c)
		row := make([]byte, 16)
		blob, err := sealer.SealRaw("person_secret", row, 1, make([]byte, 500))
		if err != nil {
			b.Fatal(err)
		}
		o, err := c.Opener(ctx, tx, s, time.Now().Add(time.Hour))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := o.OpenRaw("person_secret", row, 1, blob); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSealNode(b *testing.B) {
	c := keys.New(create(b, places(b), keys.PlainFile()), clock.System())
	v, row := sealed.NewText("Noor"), make([]byte, 16)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.SealNode("staff_name", row, 1, v); err != nil {
			b.Fatal(err)
		}
	}
}
