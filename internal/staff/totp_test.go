package staff_test

import (
	"strings"

	"causeway/internal/staff"

	"github.com/pquerna/otp/totp"
)

// code is what an authenticator app shows now.
func (w *world) code(secret staff.Secret) staff.Secret {
	w.t.Helper()
	c, err := totp.GenerateCode(strings.ReplaceAll(string(secret), " ", ""), w.clk.Now())
	if err != nil {
		w.t.Fatalf("generate code: %v", err)
	}
	return staff.Secret(c)
}
