package linkage

import "encoding/binary"

// Parts is a prepared record taken apart: what was folded of it, for whoever makes keys of
// another kind.
type Parts struct {
	Birth         Birth
	Given, Family []string // folded words, of all spellings that are known
	Mother        []string
	Countries     []string
}

// Parts takes a prepared record apart. One that this program did not prepare is an error.
func (p Prepared) Parts() (*Parts, error) {
	if len(p) < preparedHead || p[0] != preparedForm {
		return nil, errPrepared()
	}
	out := &Parts{Birth: Birth{Date(binary.BigEndian.Uint32(p[1:])), Date(binary.BigEndian.Uint32(p[5:]))}}
	for p = p[preparedHead:]; len(p) > 0; {
		k := kind(p[0] &^ startBit)
		size := 1 + tagBytes
		if k < kDocument {
			if len(p) < 2 {
				return nil, errPrepared()
			}
			size = 2 + int(p[1])
		}
		if len(p) < size {
			return nil, errPrepared()
		}
		switch k {
		case kGiven:
			out.Given = append(out.Given, string(p[2:size]))
		case kFamily:
			out.Family = append(out.Family, string(p[2:size]))
		case kMother:
			out.Mother = append(out.Mother, string(p[2:size]))
		case kCountry:
			out.Countries = append(out.Countries, string(p[2:size]))
		}
		p = p[size:]
	}
	return out, nil
}

// Known reports whether anything is known of a birth, and Exact whether it is one day.
func (b Birth) Known() bool { return b.known() }

// Exact reports whether a birth is one day.
func (b Birth) Exact() bool { return b.known() && b.exact() }
