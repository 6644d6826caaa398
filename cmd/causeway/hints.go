package main

import (
	"strings"

	"causeway/internal/locale"
)

// hints says what to do about an error that an operator can meet.
var hints = map[string]string{
	"no-node-here":               "name the node's directory with --dir, or make a node with: causeway init",
	"node-exists":                "this directory has a node already; use another one, or serve it with: causeway serve",
	"bad-configuration":          "node.json cannot be read; docs/guides/node-operator.md lists its fields",
	"wrong-passphrase":           "the keyring did not open; nothing was changed. docs/runbooks/WrongPassphrase.md",
	"no-passphrase":              "give the passphrase in a file of mode 0600 with --passphrase-file, or start from a terminal",
	"passphrase-missing":         "give the passphrase in a file of mode 0600 with --passphrase-file, or start from a terminal",
	"keyring-missing":            "both copies of the keyring are missing; restore one from where you keep it. docs/runbooks/WrongPassphrase.md",
	"keyring-damaged":            "no copy of the keyring can be read; restore one from where you keep it",
	"wrong-file-key":             "the database does not belong to this keyring; check that both come from the same node",
	"schema-older":               "the database waits for a change of form; run: causeway migrate",
	"schema-newer":               "the database was used by a newer version of this program; install that version",
	"wrong-collation":            "make the PostgreSQL database with: createdb --template=template0 --locale=C.UTF-8",
	"journal-rolled-back":        "the database is older than its journal's anchor: an old copy was put in place. docs/runbooks/RestoredBackup.md",
	"journal-fork":               "the journal and its anchor tell two histories. Stop, keep both files, call the auditor. docs/runbooks/RestoredBackup.md",
	"journal-altered":            "the journal does not match its own tree. Stop, keep the files, call the auditor; causeway audit verify names the place",
	"journal-truncated":          "the journal is shorter than its last signed checkpoint. Stop, keep the files, call the auditor",
	"journal-checkpoint-altered": "a checkpoint's signature does not verify. Stop, keep the files, call the auditor",
	"journal-anchor-altered":     "the anchor file was changed. Stop, keep the files, call the auditor",
	"pack-altered":               "a pack is not of this node or does not verify; check it with: causeway audit verify --pack FILE",
	"journal-policy":             "journal.policy says whose cosignatures the journal wants; docs/protocol/witness.md has its form. Without the file the journal is not witnessed",
	"disk-full":                  "make space on the node's disk; work goes on by itself. docs/runbooks/DiskLow.md",
	"demo-only":                  "the demo pack belongs to demo directories; use pack \"default\"",
	"not-empty":                  "choose an empty or new directory: restore never overwrites",
	"wrong-identity":             "this backup is sealed to another recovery identity",
	"backup-altered":             "the backup was changed or cut short; use another one",
	"restrictions-missing":       "name the restrictions file with --restrictions, or say with --no-restrictions that it is lost",
	"no-exchange":                "make this node's keys towards others with: causeway peer init",
	"exchange-keys":              "make this node's keys towards others with: causeway peer init",
	"recovery-mistyped":          "compare the page group by group: 14 groups of 4 characters",
	"recovery-other":             "take the recovery page of this node; its fingerprint stands on it",
	"listen-in-use":              "another program listens there; choose another address with --listen",
}

// hintFor returns what to do about an error code, "" when the error says it. What the pages
// say about partners is said here too.
func hintFor(code string) string {
	hint := hints[code]
	if hint == "" && (strings.HasPrefix(code, "exchange-") || strings.HasPrefix(code, "peer-")) {
		hint = locale.Get("en").Error(code)
	}
	return hint
}
