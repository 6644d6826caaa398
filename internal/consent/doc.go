// Package consent keeps what a child and a guardian permit, what else makes a use
// lawful, and whom it concerns: answers per purpose and recipient, the child's assent
// apart from the guardian's consent, best-interests overrides that a second person
// approves, other lawful bases, what was passed on to whom, withdrawals and who has been
// told of them, and the two recorded ways past a withholding. It keeps the notes of a
// child's lawyer, which nobody else reads.
//
// Consent is one lawful basis among several. What is in force stands in access's own
// table of permits, written through the pass, so that a withdrawal holds from the next
// question on.
//
// It opens no transaction of its own and decides no access: package casework calls it
// with a pass, beside the event that goes with each record. Start at [Record], [Write]
// and [Book].
package consent
