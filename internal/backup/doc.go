// Package backup copies a node into one sealed file while it runs, brings such
// a file back on either database engine, and keeps the restrictions file.
//
// It must never write a record in clear anywhere, never put the keyring into a
// backup, never overwrite a database, and never give the name of a finished
// backup to a file that was not read again and found right. It holds no SQL: it
// carries rows as package store gives and takes them.
//
// Start at [Save] and [Restore]; [Check] is the drill, [Kit] the page that is
// kept in a safe, [Keeper] the writer of the restrictions file.
//
// # What is in the file, from outside to inside
//
//	age (filippo.io/age), to the recipients of the configuration
//	└─ DEFLATE (RFC 1951)
//	   └─ frames, each with its kind and length (frame.go)
//	      opening manifest, for each table a head, its rows and its end with a
//	      running SHA-256, closing manifest signed with the node's journal key
//
// age proves that the file is whole, the signature that this node made it:
// whoever knows the recipients could seal another one.
//
// # What brings a node back
//
// The backup, the keyring and the identity of the recovery kit. The backup and
// the identity alone open the narrow rows and the journal's headers, not what
// is sealed for a child.
package backup
