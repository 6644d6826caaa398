package model

// The mistakes of a design that the tests make.
var Mistakes = map[string]flaws{
	"no resync":                    {noResync: true},
	"no epoch":                     {noEpoch: true},
	"lets go at accept":            {dropAtAccept: true},
	"carries out twice":            {applyTwice: true},
	"cursor releases":              {cursorReleases: true},
	"receipt releases":             {ackReleases: true},
	"ledger forgets":               {shortLedger: true},
	"throws forks away":            {noFreeze: true},
	"clerk forgets its statuses":   {noRecall: true},
	"sends what was overtaken":     {keepDrafts: true},
	"takes before it compared":     {takeWhileLost: true},
	"uses a number again":          {noVoid: true},
	"stops at what it cannot read": {spoils: true, noSkip: true},
	"leaves a number empty":        {spoils: true, noReplace: true},
	"fills it with nothing":        {spoils: true, bareVoid: true},
	"leaves a command unanswered":  {noNewAnswer: true},
	"words overtake":               {wordsOvertake: true},
	"keeps what is lost":           {lostStands: true},
}

// Flawed runs the check on a design with a mistake.
func Flawed(seed uint64, runs int, mistake string) Report {
	return FlawedFrom(seed, 0, runs, mistake)
}

// FlawedFrom is [Flawed] for the runs of a seed from one on.
func FlawedFrom(seed uint64, from, runs int, mistake string) Report {
	return checkFrom(seed, from, runs, Mistakes[mistake])
}
