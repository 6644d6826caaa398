package causeway_test

import (
	"cmp"
	"context"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// sharedTable is the one table that another room's SELECT may join: lists are
// filtered in SQL by what the caller reaches.
const sharedTable = "access_reach"

// migrationNumbers gives each room its parts of the one sequence.
var migrationNumbers = map[string][][2]int{
	"store": {{1, 9}}, "keys": {{10, 19}}, "journal": {{20, 29}, {223, 224}}, "staff": {{30, 39}, {44, 44}, {200, 209}}, "access": {{40, 49}, {131, 131}},
	"person": {{50, 59}, {262, 262}}, "casework": {{60, 69}, {100, 129}, {180, 189}, {250, 254}, {270, 274}}, "consent": {{130, 139}}, "intake": {{70, 79}}, "forms": {{80, 84}},
	"deadline": {{85, 89}}, "document": {{90, 94}}, "facts": {{95, 99}},
	"referral": {{150, 169}, {221, 221}, {225, 235}}, "directory": {{170, 179}}, "oversight": {{190, 199}},
	"exchange": {{210, 220}, {222, 222}, {240, 244}, {280, 280}}, "match": {{260, 261}, {263, 269}},
}

// forbiddenSQL is what the two engines do not understand alike, or what hides
// what is read.
var forbiddenSQL = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`SELECT \*`), "columns are listed"},
	{regexp.MustCompile(`::`), "write CAST(x AS t)"},
	{regexp.MustCompile(`\?`), "placeholders are $1, $2"},
	{regexp.MustCompile(`\bFOR UPDATE\b`), "SQLite has one writer; check the version"},
	{regexp.MustCompile(`\bI?LIKE\b`), "the engines fold case differently; search in Go"},
	{regexp.MustCompile(`\b(?i:now\(|current_timestamp|current_date)`), "time comes from the transaction"},
	{regexp.MustCompile(`\b(?i:random\()`), "randomness comes from crypto/rand"},
}

func readSQL(t *testing.T) []text {
	t.Helper()
	texts, err := readTexts(os.DirFS("."))
	if err != nil {
		t.Fatalf("read the source: %v", err)
	}
	return texts
}

func TestSQLStaysInItsRoom(t *testing.T) {
	texts := readSQL(t)
	if len(tables(texts)) == 0 {
		t.Fatal("no migration found: the test does not run in the module's root")
	}
	for _, fault := range checkTexts(texts) {
		t.Error(fault)
	}
}

// TestPrepare asks both engines to prepare every SQL constant, so that a column
// misspelt in a query nobody tested is found here. Parts of queries are called
// ...Head, ...Tail or ...Part; what one engine alone is asked has PG or SQLite
// in its name, and only store may hold such.
func TestPrepare(t *testing.T) {
	var statements []text
	for _, s := range readSQL(t) {
		part := strings.HasSuffix(s.name, "Head") || strings.HasSuffix(s.name, "Tail") || strings.HasSuffix(s.name, "Part")
		if s.name != "" && !part && strings.HasPrefix(path.Base(s.file), "sql") && sqlStatement.MatchString(s.value) {
			statements = append(statements, s)
		}
	}
	if len(statements) == 0 {
		t.Fatal("no SQL constant found")
	}
	slices.SortFunc(statements, func(a, b text) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, s := range statements {
			if other, ok := onlyOn(s); ok && other != db.Engine() {
				continue
			}
			if err := prepare(t.Context(), db, s.value); err != nil {
				t.Errorf("%s:%d: %s: %v", s.file, s.line, s.name, err)
			}
		}
	})
}

// onlyOn names the engine that a statement is for, if it is for one.
func onlyOn(s text) (store.Engine, bool) {
	switch {
	case s.room != "internal/store":
	case strings.HasPrefix(s.name, "sqlPG"):
		return store.Postgres, true
	case strings.HasPrefix(s.name, "sqlSQLite"):
		return store.SQLite, true
	}
	return "", false
}

var placeholder = regexp.MustCompile(`\$([0-9]+)`)

// prepare lets the engine parse and plan a statement without running it: both
// engines do with EXPLAIN, whatever the arguments are.
func prepare(ctx context.Context, db *store.DB, query string) error {
	args := 0
	for _, m := range placeholder.FindAllStringSubmatch(sqlLiteral.ReplaceAllString(query, ""), -1) {
		n, _ := strconv.Atoi(m[1]) // digits
		args = max(args, n)
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, "EXPLAIN "+query, make([]any, args)...)
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		return cmp.Or(rows.Err(), rows.Close())
	})
}

// TestPrepareFinds makes sure that EXPLAIN really finds mistakes, on each engine.
func TestPrepareFinds(t *testing.T) {
	tests := []struct {
		query string
		sound bool
	}{
		{`SELECT holder FROM store_lease WHERE name = $1`, true},
		{`DELETE FROM store_lease WHERE name = $2 AND holder = $1`, true},
		{`SELECT keeper FROM store_lease`, false},
		{`SELECT holder FROM store_leash`, false},
		{`SELEC holder FROM store_lease`, false},
		{`UPDATE store_lease SET keeper = $1`, false},
		{`INSERT INTO store_lease (name, holder) VALUES ($1)`, false},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, tt := range tests {
			if err := prepare(t.Context(), db, tt.query); (err == nil) != tt.sound {
				t.Errorf("%s: got error %v, want sound %v", tt.query, err, tt.sound)
			}
		}
	})
}

// TestSQLRulesFind builds small sources with one fault each.
func TestSQLRulesFind(t *testing.T) {
	const casework = "internal/casework/sql.go"
	tests := []struct{ name, file, code, want string }{
		{"its own table", casework, "package casework; const q = `SELECT id FROM casework_case`", ""},
		{"reach in a SELECT", casework, "package casework; const q = `SELECT id FROM casework_case c JOIN access_reach r ON r.case_id = c.id`", ""},
		{"a column named like a room", casework, "package casework; const q = `SELECT person_id, staff_id FROM casework_case`", ""},
		{"a name inside a literal", casework, "package casework; const q = `SELECT id FROM casework_case WHERE kind = 'staff_account'`", ""},
		{"a word of English", "internal/web/w.go", `package web; const q = "UPDATE your account FROM here"`, ""},

		{"another room's table", casework, "package casework; const q = `SELECT id FROM person_person`", "mentions person_person, a table of internal/person"},
		{"another room's table that does not exist", casework, "package casework; const q = `SELECT id FROM journal_secret`", "mentions journal_secret"},
		{"behind a comma", casework, "package casework; const q = `SELECT id FROM casework_case, staff_account`", "mentions staff_account"},
		{"a piece of a query", casework, "package casework; func f(s string) string { return s + ` JOIN staff_account` }", "mentions staff_account"},
		{"put together from constants", casework, "package casework; const a = `staff_` + `account`\nconst q = `SELECT id FROM ` + a", "mentions staff_account"},
		{"writing reach", casework, "package casework; const q = `UPDATE access_reach SET holder = $1`", "mentions access_reach"},
		{"reach beside a write", casework, "package casework; const q = `INSERT INTO casework_case SELECT id FROM access_reach`", "mentions access_reach"},
		{"a query outside sql.go", "internal/casework/list.go", "package casework; const q = `SELECT id FROM casework_case`", "stands in the package's sql.go"},
		{"a query in a door", "internal/web/sql.go", "package web; const q = `SELECT 1 `", "a door holds no SQL"},
		{"all columns", casework, "package casework; const q = `SELECT * FROM casework_case`", "columns are listed"},
		{"a cast of one engine", casework, "package casework; const q = `SELECT id::text FROM casework_case`", "write CAST"},

		{"a foreign key into another room", migrationsDir + "/0061_casework_x.sql", `CREATE TABLE casework_x (a BYTEA REFERENCES staff_account (id));`, "mentions staff_account"},
		{"another room's table made", migrationsDir + "/0061_casework_x.sql", `CREATE TABLE staff_x (a BYTEA);`, "does not begin with casework_"},
		{"a number of another room", migrationsDir + "/0031_casework_x.sql", `CREATE TABLE casework_x (a BYTEA);`, "number 0031 is not one of casework's"},
		{"a migration with no room", migrationsDir + "/0061x.sql", ``, "is called NNNN_room_what.sql"},
		{"a comment", migrationsDir + "/0061_casework_x.sql", "-- see staff_account\nCREATE TABLE casework_x (a BYTEA);", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			texts, err := readTexts(fstest.MapFS{
				migrationsDir + "/0030_staff_account.sql": {Data: []byte(`CREATE TABLE staff_account (id BYTEA);`)},
				tt.file: {Data: []byte(tt.code)},
			})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(checkTexts(texts), "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
