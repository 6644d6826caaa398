package linkage

import "math"

// logTable holds the logarithms of 1 to 2 in steps.
var logTable = func() (t [1 << logBits]float64) {
	for i := range t {
		t[i] = math.Log(1 + (float64(i)+.5)/float64(len(t)))
	}
	return t
}()

const logBits = 11

// logarithm is the natural logarithm of a probability above 0, to a thousandth
// part: nothing that is scored is known better. It takes a tenth of the time.
func logarithm(p float64) float64 {
	b := math.Float64bits(min(max(p, 1e-9), 1))
	exponent := int(b>>52) - 1023
	return float64(exponent)*math.Ln2 + logTable[b>>(52-logBits)&(1<<logBits-1)]
}
