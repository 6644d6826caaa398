package match

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
)
