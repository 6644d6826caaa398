package linkage

import "encoding/binary"

// A row is a record in an index, as 32-bit units: earliest and latest birth,
// sex; then a unit for each word (kind, whether an alternative begins, number of
// the word) and two for each tag, by kind in rising order.
const (
	rowHead    = 3
	kindShift  = 28
	startFlag  = 1 << 27
	numberMask = startFlag - 1
)

// row is a stored row taken apart.
type row struct {
	birth Birth
	sex   Sex
	units []uint32
	from  [kinds + 1]uint8 // units of kind k are units[from[k]:from[k+1]]
}

// read takes a stored row apart.
func (r *row) read(stored []uint32) {
	r.birth = Birth{Date(stored[0]), Date(stored[1])}
	r.sex = Sex(stored[2])
	r.units = stored[rowHead:]
	k := kind(0)
	for i, u := range r.units {
		for at := kind(u >> kindShift); k <= at; k++ {
			r.from[k] = uint8(i)
		}
	}
	for ; k <= kinds; k++ {
		r.from[k] = uint8(len(r.units))
	}
}

// of returns the units of a kind.
func (r *row) of(k kind) []uint32 { return r.units[r.from[k]:r.from[k+1]] }

// appendRow adds the row of p to out, with the numbers that number gives words.
func appendRow(out []uint32, p Prepared, number func(pool, []byte) uint32) ([]uint32, error) {
	if len(p) < preparedHead || p[0] != preparedForm {
		return nil, errPrepared()
	}
	out = append(out, binary.BigEndian.Uint32(p[1:]), binary.BigEndian.Uint32(p[5:]), uint32(p[9]))
	last := kind(0)
	for p = p[preparedHead:]; len(p) > 0; {
		k := kind(p[0] &^ startBit)
		unit := uint32(k) << kindShift
		if p[0]&startBit != 0 {
			unit |= startFlag
		}
		switch {
		case k >= kinds || k < last || len(p) < 2:
			return nil, errPrepared()
		case k >= kDocument:
			if len(p) < 1+tagBytes {
				return nil, errPrepared()
			}
			hi, lo := binary.BigEndian.Uint32(p[1:]), binary.BigEndian.Uint32(p[5:])
			out = append(out, unit|hi&numberMask, unit&^startFlag|lo&numberMask)
			p = p[1+tagBytes:]
		default:
			end := 2 + int(p[1])
			if len(p) < end || p[1] == 0 {
				return nil, errPrepared()
			}
			out = append(out, unit|number(poolOf(k), p[2:end]))
			p = p[end:]
		}
		last = k
	}
	return out, nil
}

// tagOf joins the two units of a tag: 54 bits of it are kept.
func tagOf(units []uint32) uint64 {
	return uint64(units[0]&numberMask)<<27 | uint64(units[1]&numberMask)
}

// check reports whether p can become a row.
func check(p Prepared) error {
	var room [128]uint32
	_, err := appendRow(room[:0], p, func(pool, []byte) uint32 { return 0 })
	return err
}
