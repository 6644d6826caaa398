package match

import "causeway/protocol/mask"

// What the tests of other files of the package call.
var (
	LookUp    = (*Room).lookUp
	InForce   = (*Room).inForce
	DomainOf  = (*Room).domain
	SecretOf  = (*Room).secret
	MayAsk    = (*Room).mayAsk
	CodesOf   = (*Room).codes
	Stays     = (*Room).stays
	TablesNow = (*Room).tablesNow
	ThreadOf  = threadOf
	NewVault  = newVault
	TableOf   = tableOf
	AtOf      = func(p *points) []mask.Point { return p.at }
)
