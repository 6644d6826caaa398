package cx

import (
	"cmp"
	"fmt"
	"mime"
	"strconv"
	"strings"
	"time"
)

// Prohibited is the media class of abuse imagery. It never travels: both ends refuse it.
const Prohibited = "prohibited"

// Attachment is one file that goes with a message. Its ciphertext travels apart, as an
// age file of its own that is named by its digest.
type Attachment struct {
	Cipher     Digest // of the sealed file: its name on the way
	CipherSize int64  // bytes
	Plain      Digest // of the file itself
	PlainSize  int64  // bytes
	Media      string // media type, such as "application/pdf", without parameters
	Class      string // what it is, in the pack's word, such as "document"; never [Prohibited]

	RetainUntil time.Time // its own retention; zero: that of the message
	Key         BlobKey   // opens the sealed file; it travels inside the letter, never in the manifest
}

// Check returns an error with the code by which a receiver refuses the attachment.
func (a *Attachment) Check() error {
	media, params, err := mime.ParseMediaType(a.Media)
	switch {
	case a.Class == Prohibited:
		return fmt.Errorf("attachment class: %w", LabelRefused)
	case a.CipherSize > BlobLimit:
		return fmt.Errorf("attachment: %w", TooLarge)
	case a.Cipher.IsZero(), a.Plain.IsZero(), a.PlainSize < 0, a.CipherSize != sealedSize(a.PlainSize), !isToken(a.Class),
		err != nil, len(params) > 0, media != a.Media, len(a.Media) > tokenLimit:
		return fmt.Errorf("attachment: %w", BadFormat)
	}
	return nil
}

// checkAttachments checks a manifest as a whole.
func checkAttachments(list []Attachment) error {
	if len(list) > AttachmentsLimit {
		return fmt.Errorf("attachments: %w", TooLarge)
	}
	var total int64
	seen := map[Digest]bool{}
	for i := range list {
		if err := list[i].Check(); err != nil {
			return err
		}
		if seen[list[i].Cipher] {
			return fmt.Errorf("attachment twice: %w", BadFormat)
		}
		seen[list[i].Cipher] = true
		total += list[i].CipherSize
	}
	if total > EnvelopeLimit {
		return fmt.Errorf("attachments: %w", TooLarge)
	}
	return nil
}

// Manifest returns the line of the manifest: digest and size of the sealed file, digest
// and size of the file, media type, class, time until which it is kept or "-". The key
// is not in it.
func (a Attachment) Manifest() string {
	until := "-"
	if !a.RetainUntil.IsZero() {
		until = showTime(a.RetainUntil)
	}
	return strings.Join([]string{
		a.Cipher.String(), strconv.FormatInt(a.CipherSize, 10), a.Plain.String(), strconv.FormatInt(a.PlainSize, 10),
		a.Media, a.Class, until,
	}, " ")
}

// ParseAttachment reads what [Attachment.Manifest] writes.
func ParseAttachment(text string) (a Attachment, err error) {
	w := wordsOf(text, 7)
	cipher, err1 := ParseDigest(w[0])
	size, err2 := readSize(w[1])
	plain, err3 := ParseDigest(w[2])
	plainSize, err4 := readSize(w[3])
	a = Attachment{Cipher: cipher, CipherSize: size, Plain: plain, PlainSize: plainSize, Media: w[4], Class: w[5]}
	if w[6] != "-" {
		a.RetainUntil, err = readTime(w[6])
	}
	return a, cmp.Or(err, err1, err2, err3, err4)
}
