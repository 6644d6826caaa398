package directory_test

import (
	"fmt"
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/directory"
)

// BenchmarkSearch searches 50,000 services; "causeway bench directory" measures the
// same with its pages and on both engines.
func BenchmarkSearch(b *testing.B) {
	o := open(accesstest.New(b))
	boss := o.Person(access.RoleSupervisor, o.Head)
	kinds, regions := o.Pack.Codes("service"), o.Pack.Codes("region")
	var text strings.Builder
	text.WriteString("code,name,provider,services,regions,lat,lon,languages,places_free\n")
	for i := range 50_000 {
		fmt.Fprintf(&text, "B-%d,Service,Wells,%s,%s,%g,%g,en,%d\n", i, kinds[i%len(kinds)], regions[i%len(regions)], 10+float64(i%400)/100, -29-float64(i%300)/100, i%4)
	}
	file, err := directory.ReadCSV(strings.NewReader(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	if got, err := o.room.Import(ctx, boss, command(), file, false); err != nil || !got.Done {
		b.Fatalf("fill: %+v, %v", got, err)
	}
	for i := 0; b.Loop(); i++ {
		q := directory.Query{Kind: kinds[i%len(kinds)], Region: regions[i%len(regions)], AgeFrom: 12, AgeTo: 14, Language: "en", Free: i%2 == 0}
		if _, err := o.room.Search(ctx, boss, q); err != nil {
			b.Fatal(err)
		}
	}
}
