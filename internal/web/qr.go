package web

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// NewQR draws a text as a square code: one path, so that it needs no style, no
// picture and no script.
func NewQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return QR{}, fmt.Errorf("draw square code: %w", err)
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return QR{Size: size, Path: path.String()}, nil
}
