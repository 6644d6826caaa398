package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"

	"causeway/internal/fault"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Config is the file node.json in a node's directory. It holds no secret. What
// decides about safety has no default: a missing or empty answer stops the start.
type Config struct {
	// Name names the node in its journal for ever, such as "XA-child-protection".
	Name string `json:"name"`
	// Origin is the address people open, such as "https://causeway.example".
	Origin string `json:"origin"`
	// Listen is the address of the staff pages.
	Listen string `json:"listen"`
	// Metrics is the address of /healthz, /readyz and /metrics; "" serves none.
	Metrics string `json:"metrics,omitempty"`
	// TLS names certificate files; they are read again when they change.
	TLS *TLS `json:"tls,omitempty"`
	// Proxy lists the addresses of the proxy that ends TLS in front of the
	// node. Without TLS and without a proxy the node listens on loopback only.
	Proxy []netip.Prefix `json:"proxy,omitempty"`

	Database Database `json:"database"`
	Keyring  Keyring  `json:"keyring"`

	// Pack is "default", or "demo" for the three invented countries.
	Pack string `json:"pack"`
	// PackFolder is laid over the pack: a country's own lists and numbers.
	PackFolder string `json:"pack_folder,omitempty"`

	Backup Backup `json:"backup"`

	// TimeZone is where the people work, such as "Africa/Addis_Ababa": "today"
	// is a day there. "" is UTC.
	TimeZone string `json:"time_zone,omitempty"`

	// Scanner is the socket of a ClamAV daemon, such as
	// "/run/clamav/clamd.ctl". With one, no document is taken in unscanned.
	Scanner string `json:"scanner,omitempty"`

	// SSO is the provider through which people may sign in too; nil for none.
	SSO *SSO `json:"sso,omitempty"`

	// Mail is the server for word by e-mail; nil sends none.
	Mail *Mail `json:"mail,omitempty"`

	// Exchange is who this node is to nodes of other countries; without it the node
	// has no partners.
	Exchange *Exchange `json:"exchange,omitempty"`

	// Demo marks a directory of invented people. It never becomes a real node.
	Demo bool `json:"demo,omitempty"`
}

// TLS names the files of a certificate.
type TLS struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

// Database says where the records are.
type Database struct {
	Engine store.Engine `json:"engine"`           // sqlite or postgres
	DSN    string       `json:"dsn,omitempty"`    // postgres; the password comes from its own file (PGPASSFILE)
	Schema string       `json:"schema,omitempty"` // postgres; default "causeway"
}

// Keyring says how the keyring is protected and where its two copies are.
type Keyring struct {
	Provider   string   `json:"provider"`             // passphrase, systemd, keyfile, plain
	Paths      []string `json:"paths"`                // two places, best on two disks
	Credential string   `json:"credential,omitempty"` // systemd: the credential's name
	File       string   `json:"file,omitempty"`       // keyfile: the removable key
}

// Backup says where backups go and who can open them.
type Backup struct {
	Folder       string   `json:"folder,omitempty"`
	Recipients   []string `json:"recipients"`             // age recipients; the first is the recovery kit's
	Restrictions string   `json:"restrictions,omitempty"` // where the restrictions file lies, "" for beside the database
}

// configFile is the configuration's name in a node's directory.
const configFile = "node.json"

// The other files of a node's directory.
const (
	databaseFile = "causeway.db"
	keyringFile  = "keyring"
	keyringCopy  = "keyring.copy"
	anchorFile   = "journal.anchor"
	reserveFile  = "reserve"
	binaryFile   = "binary"
	drillFile    = "restore-drill"
	spoolFolder  = "spool"
)

var nodeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{1,40}$`)

// LoadConfig reads and checks node.json of a directory.
func LoadConfig(dir string) (*Config, error) {
	b, err := os.ReadFile(filepath.Join(dir, configFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.Unavailable, "no-node-here", err)
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var c Config
	if err := d.Decode(&c); err != nil {
		return nil, fault.Wrap(fault.Invalid, "bad-configuration", err)
	}
	return &c, c.Check()
}

// Check refuses a configuration that leaves a question of safety open.
func (c *Config) Check() error {
	var k fault.Check
	k.Require(nodeName.MatchString(c.Name), "name", "node-name")
	u, err := url.Parse(c.Origin)
	k.Require(err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http"), "origin", "origin")
	k.Require(c.Listen != "", "listen", "required")
	k.Require(c.Database.Engine == store.SQLite || c.Database.Engine == store.Postgres, "database.engine", "not-in-list")
	k.Require(c.Database.Engine != store.Postgres || c.Database.DSN != "", "database.dsn", "required")
	switch c.Keyring.Provider {
	case "passphrase", "plain":
	case "systemd":
		k.Require(c.Keyring.Credential != "", "keyring.credential", "required")
	case "keyfile":
		k.Require(c.Keyring.File != "", "keyring.file", "required")
	default:
		k.Reject("keyring.provider", "not-in-list")
	}
	k.Require(len(c.Keyring.Paths) == 2 && c.Keyring.Paths[0] != c.Keyring.Paths[1], "keyring.paths", "two-places")
	k.Require(c.Pack == "default" || c.Pack == "demo", "pack", "not-in-list")
	k.Require(c.Demo || c.Pack != "demo", "pack", "demo-only")
	k.Require(c.TLS == nil || c.TLS.Certificate != "" && c.TLS.Key != "", "tls", "required")
	if c.TLS == nil && len(c.Proxy) == 0 {
		addr, err := netip.ParseAddrPort(c.Listen)
		k.Require(err == nil && addr.Addr().IsLoopback(), "listen", "loopback-only")
	}
	if c.SSO != nil {
		c.SSO.check(&k)
	}
	if c.Mail != nil {
		c.Mail.check(&k)
	}
	if c.Exchange != nil {
		c.Exchange.check(&k)
	}
	k.Require(c.Demo || len(c.Backup.Recipients) > 0, "backup.recipients", "required")
	return k.Err()
}

// save writes node.json for the first time.
func (c *Config) save(dir string) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, configFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	_, err = f.Write(append(b, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// SaveConfig writes the node's changed configuration over the one before.
func (n *Node) SaveConfig() error {
	if err := n.Config.Check(); err != nil {
		return err
	}
	b, err := json.MarshalIndent(n.Config, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(n.Dir, configFile)
	if err := os.WriteFile(path+".new", append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return os.Rename(path+".new", path)
}

// provider returns the keyring's provider; ask is called for a passphrase.
func (c *Config) provider(ask func() ([]byte, error)) keys.Provider {
	switch c.Keyring.Provider {
	case "systemd":
		return keys.SystemdCredential(c.Keyring.Credential)
	case "keyfile":
		return keys.KeyFile(c.Keyring.File)
	case "plain":
		return keys.PlainFile()
	}
	return keys.Passphrase(ask)
}

// keyringPaths returns the keyring's places; relative ones are in the node's
// directory.
func (c *Config) keyringPaths(dir string) []string {
	out := make([]string, len(c.Keyring.Paths))
	for i, p := range c.Keyring.Paths {
		out[i] = p
		if !filepath.IsAbs(p) {
			out[i] = filepath.Join(dir, p)
		}
	}
	return out
}

// storeConfig returns the database's configuration.
func (c *Config) storeConfig(dir string, ring *keys.Ring) store.Config {
	key := ring.Derive("store/file")
	return store.Config{
		Engine: c.Database.Engine, Path: filepath.Join(dir, databaseFile), FileKey: key[:],
		DSN: c.Database.DSN, Schema: c.Database.Schema,
	}
}
