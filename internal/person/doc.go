// Package person keeps the identities of children and adults, sealed, and is
// the only room that can read a name.
//
// It never lists people and never decides who may see one: rooms come with an
// access.Pass. No name, and no token of a name, is stored or indexed in clear.
//
// Start at [Details], [Room.Create] and [Room.Read]; [Index] finds exact
// identifiers.
package person
