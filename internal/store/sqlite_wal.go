package store

import (
	"errors"
	"io"
	"slices"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"
)

// sqliteVFS names the file layer below SQLite: adiantum, which encrypts every
// file in blocks of 4 KiB, with our handling of the log (WAL) on top.
const sqliteVFS = "causeway"

func init() {
	join := openVFS{vfs.Find(""), func(f vfs.File, _ *vfs.Filename) vfs.File { return &joinFile{File: f} }}
	vfs.Register(sqliteVFS, openVFS{adiantum.Wrap(join, nil), wrapWAL})
}

// openVFS opens files of the layer below and wraps the log.
type openVFS struct {
	vfs.VFS
	wrap func(vfs.File, *vfs.Filename) vfs.File
}

// Open implements vfs.VFS; SQLite calls OpenFilename instead.
func (v openVFS) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return v.VFS.Open(name, flags)
}

// OpenFilename implements vfs.VFSFilename.
func (v openVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := vfsutil.WrapOpenFilename(v.VFS, name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		f = v.wrap(f, name)
	}
	return f, out, err
}

func wrapWAL(f vfs.File, name *vfs.Filename) vfs.File {
	below, ok := vfsutil.UnwrapFile[*joinFile](f)
	if !ok {
		return f // not encrypted by our adiantum: nothing to gain
	}
	return &walFile{File: f, below: below, shm: vfsutil.WrapSharedMemory(name.DatabaseFile())}
}

const (
	walBlock  = 4096    // adiantum's block
	walHeader = 24      // bytes in front of each page in the log (sqlite.org/walformat.html)
	walGrow   = 1 << 20 // the log grows by this much at once
	walHeld   = 1 << 20 // frames held in memory, in bytes, before they are written
)

// walFile is one connection's handle of the log. SQLite appends to the log, for
// each changed page, a header of 24 bytes and the page: nothing of it fits the
// blocks of the encryption, so each of the two writes would read, decrypt,
// change, encrypt and write its first and last block. walFile holds the frames
// of a transaction in memory and hands adiantum whole blocks, each once, when
// SQLite syncs the log or wants anything else of it. It also lets the log grow in
// large steps: a sync that must record a new file size takes twice as long as
// one that does not.
//
// SQLite shows a transaction to others only after it has synced the log, because
// every connection of ours that writes has synchronous=FULL; [sqlitePool]
// refuses another. So nobody can ask for a frame that is still held, and a
// transaction that was answered is with the disk.
type walFile struct {
	vfs.File
	below *joinFile
	shm   vfs.SharedMemory

	head   [walHeader]byte // a frame's header, not written yet
	headAt int64           // its place, when held
	held   bool

	// What one transaction appends, in the clear, from the beginning of a block
	// on. What was written before is kept as far as it shares the last block.
	frames []byte
	at     int64 // place of frames
	dirty  bool  // frames has more than was written
	shared bool  // its first block ends another transaction
	// known says that frames is valid. It is while one transaction writes: after
	// it another process may start the log anew and end at the same place with
	// other frames.
	known bool

	size int64  // of the file, at least; 0 is not known
	in   []byte // scratch
}

// end returns where the last appended frame ends.
func (w *walFile) end() int64 { return w.at + int64(len(w.frames)) }

// WriteAt implements io.WriterAt.
func (w *walFile) WriteAt(p []byte, off int64) (int, error) {
	if len(p) == walHeader && !w.held {
		copy(w.head[:], p)
		w.headAt, w.held = off, true
		return len(p), nil
	}
	if w.held && off == w.headAt+walHeader {
		w.held = false
		if err := w.append(w.head[:], w.headAt); err != nil {
			return 0, err
		}
		if err := w.append(p, off); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	if err := w.flush(); err != nil {
		return 0, err
	}
	if w.known && off == w.end() {
		if err := w.append(p, off); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	w.forget()
	return w.File.WriteAt(p, off)
}

// append holds p, which belongs at off.
func (w *walFile) append(p []byte, off int64) error {
	if !w.known || w.end() != off {
		if err := w.write(); err != nil {
			return err
		}
		if err := w.begin(off); err != nil {
			return err
		}
	}
	w.frames, w.dirty = append(w.frames, p...), true
	if len(w.frames) < walHeld {
		return nil
	}
	return w.write()
}

// begin starts to hold frames from off on, with what stands before in its block.
func (w *walFile) begin(off int64) error {
	w.forget()
	first := off &^ (walBlock - 1)
	inside := int(off - first)
	w.frames = slices.Grow(w.frames[:0], walBlock)[:inside]
	if inside > 0 {
		block := w.frames[:walBlock]
		n, err := w.File.ReadAt(block, first)
		if n < walBlock && !errors.Is(err, io.EOF) {
			w.frames = w.frames[:0]
			return err
		}
		clear(block[n:])
	}
	w.at, w.shared, w.known = first, inside > 0, true
	return nil
}

// write hands over what is held as whole blocks. Behind a commit, others may be
// reading the end of its last frame in the first block while that is encrypted
// anew.
func (w *walFile) write() error {
	if !w.dirty {
		return nil
	}
	n := len(w.frames)
	blocks := (n + walBlock - 1) / walBlock * walBlock
	w.frames = slices.Grow(w.frames, blocks-n)
	whole := w.frames[:blocks]
	clear(whole[n:])
	w.grow(w.at + int64(blocks))
	if err := w.encrypt(whole); err != nil {
		w.forget() // the transaction fails with it
		return err
	}
	w.dirty, w.shared = false, false
	full := n &^ (walBlock - 1)
	w.frames = w.frames[:copy(w.frames, w.frames[full:n])]
	w.at += int64(full)
	return nil
}

func (w *walFile) encrypt(whole []byte) error {
	lock := w.shared && w.shm != nil
	if lock {
		if err := w.shm.IOLock(vfs.LOCK_EXCLUSIVE, w.at); err != nil {
			return err
		}
	}
	err := w.below.join(whole, w.at, w.File.WriteAt)
	if lock {
		if uerr := w.shm.IOLock(vfs.LOCK_NONE, w.at); err == nil {
			err = uerr
		}
	}
	return err
}

// forget drops what is held: the transaction is over. What it had not written
// when it was undone, nobody will ask for.
func (w *walFile) forget() {
	clear(w.frames)
	w.frames, w.known, w.dirty, w.held = w.frames[:0], false, false, false
}

// grow makes the file larger ahead of need. What stands behind the end of the
// log is never read as a frame: its checksum and salt do not fit. If there is no
// room, the frame itself may still find some.
func (w *walFile) grow(need int64) {
	if need <= w.size {
		return
	}
	size, err := w.below.Size()
	if err != nil {
		return
	}
	w.size = size
	if need <= size {
		return
	}
	to := (need + walGrow - 1) / walGrow * walGrow
	n, _ := w.below.WriteAt(make([]byte, to-size), size) // the frame's own write says what is wrong
	w.size = (size + int64(n)) &^ (walBlock - 1)
}

// flush writes everything that is held. A header without its page is not an
// appended frame: a transaction that outgrew the page cache corrects the
// checksums of frames in the middle of the log, and what stands behind stays.
func (w *walFile) flush() error {
	if err := w.write(); err != nil || !w.held {
		return err
	}
	w.forget()
	_, err := w.File.WriteAt(w.head[:], w.headAt)
	return err
}

// ReadAt implements io.ReaderAt. A page is read in one piece.
//
// Its first block holds the end of the frame before and its last one the
// beginning of the frame behind. The first was written whole before others could
// see this frame, and stays as it is as long as they may; the last is encrypted
// anew when the frame behind is appended.
func (w *walFile) ReadAt(p []byte, off int64) (int, error) {
	if err := w.flush(); err != nil {
		return 0, err
	}
	if len(p) != pageSize {
		return w.File.ReadAt(p, off)
	}
	first := off &^ (walBlock - 1)
	last := (off + pageSize - 1) &^ (walBlock - 1)
	if w.in == nil {
		w.in = make([]byte, pageSize+walBlock)
	}
	in := w.in[:last+walBlock-first]
	if err := w.fetch(len(in), first, last); err != nil {
		return 0, err
	}
	n, err := w.below.serve(in, first, w.File.ReadAt)
	n = max(0, n-int(off-first))
	copied := copy(p[:min(len(p), n)], in[off-first:])
	clear(in)
	if copied == len(p) {
		err = nil
	}
	return copied, err
}

// fetch reads blocks as they are stored.
func (w *walFile) fetch(n int, first, last int64) error {
	if w.shm != nil {
		if err := w.shm.IOLock(vfs.LOCK_SHARED, last); err != nil {
			return err
		}
	}
	err := w.below.fetch(n, first)
	if w.shm != nil {
		if uerr := w.shm.IOLock(vfs.LOCK_NONE, last); err == nil {
			err = uerr
		}
	}
	return err
}

// Sync implements vfs.File.
func (w *walFile) Sync(flags vfs.SyncFlag) error {
	if err := w.flush(); err != nil {
		return err
	}
	w.forget() // this was, as a rule, a commit
	return w.File.Sync(flags)
}

// Truncate implements vfs.File.
func (w *walFile) Truncate(size int64) error {
	if err := w.flush(); err != nil {
		return err
	}
	w.forget()
	w.size = 0
	return w.File.Truncate(size)
}

// Size implements vfs.File.
func (w *walFile) Size() (int64, error) {
	if err := w.flush(); err != nil {
		return 0, err
	}
	return w.File.Size()
}

// Close implements vfs.File.
func (w *walFile) Close() error {
	err := w.flush()
	if cerr := w.File.Close(); err == nil {
		err = cerr
	}
	return err
}

// joinFile is the log below the encryption, which reads and writes block by
// block.
type joinFile struct {
	vfs.File
	joining, serving bool
	buf              []byte
	at               int64 // of buf, when serving
}

// join has write hand over the blocks of p, which comes back as one piece at
// off, and writes them in one go.
func (j *joinFile) join(p []byte, off int64, write func([]byte, int64) (int, error)) error {
	j.joining, j.buf = true, j.buf[:0]
	_, err := write(p, off)
	j.joining = false
	if err == nil {
		_, err = j.File.WriteAt(j.buf, off)
	}
	return err
}

// WriteAt implements io.WriterAt.
func (j *joinFile) WriteAt(p []byte, off int64) (int, error) {
	if !j.joining {
		return j.File.WriteAt(p, off)
	}
	j.buf = append(j.buf, p...)
	return len(p), nil
}

// fetch reads n bytes, fewer at the end of the file, in one go.
func (j *joinFile) fetch(n int, off int64) error {
	if cap(j.buf) < n {
		j.buf = make([]byte, n)
	}
	got, err := j.File.ReadAt(j.buf[:n], off)
	j.buf, j.at = j.buf[:got], off
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}

// serve has read ask for what was fetched.
func (j *joinFile) serve(p []byte, off int64, read func([]byte, int64) (int, error)) (int, error) {
	j.serving = true
	defer func() { j.serving = false }()
	return read(p, off)
}

// ReadAt implements io.ReaderAt.
func (j *joinFile) ReadAt(p []byte, off int64) (int, error) {
	if !j.serving {
		return j.File.ReadAt(p, off)
	}
	n := 0
	if from := off - j.at; from >= 0 && from < int64(len(j.buf)) {
		n = copy(p, j.buf[from:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
