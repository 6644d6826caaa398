package linkage

// Odds are the probabilities of one level of a field: for two records of one
// child, for records of a brother or sister, and for records of strangers.
type Odds struct {
	Same     float64 `json:"same"`
	Family   float64 `json:"family"`
	Stranger float64 `json:"stranger"`
}

// Weights say what agreements are worth. The caller stores learned ones with
// their version.
type Weights struct {
	Version string `json:"version"` // of the rules, and where they come from

	// Repeats and Kin are how many other records of the same child, and of
	// brothers and sisters, a record is expected to have.
	Repeats float64 `json:"repeats"`
	Kin     float64 `json:"kin"`

	// Within is, for each part of a place, how often strangers agree on it who
	// agree on a smaller part: who lives in one town lives in one region.
	Within [fields]float64 `json:"within"`

	Fields [fields][levels]Odds `json:"fields"`
}

// defaults are settings by reasoning, for registers of children. Same: how
// often a second registration of a child repeats, misspells or changes a field;
// Family: the same for brothers and sisters; Stranger is only a start where
// frequencies in the register itself are used.
var defaults = [fields][levels]Odds{
	FieldGiven: {
		Exact: {.80, .004, .004}, Code: {.07, .03, .008}, Close: {.05, .02, .003},
		Near: {.03, .04, .02}, Part: {.02, .06, .01}, Else: {.03, .846, .955},
	},
	FieldFamily: {
		Exact: {.82, .80, .002}, Code: {.07, .06, .006}, Close: {.04, .04, .002},
		Near: {.02, .02, .015}, Part: {.02, .03, .010}, Else: {.03, .05, .965},
	},
	FieldOrder: {Exact: {.96, .96, .5}, Else: {.04, .04, .5}}, // names of strangers that agree do so in either order
	FieldMother: {
		Exact: {.70, .65, .003}, Code: {.09, .09, .007}, Close: {.06, .06, .002},
		Near: {.04, .04, .015}, Part: {.05, .05, .02}, Else: {.06, .11, .953},
	},
	FieldBirth: {
		Exact: {.80, .03, .0002}, Code: {.10, .005, .006}, Close: {.04, .015, .08},
		Near: {.02, .15, .15}, Else: {.04, .80, .76},
	},
	FieldAge: {Exact: {.88, .30, .15}, Near: {.07, .30, .15}, Else: {.05, .40, .70}},
	FieldSex: {Exact: {.985, .5, .5}, Else: {.015, .5, .5}},
	FieldCountry: {
		Exact: {.95, .95, .40}, Code: {.005, .005, .002}, Close: {.005, .005, .002},
		Near: {.005, .005, .006}, Else: {.035, .035, .59},
	},
	FieldRegion: {
		Exact: {.84, .82, .10}, Code: {.03, .03, .005}, Close: {.02, .02, .005},
		Near: {.01, .01, .02}, Else: {.10, .12, .87},
	},
	FieldDistrict: {
		Exact: {.76, .74, .02}, Code: {.04, .04, .005}, Close: {.03, .03, .003},
		Near: {.02, .02, .02}, Else: {.15, .17, .952},
	},
	FieldTown: {
		Exact: {.66, .64, .005}, Code: {.06, .06, .005}, Close: {.05, .05, .002},
		Near: {.03, .03, .02}, Else: {.20, .22, .968},
	},
	FieldPostcode: {
		Exact: {.76, .74, .005}, Code: {.005, .005, .005}, Close: {.05, .05, .005},
		Near: {.05, .05, .04}, Else: {.135, .155, .945},
	},
	FieldStreet: {
		Exact: {.66, .64, .003}, Code: {.02, .02, .003}, Close: {.08, .08, .003},
		Near: {.06, .06, .05}, Else: {.18, .20, .941},
	},
	FieldHouse: {
		Exact: {.76, .74, .02}, Code: {.005, .005, .005}, Close: {.02, .02, .01},
		Near: {.04, .04, .04}, Else: {.175, .195, .925},
	},
	FieldDocument: {Exact: {.90, .002, 1e-7}, Else: {.10, .998, 1}},
	FieldPhone:    {Exact: {.60, .30, 1e-5}, Else: {.40, .70, 1}},
	// Shared households are counted, different ones are not: the same for one
	// child and for two of a family.
	FieldHousehold: {Exact: {.5, .5, 1e-5}, Else: {.5, .5, 1}},
}

// Default returns the weights that ship with the program.
func Default() *Weights {
	w := &Weights{Version: Version + "/default", Repeats: .05, Kin: .5, Fields: defaults}
	for f := FieldCountry; f <= FieldTown; f++ {
		w.Within[f] = .97
	}
	w.Within[FieldPostcode] = .7 // a town may have several
	return w
}

// used are the levels that a field has.
func used(f Field) []Level {
	switch f {
	case FieldGiven, FieldFamily, FieldMother:
		return []Level{Exact, Code, Close, Near, Part, Else}
	case FieldOrder, FieldSex, FieldDocument, FieldPhone, FieldHousehold:
		return []Level{Exact, Else}
	case FieldAge:
		return []Level{Exact, Near, Else}
	}
	return []Level{Exact, Code, Close, Near, Else}
}
