package witness_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"causeway/protocol/witness"
)

// twoGroups is a policy with two witnesses abroad of three and one of two at home.
func twoGroups(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# who vouches for us\n\nlog\t%s\n", logKey(t))
	for i, name := range []string{"b", "c", "d", "ombudsperson", "dpa"} {
		fmt.Fprintf(&b, "  witness %s %s https://%s.example/cx/1/witness\n", name, signer(t, byte(2+i)).Verifier, name)
	}
	b.WriteString("group foreign 2 b c d\ngroup home any ombudsperson dpa\ngroup q all foreign home\nquorum q\n")
	return b.String()
}

func policy(t testing.TB, text string) *witness.Policy {
	t.Helper()
	p, err := witness.ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPolicyEnough(t *testing.T) {
	p := policy(t, twoGroups(t))
	for by, want := range map[string]bool{
		"": false, "b c": false, "b c dpa": true, "b dpa ombudsperson": false, "b d ombudsperson": true, "b c d": false, "b c d dpa ombudsperson": true, "x y z": false,
	} {
		names := map[string]bool{}
		for _, n := range strings.Fields(by) {
			names[n] = true
		}
		if got := p.Enough(names); got != want {
			t.Errorf("%q: enough = %v", by, got)
		}
	}
	if !p.Asks() || len(p.Witnesses()) != 5 || p.Witnesses()[1].URL != "https://c.example/cx/1/witness" || len(p.Logs()) != 1 {
		t.Errorf("policy = %s", p)
	}
}

func TestPolicyNone(t *testing.T) {
	p := policy(t, "quorum none\n")
	if p.Asks() || !p.Enough(nil) {
		t.Error("a policy of none asks for something")
	}
	var absent *witness.Policy
	if absent.Asks() {
		t.Error("no policy asks for something")
	}
	one := signer(t, 2).Verifier
	if p := policy(t, fmt.Sprintf("witness b %s\nquorum b\n", one)); p.Enough(nil) || !p.Enough(map[string]bool{"b": true}) {
		t.Error("a quorum of one witness")
	}
}

func TestPolicyCheck(t *testing.T) {
	p := policy(t, twoGroups(t))
	signed := checkpoint(t, 5)
	if by, enough := p.Check(signed); len(by) != 0 || enough {
		t.Errorf("Check = %v, %v", by, enough)
	}
	signed = cosigned(t, signer(t, 2), signed, at)
	signed = cosigned(t, signer(t, 9), signed, at) // nobody knows this one
	signed = cosigned(t, signer(t, 6), signed, at)
	if by, enough := p.Check(signed); len(by) != 2 || enough {
		t.Errorf("two of three groups: %v, %v", by, enough)
	}
	signed = cosigned(t, signer(t, 4), signed, at.Add(time.Minute))
	by, enough := p.Check(signed)
	if !enough || len(by) != 3 || by[0].Name != "b" || by[1].Name != "d" || !by[1].At.Equal(at.Add(time.Minute)) {
		t.Errorf("Check = %v, %v", by, enough)
	}
}

func TestPolicySpelling(t *testing.T) {
	p := policy(t, twoGroups(t))
	again := policy(t, p.String())
	if again.String() != p.String() || strings.Contains(p.String(), "#") || !strings.Contains(p.String(), "group home 1 ombudsperson dpa\n") {
		t.Errorf("the one spelling:\n%s\nand again:\n%s", p, again)
	}
}

func TestPolicyRefuses(t *testing.T) {
	b, c := signer(t, 2).Verifier.String(), signer(t, 3).Verifier.String()
	renamed, err := witness.NewSigner("other", seed(2))
	if err != nil {
		t.Fatal(err)
	}
	two := "witness b " + b + "\nwitness c " + c + "\n"
	for name, bad := range map[string]string{
		"empty": "", "no quorum": two, "two quorums": two + "quorum b\nquorum c\n", "an unknown quorum": two + "quorum d\n",
		"defined too late":  "quorum b\n" + two,
		"the same key":      "witness b " + b + "\nwitness c " + renamed.Verifier.String() + "\nquorum b\n",
		"a name twice":      "witness b " + b + "\nwitness b " + c + "\nquorum b\n",
		"the name none":     "witness none " + b + "\nquorum none\n",
		"a key of a log":    "witness b " + logKey(t) + "\nquorum b\n",
		"a log's wrong key": "log " + b + "\nquorum none\n", "a threshold of 0": two + "group g 0 b c\nquorum g\n",
		"too high a threshold": two + "group g 3 b c\nquorum g\n", "a zero before it": two + "group g 01 b c\nquorum g\n",
		"a member twice": two + "group g 2 b b\nquorum g\n", "a member of two groups": two + "group g any b\ngroup h all b c\nquorum h\n",
		"none as a member": two + "group g any none b\nquorum g\n", "a group in itself": two + "group g any g\nquorum g\n",
		"no member": two + "group g any\nquorum b\n", "another word": two + "threshold 2\nquorum b\n", "a carriage return": two + "quorum b\r\n",
		"an address without scheme": "witness b " + b + " example.org\nquorum b\n", "a password in it": "witness b " + b + " https://a:b@example.org\nquorum b\n",
		"too large": strings.Repeat("# \n", 1<<15) + "quorum none\n",
	} {
		if p, err := witness.ParsePolicy(bad); err == nil {
			t.Errorf("%s: read as\n%s", name, p)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add(twoGroups(f))
	f.Add("quorum none\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := witness.ParsePolicy(text)
		if err != nil {
			return
		}
		again, err := witness.ParsePolicy(p.String())
		if err != nil || again.String() != p.String() {
			t.Fatalf("%q: written and read again: %v", p, err)
		}
	})
}

func BenchmarkPolicyCheck(b *testing.B) {
	p := policy(b, twoGroups(b))
	signed := checkpoint(b, 5)
	for i := range 5 {
		signed = cosigned(b, signer(b, byte(2+i)), signed, at)
	}
	for b.Loop() {
		if _, enough := p.Check(signed); !enough {
			b.Fatal("not enough")
		}
	}
}
