package node_test

import (
	"testing"

	"causeway/internal/fault"
	"causeway/internal/node"
	"causeway/internal/store"
)

// TestMailIsNeverInClearText: a configuration that would send over a network in clear
// text, or leaves open how, stops the start.
func TestMailIsNeverInClearText(t *testing.T) {
	right := node.Mail{Host: "mail.example.org", Port: 587, Security: "starttls", User: "node", Credential: "/etc/causeway/mail", From: "node@example.org"}
	for what, tt := range map[string]struct {
		change func(*node.Mail)
		field  string
	}{
		"as it should be":          {func(*node.Mail) {}, ""},
		"on this machine":          {func(m *node.Mail) { m.Host, m.Security = "127.0.0.1", "loopback" }, ""},
		"no word about security":   {func(m *node.Mail) { m.Security = "" }, "mail.security"},
		"in clear text":            {func(m *node.Mail) { m.Security = "none" }, "mail.security"},
		"loopback that is none":    {func(m *node.Mail) { m.Security = "loopback" }, "mail.host"},
		"a name for this machine":  {func(m *node.Mail) { m.Host, m.Security = "localhost", "loopback" }, "mail.host"},
		"a user without a secret":  {func(m *node.Mail) { m.Credential = "" }, "mail.credential"},
		"no port":                  {func(m *node.Mail) { m.Port = 0 }, "mail.port"},
		"no address to come from":  {func(m *node.Mail) { m.From = "" }, "mail.from"},
		"a name beside an address": {func(m *node.Mail) { m.From = "Node <node@example.org>" }, "mail.from"},
	} {
		m := right
		tt.change(&m)
		c := node.Config{
			Name: "XA-test", Origin: "https://node.example", Listen: "127.0.0.1:0", Pack: "demo", Demo: true, Mail: &m,
			Database: node.Database{Engine: store.SQLite}, Keyring: node.Keyring{Provider: "plain", Paths: []string{"a", "b"}},
		}
		got := fault.FieldsOf(c.Check())
		if tt.field == "" && len(got) != 0 || tt.field != "" && (len(got) != 1 || got[0].Name != tt.field) {
			t.Errorf("%s: got %v, want %q refused", what, got, tt.field)
		}
	}
}
