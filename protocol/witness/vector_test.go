package witness_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
)

var update = flag.Bool("update", false, "write the vectors anew")

// vectors are published in testdata, for programs of others: the keys of a log and a
// witness, what they make of one log, and what must be refused.
type vectors struct {
	LogSeed     string `json:"log_seed"` // hexadecimal, Ed25519
	LogKey      string `json:"log_key"`
	WitnessSeed string `json:"witness_seed"`
	WitnessKey  string `json:"witness_key"`
	Checkpoint  string `json:"checkpoint"` // signed by the log
	Time        int64  `json:"time"`
	Cosignature string `json:"cosignature"` // the witness's line over it
	Request     string `json:"request"`     // from size 3, for the checkpoint of size 9 of entries "0" to "8"
	Statement   string `json:"statement"`   // of a restore, signed under the new name
	Policy      string `json:"policy"`      // in its one spelling

	BadRequests []string `json:"bad_requests"`
	BadPolicies []string `json:"bad_policies"`
}

func makeVectors(t *testing.T) *vectors {
	s := signer(t, 2)
	signed := checkpoint(t, 9)
	v := &vectors{
		LogSeed: hex.EncodeToString(seed(1)), LogKey: logKey(t), WitnessSeed: hex.EncodeToString(seed(2)), WitnessKey: s.Verifier.String(),
		Checkpoint: signed, Time: at.Unix(), Request: string(request(t, 3, 9).Bytes()), Policy: policy(t, twoGroups(t)).String(),
	}
	v.Cosignature = cosigned(t, s, signed, at)[len(signed):]
	statement, err := note.Sign(&note.Note{Text: witness.Statement{
		Old: origin, New: witness.Origin("XA-test", 2), Size: 9, Root: rootOf(9), At: at, Cause: "the disk was replaced",
	}.Text()}, logSigner(t))
	if err != nil {
		t.Fatal(err)
	}
	v.Statement = string(statement)
	v.BadRequests = []string{"", "old 03\n\n" + signed, "old 3\nAAAA\n\n" + signed, "old 3\r\n\r\n" + signed, "old 9223372036854775808\n\n" + signed, "old 3\n\n"}
	v.BadPolicies = []string{"", "quorum q\n", "witness w " + logKey(t) + "\nquorum w\n", "quorum none\nquorum none\n", "witness w " + v.WitnessKey + "\ngroup g 2 w\nquorum g\n"}
	return v
}

func TestVectors(t *testing.T) {
	path := filepath.Join("testdata", "vectors.json")
	want := makeVectors(t)
	if *update {
		b, err := json.MarshalIndent(want, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	w, err := witness.ParseVerifier(v.WitnessKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, at, ok := w.Cosigned(v.Checkpoint + v.Cosignature); !ok || !at.Equal(time.Unix(v.Time, 0)) || v.Cosignature != want.Cosignature {
		t.Errorf("the cosignature: %s, %v", at, ok)
	}
	log, err := note.NewVerifier(v.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := witness.OpenNote(v.Checkpoint, note.VerifierList(log)); err != nil || n.Text != (witness.Checkpoint{Origin: origin, Size: 9, Root: rootOf(9)}).Text() {
		t.Errorf("the checkpoint: %v", err)
	}
	if r, err := witness.ParseRequest([]byte(v.Request)); err != nil || !witness.Proves(r.Proof, r.Old, rootOf(3), 9, rootOf(9)) {
		t.Errorf("the request: %+v, %v", r, err)
	}
	if p, err := witness.ParsePolicy(v.Policy); err != nil || p.String() != v.Policy {
		t.Errorf("the policy: %v", err)
	}
	for i, bad := range v.BadRequests {
		if _, err := witness.ParseRequest([]byte(bad)); err == nil {
			t.Errorf("bad request %d was read", i)
		}
	}
	for i, bad := range v.BadPolicies {
		if _, err := witness.ParsePolicy(bad); err == nil {
			t.Errorf("bad policy %d was read", i)
		}
	}
	if v.Statement != want.Statement || v.Request != want.Request || v.Checkpoint != want.Checkpoint {
		t.Error("what is written is not what was published")
	}
}
