package handover

// Flawed lets the tests run the check on designs with a mistake.
func Flawed(seed uint64, steps int, dropAtAccept, noDedupe, senderWrites bool) Report {
	return check(seed, steps, flaws{dropAtAccept, noDedupe, senderWrites})
}
