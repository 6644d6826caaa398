package identity_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// pair returns the pair of a number: the same for the same number.
func pair(t testing.TB, n byte) *note.Secret {
	t.Helper()
	s, err := note.SecretFrom(bytes.Repeat([]byte{n}, note.SecretSize))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseNodeID(t *testing.T) {
	for text, country := range map[string]string{
		"xa.dcs": "XA", "int.iom.nbo": "", "ke.child-help.n-1": "KE", "xa." + strings.Repeat("a", 61): "XA",
	} {
		got, err := identity.ParseNodeID(text)
		if err != nil || string(got) != text || got.Country() != country {
			t.Errorf("ParseNodeID(%q) = %q of %q, %v", text, got, got.Country(), err)
		}
	}
	for _, text := range []string{
		"", "xa", "XA.dcs", "xa.", ".dcs", "xa..dcs", "xa.dcs.a.b", "xa.dcs\n", "xa.d cs", "xa.-dcs", "xa.dcs-",
		"x1.dcs", "xaa.dcs", "xa.dcß", "xa/dcs", "xa." + strings.Repeat("a", 62),
	} {
		if got, err := identity.ParseNodeID(text); !errors.Is(err, identity.ErrNodeID) || got != "" {
			t.Errorf("ParseNodeID(%q) = %q, %v", text, got, err)
		}
	}
}

func TestKeyIDDependsOnRoleNodeAndKey(t *testing.T) {
	seen := map[identity.KeyID]bool{}
	for _, role := range []identity.Role{identity.Sign, identity.Receive, identity.Transport} {
		for _, node := range []identity.NodeID{"xa.dcs", "xb.moi"} {
			for _, key := range []string{"one", "two"} {
				id := identity.KeyIDOf(role, node, []byte(key))
				if again, err := identity.ParseKeyID(id.String()); err != nil || again != id {
					t.Errorf("ParseKeyID(%s) = %v, %v", id, again, err)
				}
				seen[id] = true
			}
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d ids for 12 keys", len(seen))
	}
	for _, bad := range []string{"", "00", strings.Repeat("A", 32), strings.Repeat("0", 34)} {
		if _, err := identity.ParseKeyID(bad); err == nil {
			t.Errorf("ParseKeyID accepted %q", bad)
		}
	}
}

func TestFingerprintIsTenGroupsOfFiveDigits(t *testing.T) {
	f := identity.FingerprintOf(pair(t, 1).Public())
	if !regexp.MustCompile(`^\d{5}( \d{5}){9}$`).MatchString(f.String()) {
		t.Errorf("fingerprint %q", f)
	}
	if f == identity.FingerprintOf(pair(t, 2).Public()) {
		t.Error("two pairs have one fingerprint")
	}
}
