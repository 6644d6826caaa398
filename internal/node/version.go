package node

import (
	"runtime/debug"
	"strings"
)

// Version returns the program's version: the module's, or the revision it was
// built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				dirty = "+changes"
			}
		}
	}
	if version != "" && version != "(devel)" {
		return version
	}
	if len(revision) > 12 {
		revision = revision[:12]
	}
	return strings.TrimSpace("devel " + revision + dirty)
}
