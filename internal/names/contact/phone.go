package contact

import (
	"github.com/nyaruka/phonenumbers"

	"causeway/internal/names"
)

// Phone returns a telephone number in the form of ITU-T E.164 ("+380441234567")
// and whether it is a number of its country's plan. A number without country
// code is read in the plan of country (ISO code), if one is given. Digits of
// any script are read.
func Phone(s, country string) (string, bool) {
	n, err := phonenumbers.Parse(foldDigits(s), country)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// foldDigits turns digits of any script into 0 to 9 and leaves the rest.
func foldDigits(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case r < 0x80:
			out = append(out, byte(r))
		case r == '＋':
			out = append(out, '+')
		default:
			if f := names.Fold(string(r)); len(f) == 1 && f[0] >= '0' && f[0] <= '9' {
				out = append(out, f[0])
			} else {
				out = append(out, ' ')
			}
		}
	}
	return string(out)
}
