package web

import "time"

// ExportForm asks what leaves the program, how and why.
type ExportForm struct {
	Frame
	Child   *Child // one case; nil: a list
	Chosen  int    // how many were chosen; 0: the whole list
	Form    Form   // export_field (several), export_format, export_protect, export_key, export_sure, export_reason
	Fields  []Option
	Formats []Option
	Ways    []Option
	Sure    []Option
	Plain   bool // may be exported without encryption
	Cancel  string
	Before  []Exported
}

// Exported is one export of the reader's own.
type Exported struct {
	At      time.Time
	Cases   int
	Format  string // words "exportformat.<Format>"
	Plain   bool
	Reason  string
	Fetched bool
}

// ExportReady is an export whose file waits to be fetched.
type ExportReady struct {
	Frame
	Form       Form
	Cases      int
	Format     string
	Plain      bool
	ForKey     bool   // encrypted to a public key
	Passphrase string // shown until the file was fetched
	Over       bool   // it was, or its time is over
}

// ExportPaper is an export to print.
type ExportPaper struct {
	Frame
	Marks []string
	Heads []Option
	Rows  [][]string
}
