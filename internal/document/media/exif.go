package media

import (
	"encoding/binary"
)

// Orientation is the one thing of EXIF that is kept: without it a photo lies on
// its side.
const (
	tagOrientation = 0x0112
	typeShort      = 3
)

// orientation reads the tag from a TIFF header and its first directory (EXIF
// 2.32, section 4.6); 0 where there is none, or it makes no sense.
func orientation(tiff []byte) int {
	var order binary.ByteOrder
	switch {
	case at(tiff, 0, "II\x2a\x00"):
		order = binary.LittleEndian
	case at(tiff, 0, "MM\x00\x2a"):
		order = binary.BigEndian
	default:
		return 0
	}
	if len(tiff) < 8 {
		return 0
	}
	first := uint64(order.Uint32(tiff[4:]))
	if first+2 > uint64(len(tiff)) {
		return 0
	}
	dir := tiff[first:]
	n := int(order.Uint16(dir))
	for i := range n {
		from := 2 + 12*i
		if from+12 > len(dir) {
			return 0
		}
		e := dir[from : from+12]
		if order.Uint16(e) == tagOrientation && order.Uint16(e[2:]) == typeShort {
			if v := int(order.Uint16(e[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 0
		}
	}
	return 0
}

// turned returns a TIFF header whose directory holds the orientation and nothing
// else.
func turned(turn int) []byte {
	return []byte{
		'M', 'M', 0, 0x2a, 0, 0, 0, 8, // the directory begins at 8
		0, 1, // one entry
		0x01, 0x12, 0, typeShort, 0, 0, 0, 1, 0, byte(turn), 0, 0,
		0, 0, 0, 0, // no further directory
	}
}
