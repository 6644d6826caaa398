package node

// LogOf finds the keys of a partner's log.
var LogOf = logOf

// Unkept names the labels that a node cannot hold to.
var Unkept = unkept
