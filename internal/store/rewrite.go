package store

import (
	"slices"
	"strconv"
	"strings"
)

// tokenKind tells the parts of an SQL text apart, as far as we must.
type tokenKind uint8

const (
	tokenOther       tokenKind = iota // punctuation, blanks, numbers
	tokenWord                         // keyword or identifier
	tokenQuoted                       // 'text' or "identifier"
	tokenComment                      // -- to the end of the line, or /* */
	tokenPlaceholder                  // $1
)

type token struct {
	kind tokenKind
	text string
}

// tokens cuts SQL into tokens; joined, they are the text again. It is what keeps
// the rewrites below away from string literals and comments.
func tokens(query string) []token {
	var out []token
	for len(query) > 0 {
		kind, n := scanToken(query)
		out = append(out, token{kind, query[:n]})
		query = query[n:]
	}
	return out
}

func scanToken(s string) (tokenKind, int) {
	switch c := s[0]; {
	case c == '\'' || c == '"':
		// A doubled quote inside ends one token and begins the next, which
		// comes to the same.
		if i := strings.IndexByte(s[1:], c); i >= 0 {
			return tokenQuoted, i + 2
		}
		return tokenQuoted, len(s)
	case strings.HasPrefix(s, "--"):
		if i := strings.IndexByte(s, '\n'); i >= 0 {
			return tokenComment, i
		}
		return tokenComment, len(s)
	case strings.HasPrefix(s, "/*"):
		if i := strings.Index(s[2:], "*/"); i >= 0 {
			return tokenComment, i + 4
		}
		return tokenComment, len(s)
	case c == '$' && len(s) > 1 && isDigit(s[1]):
		n := 2
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		return tokenPlaceholder, n
	case isLetter(c):
		n := 1
		for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '$') {
			n++
		}
		return tokenWord, n
	}
	return tokenOther, 1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}

// numbered rewrites $n to ?n, which the SQLite driver binds by number (it binds
// $n in order of appearance), and returns the highest n.
func numbered(query string) (string, int) {
	var b strings.Builder
	highest := 0
	for _, t := range tokens(query) {
		if t.kind != tokenPlaceholder {
			b.WriteString(t.text)
			continue
		}
		n, err := strconv.Atoi(t.text[1:])
		if err == nil {
			highest = max(highest, n)
		}
		b.WriteByte('?')
		b.WriteString(t.text[1:])
	}
	return b.String(), highest
}

// sqliteTypes gives SQLite's strict type for each portable one.
var sqliteTypes = map[string]string{
	"BIGINT":  "INTEGER",
	"BOOLEAN": "INTEGER",
	"BYTEA":   "BLOB",
	"TEXT":    "TEXT",
}

// fullPages is said of an index on PostgreSQL whose keys grow, in all or behind each
// leading filter: nothing is inserted into a page once it is full, so no room is kept
// in it, which is a tenth by default.
const fullPages = " WITH (fillfactor = 100)"

// postgresDDL rewrites a migration for PostgreSQL: the indexes of primary keys and
// those that are not unique have full pages. Types and all else stay as they are.
func postgresDDL(text string) string {
	ts := tokens(text)
	var b strings.Builder
	var words []string // of the current statement, in upper case
	depth, open := 0, -1
	for i, t := range ts {
		b.WriteString(t.text)
		switch {
		case t.kind == tokenWord:
			words = append(words, strings.ToUpper(t.text))
			switch {
			case endsIn(words, "CREATE", "INDEX"):
				open = 0
			case endsIn(words, "PRIMARY", "KEY") && bracketNext(ts[i+1:]):
				open = depth
			case endsIn(words, "PRIMARY", "KEY"):
				b.WriteString(fullPages)
			}
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
			if depth == open {
				b.WriteString(fullPages)
				open = -1
			}
		case t.text == ";":
			words = words[:0]
		}
	}
	return b.String()
}

// endsIn reports whether the newest words are these.
func endsIn(words []string, last ...string) bool {
	return len(words) >= len(last) && slices.Equal(words[len(words)-len(last):], last)
}

// bracketNext reports whether a bracket opens after blanks.
func bracketNext(ts []token) bool {
	for _, t := range ts {
		if strings.TrimSpace(t.text) != "" {
			return t.text == "("
		}
	}
	return false
}

// sqliteDDL rewrites a migration for SQLite: its types, STRICT for every table,
// and WITHOUT ROWID for one whose closing bracket is followed by the comment
// "-- clustered" on the same line (before or after the semicolon).
func sqliteDDL(text string) string {
	ts := tokens(text)
	var b strings.Builder
	statement := "" // first two words of the current statement
	words := 0
	depth, closed := 0, -1 // bracket depth; position after a CREATE TABLE's last bracket
	for i, t := range ts {
		switch {
		case t.kind == tokenWord:
			upper := strings.ToUpper(t.text)
			if words < 2 {
				statement += upper + " "
				words++
			}
			if to, ok := sqliteTypes[upper]; ok && ddl(statement) {
				b.WriteString(to)
				continue
			}
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
			if depth == 0 && statement == "CREATE TABLE " {
				closed = i
			}
		case t.text == ";":
			if closed >= 0 && statement == "CREATE TABLE " {
				b.WriteString(tableOptions(ts, closed))
			}
			statement, words, closed = "", 0, -1
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// ddl reports whether the statement declares columns; an UPDATE in a migration
// may well mention a column called text.
func ddl(statement string) bool {
	return statement == "CREATE TABLE " || statement == "ALTER TABLE "
}

// tableOptions looks from a table's last bracket to the end of the line.
func tableOptions(ts []token, closed int) string {
	for _, t := range ts[closed+1:] {
		if strings.Contains(t.text, "\n") && t.kind != tokenComment {
			break
		}
		if t.kind == tokenComment && strings.TrimSpace(strings.TrimPrefix(t.text, "--")) == "clustered" {
			return " STRICT, WITHOUT ROWID"
		}
	}
	return " STRICT"
}
