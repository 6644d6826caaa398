// Package journal keeps the log that nobody can quietly alter: who did what,
// and who saw what.
//
// Each command and each look at identifying data writes one entry in its own
// transaction. A sequencer then gives the entry its place in an RFC 6962 tree,
// and the node signs checkpoints of that tree. An entry's header holds
// pseudonyms, codes and digests, never a name, a date of birth or free text, so
// that a child can be erased and every proof stays valid.
//
// The journal never decides whether something may happen; package access does.
// It is evidence, not plumbing: operational messages belong in the log.
//
// Start at [Entry] and [Journal.Append]; [Journal.Sequence] builds the tree.
// [Verify] checks a whole journal without any key, [WritePack] takes it out for
// an auditor, [Journal.Prove] shows one entry, and [Reconcile] compares the
// records with what the journal vouches for.
package journal
