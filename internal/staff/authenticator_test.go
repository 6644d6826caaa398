package staff_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"causeway/internal/staff"

	"github.com/fxamacker/cbor/v2"
)

// authenticator is a passkey in software: it makes one credential and signs
// with it, honestly or not.
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	user   []byte // the handle it was made for
	count  uint32
	origin string
	rpID   string
	flags  byte // on top of "user present"
}

const (
	flagPresent  = 0x01
	flagVerified = 0x04
	flagAttested = 0x40
)

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 24)
	if _, err := rand.Read(id); err != nil {
		t.Fatal(err)
	}
	return &authenticator{t: t, key: key, id: id, origin: "https://node.example", rpID: "node.example", flags: flagVerified}
}

// options is the part of a ceremony's options that an authenticator looks at.
type options struct {
	PublicKey struct {
		Challenge string
		RPID      string
		RP        struct{ ID string }
		User      struct{ ID, Name, DisplayName string }

		AuthenticatorSelection struct{ ResidentKey, UserVerification string }
		UserVerification       string
		AllowCredentials       []struct{ ID string }
		ExcludeCredentials     []struct{ ID string }
	}
}

func (a *authenticator) read(c staff.Ceremony) options {
	a.t.Helper()
	var o options
	if err := json.Unmarshal(c.Options, &o); err != nil {
		a.t.Fatalf("read options: %v", err)
	}
	return o
}

var b64 = base64.RawURLEncoding

func (a *authenticator) clientData(kind, challenge string) []byte {
	a.t.Helper()
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

func (a *authenticator) data(flags byte) []byte {
	a.count++
	sum := sha256.Sum256([]byte(a.rpID))
	d := append(sum[:], flagPresent|a.flags|flags)
	return binary.BigEndian.AppendUint32(d, a.count)
}

// create answers the options of a registration.
func (a *authenticator) create(c staff.Ceremony) []byte {
	a.t.Helper()
	o := a.read(c)
	a.user = a.decode(o.PublicKey.User.ID)
	point, err := a.key.PublicKey.Bytes() // 0x04 ‖ x ‖ y
	if err != nil {
		a.t.Fatal(err)
	}
	cose := a.encode(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	data := append(a.data(flagAttested), make([]byte, 16)...) // no model
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(append(data, a.id...), cose...)
	object := a.encode(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	return a.json(map[string]any{
		"id": b64.EncodeToString(a.id), "rawId": b64.EncodeToString(a.id), "type": "public-key",
		"response": map[string]any{
			"clientDataJSON":    b64.EncodeToString(a.clientData("webauthn.create", o.PublicKey.Challenge)),
			"attestationObject": b64.EncodeToString(object),
		},
	})
}

// get answers the options of an authentication.
func (a *authenticator) get(c staff.Ceremony) []byte {
	a.t.Helper()
	client := a.clientData("webauthn.get", a.read(c).PublicKey.Challenge)
	data := a.data(0)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.json(map[string]any{
		"id": b64.EncodeToString(a.id), "rawId": b64.EncodeToString(a.id), "type": "public-key",
		"response": map[string]any{
			"clientDataJSON":    b64.EncodeToString(client),
			"authenticatorData": b64.EncodeToString(data),
			"signature":         b64.EncodeToString(sig),
			"userHandle":        b64.EncodeToString(a.user),
		},
	})
}

func (a *authenticator) encode(v any) []byte {
	a.t.Helper()
	b, err := cbor.Marshal(v)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

func (a *authenticator) json(v any) []byte {
	a.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

func (a *authenticator) decode(s string) []byte {
	a.t.Helper()
	b, err := b64.DecodeString(s)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}
