package peer

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"

	"causeway/internal/fault"
)

// protocolName is what both ends say they speak inside TLS: HTTP/2, and no older form
// that would need a second parser in front of the door.
const protocolName = "h2"

// exchangeOnly is the one key exchange of the door: an eavesdropper who keeps today's
// bytes for a quantum computer must break both halves. A node that offers only a
// classic exchange is refused, there is nothing to fall back to.
var exchangeOnly = []tls.CurveID{tls.X25519MLKEM768}

// Certificate wraps a transport key in a certificate that says nothing else: no name, no
// place and no date that anybody could rely on. What counts is the key, which the other
// side compares with the schedule that the node's recovery key signed.
func Certificate(key crypto.Signer) (*tls.Certificate, error) {
	if _, ok := key.Public().(ed25519.PublicKey); !ok {
		return nil, errors.New("a transport key is an Ed25519 key")
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0).UTC(),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // "no date", RFC 5280, 4.1.2.5
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("wrap transport key: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// identityOf returns the transport key of the other side of a connection, nil where it
// showed none. TLS has proved that the other side holds its private half.
func identityOf(s *tls.ConnectionState) ed25519.PublicKey {
	if s == nil || len(s.PeerCertificates) != 1 {
		return nil
	}
	key, _ := s.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	return key
}

// serverTLS is how the door speaks TLS. It takes every certificate and none: who somebody
// is is looked at for each request, so that a revoked key ends at once, and a stranger
// cannot tell this door from an empty house.
func serverTLS(own func() (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, CurvePreferences: exchangeOnly, NextProtos: []string{protocolName},
		GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return own() },
		ClientAuth:             tls.RequestClientCert,
		SessionTicketsDisabled: true, // each connection proves anew who it is
		VerifyConnection:       onlyHTTP2,
	}
}

// onlyHTTP2 refuses a connection that agreed on nothing: it would be read as HTTP/1.
func onlyHTTP2(s tls.ConnectionState) error {
	if s.NegotiatedProtocol != protocolName {
		return fault.New(fault.Denied, "peer-protocol")
	}
	return nil
}

// clientTLS is how a node speaks TLS to a peer: it shows its own key, and goes on only
// when the other side holds one of the keys that pins returns for today.
func clientTLS(own func() (*tls.Certificate, error), pins func() []ed25519.PublicKey) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, CurvePreferences: exchangeOnly, NextProtos: []string{protocolName},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own() },
		// No name and no chain is looked at: VerifyConnection compares the key itself.
		InsecureSkipVerify:     true,
		SessionTicketsDisabled: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			key := identityOf(&s)
			for _, pin := range pins() {
				if key != nil && bytes.Equal(key, pin) {
					return onlyHTTP2(s)
				}
			}
			return fault.New(fault.Denied, "peer-key")
		},
	}
}
