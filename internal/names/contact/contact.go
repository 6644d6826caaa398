// Package contact reads the small facts by which people are found besides their
// names: telephone numbers, number plates, documents, accounts, devices,
// addresses of mail, dates and places. Each reader returns one canonical form,
// so that two spellings of one fact are equal, and refuses what cannot be such
// a fact: a number that fails its plan or its check digit would only feed
// guessing. It is pure code and holds nothing.
package contact

import (
	"strings"

	"causeway/internal/names"
)

// plain keeps the letters a to z and digits of a folded string, in upper case.
func plain(s string) string {
	folded := names.Romanise(s)
	return strings.ToUpper(strings.ReplaceAll(folded, " ", ""))
}

// Email returns an address in lower case, and whether it is one: one @, no
// blanks, a domain with a dot. Parts that a provider ignores ("+tag", dots) stay,
// because providers differ.
func Email(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(s) > 254 || strings.ContainsAny(s, " \t\r\n<>()[],;:\"\\") || strings.Contains(domain, "@") {
		return "", false
	}
	if strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") || !strings.Contains(domain, ".") {
		return "", false
	}
	return s, true
}

// Plate returns a number plate as "CC:" and its letters and digits, where CC is
// the country's ISO code, and whether it can be one. Letters that look alike in
// Cyrillic and Greek are read as the Latin ones, as plates are made for both.
func Plate(country, s string) (string, bool) {
	country = plain(country)
	p := plain(lookalikes.Replace(strings.ToUpper(s)))
	if len(country) != 2 || len(p) < 2 || len(p) > 12 || !strings.ContainsAny(p, "0123456789") {
		return "", false
	}
	return country + ":" + p, true
}

// lookalikes are the letters that plates of the Vienna Convention share between
// alphabets.
var lookalikes = strings.NewReplacer(
	"А", "A", "В", "B", "Е", "E", "К", "K", "М", "M", "Н", "H", "О", "O", "Р", "P", "С", "C", "Т", "T", "У", "Y", "Х", "X", "І", "I",
	"Α", "A", "Β", "B", "Ε", "E", "Ζ", "Z", "Η", "H", "Ι", "I", "Κ", "K", "Μ", "M", "Ν", "N", "Ο", "O", "Ρ", "P", "Τ", "T", "Υ", "Y", "Χ", "X",
)

// Document returns the number of a passport or card as "CC:" and its letters
// and digits, where CC is the ISO code of the issuing country, and whether it
// can be one.
func Document(issuer, s string) (string, bool) {
	issuer = plain(issuer)
	p := plain(s)
	if len(issuer) < 2 || len(issuer) > 3 || len(p) < 4 || len(p) > 24 || !strings.ContainsAny(p, "0123456789") {
		return "", false
	}
	return issuer + ":" + p, true
}

// IMEI returns the 15 digits of a telephone's number and whether they hold: the
// last one is a check digit (3GPP TS 23.003, annex B). A number with the
// software version (16 digits) or without check digit (14) is refused, because
// the check digit of the first is not known to have been right.
func IMEI(s string) (string, bool) {
	p := plain(s)
	if len(p) != 15 || !digits(p) || !luhn(p) || p == strings.Repeat("0", 15) {
		return "", false
	}
	return p, true
}

// IBAN returns an account number without blanks and whether its check digits
// (ISO 13616, MOD 97-10) and its length for the country hold.
func IBAN(s string) (string, bool) {
	p := plain(s)
	if len(p) < 15 || len(p) > 34 || !letters(p[:2]) || !digits(p[2:4]) {
		return "", false
	}
	if n, ok := ibanLengths[p[:2]]; ok && n != len(p) {
		return "", false
	}
	rest := 0
	for _, c := range p[4:] + p[:4] {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	if rest != 1 {
		return "", false
	}
	return p, true
}

// luhn checks the last digit by the rule of ISO/IEC 7812-1, annex B.
func luhn(s string) bool {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func letters(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != ""
}

// ibanLengths are the lengths of the SWIFT IBAN registry.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28,
	"CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
	"FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23,
	"IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
	"LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15,
	"OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18,
	"SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22,
	"VG": 24, "XK": 20, "YE": 30,
}
