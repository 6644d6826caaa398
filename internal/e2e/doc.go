// Package e2e tries the whole node from outside: in a real browser, over HTTP
// with golden answers, and by reading what a browser leaves on disk and what the
// node writes into its log. It holds tests only.
//
// It never reaches around the doors to make something true: what a test needs,
// it does as somebody who is signed in would. It looks into the database only to
// count what an answer left behind.
//
// Start at rig_test.go, which makes the one demo node all tests share. The
// browser's part needs Chromium (CAUSEWAY_CHROMIUM or the PATH) and axe-core
// (CAUSEWAY_AXE); without them it is skipped, and with CI=true that is a
// failure. CAUSEWAY_SHOTS names a folder for pictures of every page.
package e2e
