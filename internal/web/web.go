// Package web is the door for staff: their pages in a browser. It decodes a
// request, calls one method of a room, and shows the result.
//
// It never decides who may see what, never touches the database, and never
// builds a sentence: words come from package locale. Pages work without
// JavaScript; what the small modules in static/ add is comfort (and passkeys,
// which a browser offers to JavaScript only).
//
// Start at [Renderer] for how a page is made, view.go for what every page
// gets, and templates/frame.html for what stands around it.
package web
