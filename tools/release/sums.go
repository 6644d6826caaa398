package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// unsigned is the last line of a note that carries no signature, so that nobody
// takes it for one that does.
const unsigned = "unsigned: no release key was given"

// sums prints the checksums of files as a note: a first line with the release's
// name, then the lines "sha256sum -c" reads, then the signature.
func sums(w io.Writer, keyFile, name string, files []string) error {
	var text strings.Builder
	if strings.ContainsAny(name, "\n\r") || name == "" {
		return errors.New("the name is one line")
	}
	fmt.Fprintf(&text, "%s\n", name)
	slices.SortFunc(files, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	for _, file := range files {
		digest, err := digestOf(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%s  %s\n", digest, filepath.Base(file))
	}
	if keyFile == "" {
		_, err := fmt.Fprintf(w, "%s\n%s\n", text.String(), unsigned)
		return err
	}
	signer, err := readSigner(keyFile)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: text.String()}, signer)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	_, err = w.Write(signed)
	return err
}

// verify checks the signature of a note, then every file it names.
func verify(w io.Writer, key, noteFile string) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return fmt.Errorf("verifier key: %w", err)
	}
	data, err := os.ReadFile(noteFile)
	if err != nil {
		return err
	}
	n, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return fmt.Errorf("%s is not signed by %s: %w", filepath.Base(noteFile), verifier.Name(), err)
	}
	name, lines, _ := strings.Cut(n.Text, "\n")
	count := 0
	for line := range strings.Lines(lines) {
		want, file, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || file != filepath.Base(file) {
			return fmt.Errorf("a line of the note is no checksum: %q", line)
		}
		got, err := digestOf(filepath.Join(filepath.Dir(noteFile), file))
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s is not the file that was signed", file)
		}
		count++
	}
	_, err = fmt.Fprintf(w, "%s: signed by %s, %d files as signed\n", name, verifier.Name(), count)
	return err
}

// keygen writes a signing key to a new file that only its owner reads.
func keygen(w io.Writer, name, file string) error {
	secret, verifier, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(secret + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, verifier)
	return err
}

func readSigner(file string) (note.Signer, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others: chmod 600 it", file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(data)))
	if err != nil {
		return nil, errors.New("the signing key is malformed") // the cause would print it
	}
	return signer, nil
}

func digestOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
