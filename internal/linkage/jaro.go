package linkage

import "math/bits"

// jaroWinkler is the usual likeness of two words, from 0 to 1, with weight 0.1
// for each of up to four equal letters at the start. Words are compared by
// their first 64 bytes.
func jaroWinkler(a, b string) float64 {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	if len(a) > len(b) {
		a, b = b, a
	}
	window := max(len(b)/2-1, 0)
	var usedA, usedB uint64
	for i := range len(a) {
		for j := max(i-window, 0); j < min(i+window+1, len(b)); j++ {
			if a[i] == b[j] && usedB&(1<<j) == 0 {
				usedA |= 1 << i
				usedB |= 1 << j
				break
			}
		}
	}
	m := bits.OnesCount64(usedA)
	if m == 0 {
		return 0
	}
	half := 0
	for x, y := usedA, usedB; x != 0; x, y = x&(x-1), y&(y-1) {
		if a[bits.TrailingZeros64(x)] != b[bits.TrailingZeros64(y)] {
			half++
		}
	}
	f := float64(m)
	jaro := (f/float64(len(a)) + f/float64(len(b)) + (f-float64(half)/2)/f) / 3
	prefix := 0
	for prefix < min(4, len(a)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + 0.1*float64(prefix)*(1-jaro)
}
