package sheet_test

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"causeway/internal/fault"
	"causeway/internal/intake/sheet"
)

func inspect(t testing.TB, b []byte) (sheet.Guess, error) {
	t.Helper()
	return sheet.Inspect(context.Background(), file(b), sheet.DefaultLimits())
}

const (
	french  = "Prénom;Nom;Né le;Lieu\nHélène;Bréchet;03/04/2010;Orléans\nFrançois;Lefèvre;14/11/2009;Nîmes\nZoë;Pâris;01/02/2011;Sète\nAmélie;Desprès;30/06/2008;Évreux\n"
	spanish = "Nombre,Apellido\nÍñigo,Muñoz\nMaría,Núñez\nJosé,Gutiérrez\nBegoña,Peña\n"
	german  = "Vorname;Name\nJürgen;Groß\nKäthe;Müller\nSören;Jäger\nUte;Weißmann\n"
	arabic  = "الاسم,اللقب,تاريخ الميلاد\nأحمد,الحسن,2010-04-03\nفاطمة,السالم,2009-11-14\nمريم,عبد الله,2011-02-01\nيوسف,الخطيب,2008-06-30\n"
	russian = "Имя;Фамилия\nАлександр;Петров\nЕкатерина;Смирнова\nДмитрий;Кузнецов\nОльга;Новикова\n"
	polish  = "imię;nazwisko\nŁukasz;Wójcik\nMałgorzata;Zając\nŚwiętosława;Kłos\nZdzisław;Gąsior\n"
	turkish = "ad;soyad\nIşıl;Yıldız\nGökçe;Şahin\nÇağrı;Öztürk\nDoğan;Kılıç\n"
	greek   = "Όνομα;Επώνυμο\nΓιώργος;Παπαδόπουλος\nΕλένη;Νικολάου\nΔημήτρης;Ιωάννου\n"
	hebrew  = "שם,משפחה\nיעל,כהן\nדוד,לוי\nמרים,ישראלי\nאברהם,מזרחי\n"
)

func TestEncodingGuess(t *testing.T) {
	one := func(m *charmap.Charmap, s string) []byte {
		b, err := m.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	wide := func(e unicode.Endianness, bom unicode.BOMPolicy, s string) []byte {
		b, err := unicode.UTF16(e, bom).NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		name  string
		bytes []byte
		want  string
		sure  int // at least
	}{
		{"ASCII", []byte("a,b\n1,2\n"), "utf-8", 100},
		{"UTF-8", []byte(french), "utf-8", 90},
		{"UTF-8 with mark", []byte("\ufeff" + arabic), "utf-8", 100},
		{"UTF-8 Arabic", []byte(arabic), "utf-8", 95},
		{"UTF-8 with one broken byte", []byte(strings.Repeat(arabic, 3) + "\xff,x\n"), "utf-8", 70},
		{"UTF-16 with mark", wide(unicode.LittleEndian, unicode.UseBOM, arabic), "utf-16le", 100},
		{"UTF-16 big with mark", wide(unicode.BigEndian, unicode.UseBOM, french), "utf-16be", 100},
		{"UTF-16 without mark", wide(unicode.LittleEndian, unicode.IgnoreBOM, french), "utf-16le", 90},
		{"French", one(charmap.Windows1252, french), "windows-1252", 60},
		{"French on a Mac", one(charmap.Macintosh, french), "macintosh", 55},
		{"French under DOS", one(charmap.CodePage850, french), "ibm850", 55},
		{"Spanish", one(charmap.Windows1252, spanish), "windows-1252", 55},
		{"German", one(charmap.ISO8859_1, german), "windows-1252", 50},
		{"Arabic", one(charmap.Windows1256, arabic), "windows-1256", 60},
		{"Arabic, ISO", one(charmap.ISO8859_6, arabic), "iso-8859-6", 55},
		{"Russian", one(charmap.Windows1251, russian), "windows-1251", 60},
		{"Russian, KOI8", one(charmap.KOI8R, russian), "koi8-r", 60},
		{"Polish", one(charmap.Windows1250, polish), "windows-1250", 55},
		{"Polish, ISO", one(charmap.ISO8859_2, polish), "iso-8859-2", 55},
		{"Turkish", one(charmap.Windows1254, turkish), "windows-1254", 55},
		{"Greek", one(charmap.Windows1253, greek), "windows-1253", 60},
		{"Hebrew", one(charmap.Windows1255, hebrew), "windows-1255", 60},
		{"one accent far down", append([]byte(strings.Repeat("Ann,Lee\n", 50_000)), one(charmap.Windows1252, "Hélène,Roy\n")...), "windows-1252", 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := inspect(t, c.bytes)
			if err != nil {
				t.Fatal(err)
			}
			if g.Options.Encoding != c.want || g.Encodings[0].Sure < c.sure {
				t.Errorf("got %v, want %s with at least %d", g.Encodings, c.want, c.sure)
			}
			for _, e := range g.Encodings[1:] {
				if e.Sure > g.Encodings[0].Sure {
					t.Errorf("alternatives are surer than the choice: %v", g.Encodings)
				}
			}
		})
	}
}

func TestLayoutGuess(t *testing.T) {
	for _, c := range []struct{ name, text, delimiter, quote string }{
		{"commas", "a,b,c\n1,2,3\n", ",", `"`},
		{"semicolons with decimal commas", "a;b\n1,5;2,5\n3,5;4,5\n", ";", `"`},
		{"semicolons with commas in names", "a;b;c\nx, y;2;3\nz;5;6\n", ";", `"`},
		{"tabs", "a\tb\n1\t2\n", "\t", `"`},
		{"bars", "a|b|c\n1|2|3\n", "|", `"`},
		{"single quotes", "'a','b'\n'1','2,3'\n", ",", "'"},
		{"inches", "name,height\nAnn,\"5\nBen,\"6\n", ",", sheet.NoQuote},
		{"told by the file", "sep=;\na,b;c\n", ";", `"`},
		{"quoted delimiters", "a,b\n\"x;y;z\",\"p;q\"\n", ",", `"`},
		{"blanks after commas", "rec_id, given_name, surname\nrec-1, ann, lee\n", ",", `"`},
		{"short last row of a cut file", "a,b,c\n" + strings.Repeat("1,2,3\n", 60_000), ",", `"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := inspect(t, []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if g.Options.Delimiter != c.delimiter || g.Options.Quote != c.quote {
				t.Errorf("got delimiter %q %v, quote %q; want %q, %q", g.Options.Delimiter, g.Delimiters, g.Options.Quote, c.delimiter, c.quote)
			}
			if g.Options.Format != sheet.CSV {
				t.Errorf("got format %q", g.Options.Format)
			}
		})
	}
}

func TestNoTable(t *testing.T) {
	for _, c := range []struct{ name, text, code string }{
		{"empty", "", "empty-file"},
		{"blank", " \r\n\n", "empty-file"},
		{"old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "old-or-locked-workbook"},
		{"PDF", "%PDF-1.7\n", "not-a-table"},
		{"web page", "\ufeff <!DOCTYPE html><html></html>", "not-a-table"},
		{"packed web page", packed("<html><body>a,b</body></html>"), "not-a-table"},
		{"binary", "a,b\n" + strings.Repeat("\x00\x01\x02\x03\x07", 100), "not-a-table"},
		{"archive of something else", "PK\x03\x04" + strings.Repeat("x", 100), "damaged-file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := inspect(t, []byte(c.text)); fault.CodeOf(err) != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(french))
	f.Add([]byte("\xff\xfea\x00"))
	f.Add([]byte(packed("a,b")))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := inspect(t, b)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("not a fault of the input: %v", err)
			}
			return
		}
		if _, err := sheet.Preview(file(b), g.Options, sheet.DefaultLimits(), 50); err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("cannot read with the guess: %v", err)
		}
	})
}
