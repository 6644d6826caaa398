package linkage

// Ref is the caller's reference to a record, such as the bytes of a random
// identifier. Its first bytes must be random.
type Ref [16]byte

// Record is what is known of one child, for comparison. Every field may be
// empty, and an empty one is no evidence. Of names there may be several
// spellings or several names in use; each may have several words.
type Record struct {
	Given, Family, Mother []string
	Other                 []string // nicknames and other names used
	Birth                 Birth
	Sex                   Sex
	Places                []Place
	Documents, Phones     []Tag // identifiers of the child's own

	// Household is what the child has in common with a family: the tag of a
	// household, of a sibling's case, of a parent's telephone. It tells of
	// family and never of the same child.
	Household []Tag
}

// Sex as recorded.
type Sex uint8

// The sexes that are compared; anything else is unknown.
const (
	SexUnknown Sex = iota
	Female
	Male
)

// Place is one place, from the largest to the smallest. Parts may be empty.
type Place struct{ Country, Region, District, Town, Postcode, Street, House string }

// Tag stands for an identifier: a keyed hash that the caller makes. Equal tags
// are equal identifiers; the zero tag is none.
type Tag [16]byte

// Date is a day as year*10000 + month*100 + day; 0 is unknown. Days that no
// calendar has are compared as written.
type Date int32

// Birth is when a child was born: some day from Earliest to Latest. Both are
// the same when the day is known; zero when nothing is.
type Birth struct{ Earliest, Latest Date }

// Day returns a birth on a known day.
func Day(year, month, day int) Birth {
	d := Date(year*10000 + month*100 + day)
	return Birth{d, d}
}

// Years returns a birth in one of the years from first to last.
func Years(first, last int) Birth {
	return Birth{Date(first*10000 + 101), Date(last*10000 + 1231)}
}

func (b Birth) known() bool { return b.Earliest != 0 && b.Latest >= b.Earliest }
func (b Birth) exact() bool { return b.Earliest == b.Latest }

func (d Date) year() int  { return int(d / 10000) }
func (d Date) month() int { return int(d / 100 % 100) }
func (d Date) day() int   { return int(d % 100) }
