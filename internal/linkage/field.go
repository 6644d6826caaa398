package linkage

// Field is one thing that is compared.
type Field uint8

// The fields. Order says whether given and family name had to be exchanged to
// agree. Birth compares two known days, Age compares births of which at least
// one is an estimate; a pair has one or the other.
const (
	FieldGiven Field = iota
	FieldFamily
	FieldOrder
	FieldMother
	FieldBirth
	FieldAge
	FieldSex
	FieldCountry
	FieldRegion
	FieldDistrict
	FieldTown
	FieldPostcode
	FieldStreet
	FieldHouse
	FieldDocument
	FieldPhone
	FieldHousehold
	fields
)

var fieldNames = [fields]string{
	"given", "family", "order", "mother", "birth", "age", "sex", "country", "region", "district", "town",
	"postcode", "street", "house", "document", "phone", "household",
}

// String returns the field's name, as used in message codes and stored weights.
func (f Field) String() string {
	if f < fields {
		return fieldNames[f]
	}
	return "unknown"
}

// Level says how far two records agree on a field; a smaller one is nearer.
type Level uint8

// The levels of names and places. Names have all; places have no Part; Order,
// Sex, Document, Phone and Household have Exact and Else only. Birth uses
// Exact, Code (one digit off, two exchanged, or day and month exchanged), Close
// (same year) and Near (a year beside); Age uses Exact (the intervals meet) and
// Near (they miss each other by a year or less).
const (
	Exact Level = iota
	Code        // another spelling by its sound: the codes agree, in whatever script; or a short form
	Close       // Jaro-Winkler 0.92 and above
	Near        // 0.82 and above, or an initial
	Part        // some words agree and others do not
	Else        // none of these
	levels
	missing Level = 255 // one side says nothing: no evidence
)

var levelNames = [levels]string{"exact", "code", "close", "near", "part", "else"}

// String returns the level's name, as used in message codes and stored weights.
func (l Level) String() string {
	if l < levels {
		return levelNames[l]
	}
	return "missing"
}

// placeField is the field of a kind of place.
func placeField(k kind) Field { return FieldCountry + Field(k-kCountry) }
