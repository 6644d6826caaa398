package peer

import (
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"causeway/internal/fault"
	"causeway/protocol/cx"
)

// withDigest hands the digest of a path on; what is no digest is not there.
func (d *Door) withDigest(text string, answer func(http.ResponseWriter, *http.Request, Partner, cx.Digest)) func(http.ResponseWriter, *http.Request, Partner) {
	digest, err := cx.ParseDigest(text)
	if err != nil {
		return nil
	}
	return func(w http.ResponseWriter, r *http.Request, p Partner) { answer(w, r, p, digest) }
}

// blobHead says how much of an attachment is here: HEAD /cx/1/blob/DIGEST. 200 when it is
// whole, 202 when it is not.
func (d *Door) blobHead(w http.ResponseWriter, r *http.Request, p Partner, digest cx.Digest) {
	got, err := d.c.Spool.Progress(p.ID, digest)
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	w.WriteHeader(progress(w, got))
}

// progress writes how much is here, and returns the status that says so.
func progress(w http.ResponseWriter, got Progress) int {
	w.Header().Set(headerOffset, strconv.FormatInt(got.Size, 10))
	if got.Whole {
		return http.StatusOK
	}
	return http.StatusAccepted
}

// blobPut takes a part of an attachment: PUT /cx/1/blob/DIGEST?offset=N. The answer comes
// when the part is on the disk. A part out of turn is a conflict that says where to go on.
func (d *Door) blobPut(w http.ResponseWriter, r *http.Request, p Partner, digest cx.Digest) {
	offset, ok := number(r.URL.RawQuery, "offset")
	switch {
	case !ok:
		d.refuse(w, r, p, cx.BadFormat, 0)
		return
	case offset > p.Limits.Blob-max(r.ContentLength, 0):
		d.refuse(w, r, p, cx.TooLarge, 0)
		return
	case d.c.Full():
		d.refuse(w, r, p, cx.Busy, fullWait)
		return
	}
	body, ok := d.body(w, r, p, PartSize)
	if !ok {
		return
	}
	taken, err := d.c.Spool.Taken(p.ID)
	if err == nil && taken+max(r.ContentLength, 0) > p.Limits.Spool {
		d.refuse(w, r, p, cx.Limit, fullWait)
		return
	}
	counted := &counter{from: body}
	got, err := d.c.Spool.Append(p.ID, digest, offset, p.Limits.Blob, counted)
	d.note(r.Context(), p, 0, counted.n)
	switch {
	case errors.Is(err, cx.BlobMismatch):
		progress(w, got)
		d.refuse(w, r, p, cx.BlobMismatch, 0)
	case err != nil:
		d.fail(w, r, p, err)
	default:
		w.WriteHeader(progress(w, got))
	}
}

// number reads a query that is one number and nothing else.
func number(query, name string) (int64, bool) {
	v, err := url.ParseQuery(query)
	if err != nil || len(v) != 1 || len(v[name]) != 1 {
		return 0, false
	}
	n, err := strconv.ParseInt(v.Get(name), 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == v.Get(name)
}

// How much one answer of the outbox carries.
const (
	fetchMost  = 64
	fetchBytes = 8 << 20
)

// outbox gives what waits for the peer that asks, which cannot be called:
// GET /cx/1/outbox?for=me&after=ID. The answer is envelopes, each behind its length in
// four bytes. With blob and offset instead of after it is a part of an attachment that
// one of them names.
func (d *Door) outbox(w http.ResponseWriter, r *http.Request, p Partner) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || q.Get("for") != "me" {
		d.refuse(w, r, p, cx.BadFormat, 0)
		return
	}
	if q.Has("blob") {
		d.outboxBlob(w, r, p, q)
		return
	}
	var after cx.ID
	if q.Get("after") != "" {
		if after, err = cx.ParseID(q.Get("after")); err != nil {
			d.refuse(w, r, p, cx.BadFormat, 0)
			return
		}
	}
	ids, err := d.c.Post.Waiting(r.Context(), p.ID, after, fetchMost)
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	notes, err := d.c.Post.HandOut(r.Context(), p.ID, fetchMost)
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	w.Header().Set("Content-Type", MediaEnvelope)
	for _, note := range notes {
		framed := cx.Frame(note)
		if _, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(framed))), framed...)); err != nil {
			return
		}
	}
	var sent int
	for _, id := range ids {
		parcel, err := d.c.Post.Parcel(r.Context(), p.ID, id)
		if fault.Is(err, fault.NotFound) {
			continue // answered meanwhile
		}
		if err != nil && sent == 0 {
			d.fail(w, r, p, err)
			return
		}
		b := parcel.Body
		if err != nil || sent > 0 && sent+len(b) > fetchBytes {
			return // the rest comes with the next question
		}
		_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)) // at most bodyLimit
		if err != nil {
			return
		}
		sent += len(b)
	}
}

// outboxBlob gives a part of an attachment that waits for the peer.
func (d *Door) outboxBlob(w http.ResponseWriter, r *http.Request, p Partner, q url.Values) {
	digest, err := cx.ParseDigest(q.Get("blob"))
	offset, nerr := strconv.ParseInt(q.Get("offset"), 10, 64)
	if err != nil || nerr != nil || offset < 0 {
		d.refuse(w, r, p, cx.BadFormat, 0)
		return
	}
	named, err := d.c.Post.Names(r.Context(), p.ID, digest)
	if err == nil && !named {
		err = cx.BlobMissing
	}
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	f, err := d.c.Spool.OpenOut(digest)
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		_, err = f.Seek(offset, io.SeekStart)
	}
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	w.Header().Set(headerOffset, strconv.FormatInt(info.Size(), 10))
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.CopyBuffer(onlyWriter{w}, io.LimitReader(f, PartSize), make([]byte, copyBuffer)) // a peer that is gone asks again
}
