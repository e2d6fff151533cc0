package localaws

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// dataDirectory is the folder of one local AWS, locked against a second one.
type dataDirectory struct {
	path      string
	temporary bool
	lock      *os.File
}

// openDataDirectory opens a folder, or makes a temporary one when path is empty.
func openDataDirectory(path string) (*dataDirectory, error) {
	d := &dataDirectory{path: path, temporary: path == ""}
	var err error
	if d.temporary {
		d.path, err = os.MkdirTemp("", "localaws-")
	} else {
		err = os.MkdirAll(path, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("make the local AWS's data folder: %w; choose another with --data", err)
	}
	d.lock, err = os.OpenFile(filepath.Join(d.path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(d.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errors.New("another local AWS uses it")
	}
	if err != nil {
		d.close()
		return nil, fmt.Errorf("lock the data folder %s: %w; end that one, or choose another folder with --data", d.path, err)
	}
	return d, nil
}

func (d *dataDirectory) close() {
	if d == nil {
		return
	}
	if d.lock != nil {
		_ = d.lock.Close()
	}
	if d.temporary {
		_ = os.RemoveAll(d.path)
	}
}
