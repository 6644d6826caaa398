package contact_test

import (
	"testing"

	"causeway/internal/names/contact"
)

func TestPhone(t *testing.T) {
	for _, c := range []struct{ in, country, want string }{
		{"+380 44 123 45 67", "", "+380441234567"},
		{"044 123 45 67", "UA", "+380441234567"},
		{"00251 91 123 4567", "DE", "+251911234567"},
		{"0803 123 4567", "NG", "+2348031234567"},
		{"۰۲۱ ۸۸۷۷ ۶۶۵۵", "IR", "+982188776655"},
		{"＋81 3-1234-5678", "", "+81312345678"},
		{"12", "GB", ""},
		{"044 123 45 67", "", ""},
		{"", "GB", ""},
		{"not a number", "GB", ""},
	} {
		got, ok := contact.Phone(c.in, c.country)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Phone(%q, %q) = %q, %v, want %q", c.in, c.country, got, ok, c.want)
		}
	}
}

func TestNumbersWithCheckDigits(t *testing.T) {
	for _, c := range []struct {
		name string
		read func(string) (string, bool)
		in   string
		want string
	}{
		// The examples of the standards themselves.
		{"IBAN", contact.IBAN, "gb82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"},
		{"IBAN", contact.IBAN, "DE89370400440532013000", "DE89370400440532013000"},
		{"IBAN digit", contact.IBAN, "DE89370400440532013001", ""},
		{"IBAN length", contact.IBAN, "DE8937040044053201300", ""},
		{"IBAN letters", contact.IBAN, "12345678901234567", ""},
		{"IMEI", contact.IMEI, "49-015420-323751-8", "490154203237518"},
		{"IMEI in Arabic digits", contact.IMEI, "٤٩٠١٥٤٢٠٣٢٣٧٥١٨", "490154203237518"},
		{"IMEI digit", contact.IMEI, "490154203237517", ""},
		{"IMEI zero", contact.IMEI, "000000000000000", ""},
		{"IMEI length", contact.IMEI, "49015420323751", ""},
		{"mail", contact.Email, " Amina.Sample@Example.ORG ", "amina.sample@example.org"},
		{"mail without domain", contact.Email, "amina@", ""},
		{"mail without dot", contact.Email, "amina@localhost", ""},
		{"mail of two", contact.Email, "a@b.c@d.e", ""},
	} {
		got, ok := c.read(c.in)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q gives %q, %v, want %q", c.name, c.in, got, ok, c.want)
		}
	}
}

func TestPlatesAndDocuments(t *testing.T) {
	for _, c := range []struct{ country, a, b string }{
		{"UA", "АА 1234 ВС", "AA1234BC"}, // Cyrillic and Latin letters
		{"gr", "ΙΚΥ-4821", "IKY 4821"},
	} {
		p, ok := contact.Plate(c.country, c.a)
		q, also := contact.Plate(c.country, c.b)
		if p != q || !ok || !also {
			t.Errorf("plates differ: %q and %q", p, q)
		}
	}
	if p, ok := contact.Plate("UA", "no digits"); ok {
		t.Errorf("a plate without a digit is %q", p)
	}
	if d, ok := contact.Document("XA", "p 123-456"); d != "XA:P123456" || !ok {
		t.Errorf("document = %q, %v", d, ok)
	}
	if d, ok := contact.Document("XA", "none"); ok {
		t.Errorf("a document without a digit is %q", d)
	}
}

func TestDates(t *testing.T) {
	full := contact.Exact(2012, 3, 4)
	for _, c := range []struct {
		name string
		with contact.Interval
		want contact.DateLevel
	}{
		{"same", contact.Exact(2012, 3, 4), contact.DateExact},
		{"swapped", contact.Exact(2012, 4, 3), contact.DateSwapped},
		{"one digit", contact.Exact(2012, 3, 14), contact.DateDigit},
		{"one digit of the year", contact.Exact(2010, 3, 4), contact.DateDigit},
		{"month", contact.InMonth(2012, 3), contact.DateOverlap},
		{"year", contact.InYear(2012, 0), contact.DateOverlap},
		{"about", contact.InYear(2013, 1), contact.DateOverlap},
		{"age nine", contact.FromAge(9, 0, 2021, 6, 1), contact.DateOverlap},
		{"age eight", contact.FromAge(8, 0, 2021, 6, 1), contact.DateNear},
		{"age eight or so", contact.FromAge(8, 1, 2021, 6, 1), contact.DateOverlap},
		{"other day of the year", contact.Exact(2012, 11, 25), contact.DateYear},
		{"within a year", contact.Exact(2013, 2, 28), contact.DateNear},
		{"far", contact.Exact(2001, 12, 30), contact.DateFar},
		{"far year", contact.InYear(2001, 0), contact.DateFar},
		{"unknown", contact.Unknown, contact.DateUnknown},
		{"nothing", contact.Interval{First: 1, Last: 0}, contact.DateUnknown},
	} {
		if got := full.Compare(c.with); got != c.want {
			t.Errorf("%s: level %d, want %d", c.name, got, c.want)
		}
		if got := c.with.Compare(full); got != c.want {
			t.Errorf("%s, the other way round: level %d, want %d", c.name, got, c.want)
		}
	}
	if first, last := contact.InYear(2012, 1).Years(); first != 2011 || last != 2013 {
		t.Errorf("about 2012 is %d to %d", first, last)
	}
}

func TestPlaces(t *testing.T) {
	latin := contact.PlaceOf("XA", "Kharkiv Oblast", "Izium")
	native := contact.PlaceOf("XA", "Харків область", "")
	if got := latin.Depth(native); got != 2 {
		t.Errorf("the same region in two scripts agrees to depth %d", got)
	}
	if got := latin.Depth(contact.PlaceOf("XA", "Poltava Oblast", "Izium")); got != 1 {
		t.Errorf("another region agrees to depth %d", got)
	}
	if got := contact.PlaceOf("XA").Code(3); got != "" {
		t.Errorf("a level that is not known has the code %q", got)
	}
}
