package names_test

import (
	"testing"

	"causeway/internal/names"
	"causeway/internal/names/agreement"
)

// people are names of two to four words in several scripts.
var people = []string{
	"Amina Yusuf Hassan", "Mohamed Ould Salem", "أمينة يوسف حسن", "Олена Бондар", "Nguyen Thi Lan", "Maria del Carmen Lopez Garcia",
	"Abdul Rahman Karimi", "Sokha Chan", "សុខា ចាន់", "ዳዊት አበበ", "Fatoumata Binta Diallo", "Samuel Okafor Chukwu",
	"Катерина Шевченко", "Daniel Popescu", "আমিনা খাতুন", "Amina Youssef Hasan",
}

// BenchmarkSimilar scores pairs of whole names.
func BenchmarkSimilar(b *testing.B) {
	prepared := make([]names.Prepared, len(people))
	for i, p := range people {
		prepared[i] = names.Prepare(p)
	}
	b.ReportAllocs()
	var sum float64
	i := 0
	for b.Loop() {
		sum += prepared[i&15].Similar(&prepared[(i>>4)&15])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpairs/s")
	if sum == 0 {
		b.Fatal("nothing was like anything")
	}
}

// BenchmarkCodes codes single tokens, Latin and native in turn.
func BenchmarkCodes(b *testing.B) {
	for _, set := range []string{"latin", "arabic", "russian", "chinese", "khmer"} {
		b.Run(set, func(b *testing.B) {
			from := set
			if set == "latin" {
				from = "arabic"
			}
			pairs, err := agreement.Sample(from)
			if err != nil {
				b.Fatal(err)
			}
			tokens := make([]string, len(pairs))
			for i, p := range pairs {
				tokens[i] = p.Native
				if set == "latin" {
					tokens[i] = p.Latin
				}
			}
			names.Codes(tokens[0]) // the tables are read at their first use
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				names.Codes(tokens[i%len(tokens)])
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		names.Prepare(people[i&15])
		i++
	}
}
