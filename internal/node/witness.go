package node

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/protocol/identity"
	"causeway/protocol/witness"
)

// policyFile says whose cosignatures the journal wants (C2SP tlog-policy), in the
// node's directory. Without it the journal is not witnessed.
const policyFile = "journal.policy"

// policyMost is the most that is read of it.
const policyMost = 64 << 10

// readPolicy reads the policy of the node in dir, nil for none. One that cannot be
// read, or that names other logs and not this one, stops the start: nobody shall
// believe in witnesses that are never asked.
func readPolicy(dir, name string, ring *keys.Ring) (*witness.Policy, error) {
	path := filepath.Join(dir, policyFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && info.Size() > policyMost {
		err = errors.New("file is too large")
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "journal-policy", err)
	}
	p, err := witness.ParsePolicy(string(text))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "journal-policy", err)
	}
	if logs := p.Logs(); len(logs) > 0 {
		own, err := ring.VerifierKeys(witness.Origin(name, 1))
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(logs, func(l witness.LogLine) bool { return slices.Contains(own, l.Key) }) {
			return nil, fault.Wrap(fault.Invalid, "journal-policy", errors.New("none of its logs is this one"))
		}
	}
	for _, m := range p.Witnesses() {
		if !reachable(m.URL) {
			return nil, fault.Wrap(fault.Invalid, "journal-policy", errors.New("a witness is named at an address that is neither https nor a peer's"))
		}
	}
	return p, nil
}

// peerScheme begins the address of a witness that is a partner: cx:xb.moi.
const peerScheme = "cx"

// reachable accepts no address, one by TLS, one on this machine, or a partner's.
func reachable(address string) bool {
	if address == "" {
		return true
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Host != ""
	case peerScheme:
		_, err := identity.ParseNodeID(u.Opaque)
		return err == nil
	case "http":
		ip, err := netip.ParseAddr(u.Hostname())
		return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	}
	return false
}

// witnessClient asks witnesses of third parties. Their answers are verified, so what
// stands between cannot forge one.
var witnessClient = &http.Client{Transport: &http.Transport{
	Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 10 * time.Second, MaxIdleConns: 16, IdleConnTimeout: 90 * time.Second,
	MaxResponseHeaderBytes: 16 << 10, ForceAttemptHTTP2: true,
}}

// cosigner returns how a witness of the policy is asked, nil for one that cannot be.
func (n *Node) cosigner(m witness.Member) witness.Service {
	u, err := url.Parse(m.URL)
	switch {
	case err != nil || m.URL == "":
		return nil
	case u.Scheme == peerScheme:
		if n.PeerWitness == nil {
			return nil
		}
		return n.PeerWitness(identity.NodeID(u.Opaque))
	}
	return &witness.Client{URL: m.URL, HTTP: witnessClient}
}

// WitnessKey returns the key by which this node cosigns the journals of others. It lies
// in the keyring, outside of every backup.
func (n *Node) WitnessKey() (*witness.Signer, error) {
	return n.Ring.Witness("causeway/" + n.Config.Name + "/witness")
}

// refusalShown is how long a log that was refused is shown as something to act on.
const refusalShown = 30 * 24 * time.Hour

// witnessHealth asks how the journal is vouched for, and how the logs behave that
// this node vouches for.
func (n *Node) witnessHealth(ctx context.Context, h *Health) error {
	s, err := n.Journal.Settlement(ctx)
	if err != nil {
		return err
	}
	h.Witnessed, h.Policy, h.Settled = s.Witnessed(h.At), s.Asks, s.Size
	if s.Asks && !s.Since.IsZero() {
		h.Unsettled = h.At.Sub(s.Since)
	}
	for _, w := range s.Witnesses {
		switch w.Problem {
		case "":
		case journal.ProblemAhead, journal.ProblemFork:
			h.WitnessContradicts++
		default:
			h.WitnessSilent++
		}
	}
	all, err := journal.Refusals(ctx, n.DB)
	if err != nil {
		return err
	}
	for _, r := range all {
		if h.At.Sub(r.At) < refusalShown {
			h.LogsRefused++
		}
	}
	return nil
}

// witnessAdvice is what the health page says of the witnesses: the worst first.
func witnessAdvice(h *Health) (state, advice string) {
	switch {
	case h.WitnessContradicts > 0:
		return "act", "witness-contradicts"
	case h.LogsRefused > 0:
		return "act", "log-refused"
	case !h.Policy:
		return "watch", "unwitnessed"
	case !h.Witnessed:
		return "watch", "unsettled"
	case h.WitnessSilent > 0:
		return "watch", "witness-silent"
	}
	return "good", ""
}

// witnessGauges are the figures of who vouches for whom.
func witnessGauges(gauge func(name, help string, value func(*Health) float64)) {
	gauge("journal_witnessed", "1 when other nodes cosign the checkpoints as the policy asks.", func(h *Health) float64 { return flag(h.Witnessed) })
	gauge("journal_settled_entries", "Entries that the witnesses of the policy vouch for.", func(h *Health) float64 { return float64(h.Settled) })
	gauge("journal_unsettled_seconds", "Age of the oldest checkpoint that is not settled, 0 for none or without a policy.", func(h *Health) float64 {
		return h.Unsettled.Seconds()
	})
	gauge("journal_witness_silent", "Witnesses of the policy that do not cosign.", func(h *Health) float64 { return float64(h.WitnessSilent) })
	gauge("journal_witness_contradicts", "Witnesses that know another history of this journal.", func(h *Health) float64 {
		return float64(h.WitnessContradicts)
	})
	gauge("journal_logs_refused", "What other nodes signed and this one refused to cosign, in the last 30 days.", func(h *Health) float64 {
		return float64(h.LogsRefused)
	})
}
