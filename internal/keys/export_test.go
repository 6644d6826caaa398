package keys

import "testing"

// SetFailpoint makes the writing of keyring files fail at a step, leaving the
// disk as a crash there would.
func SetFailpoint(t testing.TB, hook func(step, path string) error) {
	failpoint = hook
	t.Cleanup(func() { failpoint = nil })
}

// Secrets returns every secret that a ring holds in clear.
func Secrets(r *Ring) [][]byte {
	s := r.state.Load()
	out := [][]byte{s.content.Root, s.fileKey}
	for _, e := range s.content.Epochs {
		if e.Key != nil {
			out = append(out, e.Key)
		}
	}
	for _, k := range s.content.Signers {
		if k.Seed != nil {
			out = append(out, k.Seed)
		}
	}
	return out
}

// Expand is the derivation below a subject or epoch key.
func Expand(key []byte, label string) []byte { return expand(key, label) }

// SubjectsAtOnce is the number of subjects that one query fetches.
const SubjectsAtOnce = subjectsAtOnce

// SealCaptureWith seals with an ephemeral key and nonce that the test gives.
var SealCaptureWith = sealCapture
