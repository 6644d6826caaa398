package directory

import "math"

// Place is a point on the earth, in degrees north and east.
type Place struct{ Lat, Lon float64 }

func (p Place) valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180
}

// earth is its mean radius in kilometres (IUGG).
const earth = 6371.0088

// Distance returns how far two places lie apart as the crow flies, in kilometres.
func Distance(a, b Place) float64 {
	rad := func(degrees float64) float64 { return degrees * math.Pi / 180 }
	square := func(x float64) float64 { return x * x }
	h := square(math.Sin(rad(b.Lat-a.Lat)/2)) +
		math.Cos(rad(a.Lat))*math.Cos(rad(b.Lat))*square(math.Sin(rad(b.Lon-a.Lon)/2))
	return 2 * earth * math.Asin(min(1, math.Sqrt(h)))
}

// Coordinates are stored in millionths of a degree: about ten centimetres.
const micro = 1e6

func toMicro(degrees float64) int64 { return int64(math.Round(degrees * micro)) }
