package names

import "math/bits"

// maxWords and maxLetters bound what [Prepare] keeps of a name.
const (
	maxWords   = 4
	maxLetters = 24
)

// Prepared is a name made ready for [Prepared.Similar]. It holds no pointers
// and may be copied and kept in large slices. Its zero value is like nothing.
type Prepared struct {
	n     uint8
	words [maxWords]word
}

type word struct {
	n       uint8
	script  uint8
	letters [maxLetters]byte
	codes   [MaxCodes]code
}

// Prepare makes a name ready for comparison. Honorifics and particles are left
// out; of what remains the first four words count, each with its first 24
// letters. To compare given and family names by themselves, prepare them by
// themselves.
func Prepare(name string) Prepared {
	var p Prepared
	for _, t := range Tokens(name) {
		if t.Kind == Particle || t.Kind == Honorific || p.n == maxWords {
			continue
		}
		w := &p.words[p.n]
		roman := Romanise(t.Text)
		w.n = uint8(copy(w.letters[:], roman))
		if !isASCII(t.Text) {
			w.script = 1
		}
		codesOf(&w.codes, t.Written)
		if w.n > 0 {
			p.n++
		}
	}
	return p
}

// Empty reports whether nothing was left to compare.
func (p *Prepared) Empty() bool { return p.n == 0 }

// Similar scores two names from 0 (nothing in common) to 1 (the same words, in
// any order). See [Prepared.Similar].
func Similar(a, b string) float64 {
	p, q := Prepare(a), Prepare(b)
	return p.Similar(&q)
}

// Similar scores two prepared names from 0 to 1: each word of the shorter name
// is paired with the word it is most like (Jaro-Winkler on romanised letters;
// words that share a code across scripts count as at least 0.9), and the words
// are weighed by their length. Words that only one name has cost a little, as
// a name is often given in part. It allocates nothing.
func (p *Prepared) Similar(q *Prepared) float64 {
	if p.n == 0 || q.n == 0 {
		return 0
	}
	if p.n > q.n {
		p, q = q, p
	}
	var sum, weight float64
	used := uint8(0)
	for i := range p.words[:p.n] {
		w := &p.words[i]
		best, at := 0.0, -1
		for j := range q.words[:q.n] {
			if used&(1<<j) != 0 {
				continue
			}
			if s := w.similar(&q.words[j]); s > best {
				best, at = s, j
			}
		}
		if at >= 0 {
			used |= 1 << at
		}
		sum += best * float64(w.n)
		weight += float64(w.n)
	}
	extra := float64(bits.OnesCount8(^used & (1<<q.n - 1)))
	return sum / weight * (1 - 0.04*extra)
}

func (w *word) similar(v *word) float64 {
	s := jaroWinkler(w.letters[:w.n], v.letters[:v.n])
	if s < 0.9 && w.script != v.script {
		for _, c := range w.codes {
			for _, d := range v.codes {
				if c == d && c != 0 {
					return 0.9
				}
			}
		}
	}
	return s
}

// jaroWinkler is the usual measure with prefix weight 0.1 for up to four letters.
func jaroWinkler(a, b []byte) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return 0
	}
	window := max(len(b)/2-1, 0)
	var usedA, usedB uint32
	for i, c := range a {
		for j := max(i-window, 0); j < min(i+window+1, len(b)); j++ {
			if b[j] == c && usedB&(1<<j) == 0 {
				usedA |= 1 << i
				usedB |= 1 << j
				break
			}
		}
	}
	m := bits.OnesCount32(usedA)
	if m == 0 {
		return 0
	}
	half := 0
	for x, y := usedA, usedB; x != 0; x, y = x&(x-1), y&(y-1) {
		if a[bits.TrailingZeros32(x)] != b[bits.TrailingZeros32(y)] {
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
