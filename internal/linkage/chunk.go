package linkage

import "math/bits"

// chunkSize is how many records stand beside each other in the columns of one
// chunk: its 512 KiB stay in a processor's second cache.
const chunkSize = 4096

// column is one bit of the signatures of a chunk, 64 records to a word.
type column [chunkSize / 64]uint64

// columns are the signatures of up to 4096 records, bit by bit, and how many
// bits each has: lacks is 127 less that number, digit by digit, so that a count
// can begin with it and records that have everything do not come first.
type columns struct {
	bits  [signatureBits]column
	lacks [lackPlanes]column
}

// lackPlanes is the number of binary digits of lacks.
const (
	lackPlanes = 7
	maxLack    = 1<<lackPlanes - 1
)

// setSize notes how many bits the record at a place has.
func (c *columns) setSize(at, bits int) {
	lack := max(maxLack-bits, 0)
	for p := range c.lacks {
		w, m := &c.lacks[p][at>>6], uint64(1)<<(at&63)
		if lack>>p&1 != 0 {
			*w |= m
		} else {
			*w &^= m
		}
	}
}

// planes is the number of binary digits of a count: weights of one question
// and what a record lacks sum to less than 1024.
const (
	planes   = 10
	maxTotal = 1<<planes - 1 - maxLack
)

// question is what is counted for one signature: its bits by the binary digits
// of their weight.
type question struct {
	bits  [weightDigits][]uint16
	total int  // the sum of all weights
	size  int  // how many bits
	even  bool // records with many bits are put on an even footing with others
	seen  [signatureBits / 64]uint64
	weigh *[signatureBits]uint8
}

// weightDigits bounds the weight of one bit to 7.
const weightDigits = 3

// reset begins another question.
func (q *question) reset(weigh *[signatureBits]uint8) {
	for d := range q.bits {
		q.bits[d] = q.bits[d][:0]
	}
	q.total, q.size, q.weigh = 0, 0, weigh
	clear(q.seen[:])
}

// usualGroup is how many bits one word has as a rule. The bits of a longer one
// weigh less and of a shorter one more: a long name of a town is one agreement,
// not three.
const usualGroup = 7

// add asks for the bits of a word. What would let the count overflow is left out.
func (q *question) add(group []uint16) {
	for _, bit := range group {
		if q.seen[bit>>6]&(1<<(bit&63)) != 0 {
			continue
		}
		q.seen[bit>>6] |= 1 << (bit & 63)
		q.size++
		w := min(max((int(q.weigh[bit])*usualGroup+4*len(group))/(8*len(group)), 1), 1<<weightDigits-1)
		if q.total+w > maxTotal {
			continue
		}
		q.total += w
		for d := range q.bits {
			if w&(1<<d) != 0 {
				q.bits[d] = append(q.bits[d], bit)
			}
		}
	}
}

// counts holds the count of every record of a chunk, digit by digit: digit p of
// record i is bit i&63 of word i/64 of plane p.
type counts [planes]column

var noBits column // stands for columns that fill up a group

// count counts, for each record of the chunk, the weights of the question's
// bits that it has.
func (q *question) count(c *columns, out *counts) {
	*out = counts{}
	if q.even {
		copy(out[:], c.lacks[:])
	}
	var group [15]*column
	for d := range q.bits {
		rest := q.bits[d]
		for len(rest) > 0 {
			n := min(len(rest), len(group))
			for i := range group {
				if i < n {
					group[i] = &c.bits[rest[i]]
				} else {
					group[i] = &noBits
				}
			}
			addGroup(&group, out, d)
			rest = rest[n:]
		}
	}
}

// full adds three bits in each of 64 places.
func full(a, b, c uint64) (sum, carry uint64) {
	x := a ^ b
	return x ^ c, a&b | x&c
}

// addGroup adds fifteen columns, each worth 1<<digit, to the counts.
func addGroup(g *[15]*column, out *counts, digit int) {
	for i := range noBits {
		s1, c1 := full(g[0][i], g[1][i], g[2][i])
		s2, c2 := full(g[3][i], g[4][i], g[5][i])
		s3, c3 := full(g[6][i], g[7][i], g[8][i])
		s4, c4 := full(g[9][i], g[10][i], g[11][i])
		s5, c5 := full(g[12][i], g[13][i], g[14][i])
		s1, c6 := full(s1, s2, s3)
		one, c7 := full(s1, s4, s5)
		t1, d1 := full(c1, c2, c3)
		t2, d2 := full(c4, c5, c6)
		two, d3 := full(t1, t2, c7)
		four, eight := full(d1, d2, d3)

		carry := uint64(0)
		p := digit
		out[p][i], carry = full(out[p][i], one, 0)
		p++
		out[p][i], carry = full(out[p][i], two, carry)
		p++
		out[p][i], carry = full(out[p][i], four, carry)
		p++
		out[p][i], carry = full(out[p][i], eight, carry)
		for p++; p < planes; p++ {
			out[p][i], carry = out[p][i]^carry, out[p][i]&carry
		}
	}
}

// atLeast returns which of 64 records have a count of at least least.
func (c *counts) atLeast(word, least int) uint64 {
	greater, equal := uint64(0), ^uint64(0)
	for p := planes - 1; p >= 0; p-- {
		v := c[p][word]
		if least>>p&1 != 0 {
			equal &= v
		} else {
			greater |= equal & v
			equal &^= v
		}
	}
	return greater | equal
}

// at returns the count of one record.
func (c *counts) at(i int) int {
	n := 0
	for p := range c {
		n |= int(c[p][i>>6]>>(i&63)&1) << p
	}
	return n
}

// trailing is the place of the lowest bit of a word that has one.
func trailing(word uint64) int { return bits.TrailingZeros64(word) }
