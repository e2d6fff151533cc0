package dev

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/reventless/pulumi-reventless/localaws"
)

// saved is where what dev holds is kept between two runs, for one environment: all that the
// local AWS holds, Pulumi's states, and the copies of the configuration with their salts.
//
//  1. Each time it is written into a new folder, which then gets a number by one rename.
//     Only then are the older ones removed. So there is always one that is whole.
//  2. The newest one counts. It is copied to where the run works, and is itself not changed.
//
// States and the local AWS belong together, so what a run did after it saved last is lost
// when it is killed, all of it: the deployment of what was edited since is simply made again.
type saved struct{ folder string }

// label says by which programs something was saved.
type label struct{ Version string }

// Names in a saved folder, and of the folder that is being written.
const (
	labelFile   = "saved.json"
	savedAWS    = "aws"
	savedState  = "state"
	savedConfig = "config"
	unfinished  = "unfinished"
)

func newSaved(folder, environment string) saved {
	return saved{filepath.Join(folder, "saved", url.PathEscape(environment))}
}

// newest is the folder that was saved last, "" for none, and its number.
func (s saved) newest() (folder string, number int, err error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", 0, err
	}
	for _, entry := range entries {
		if found, err := strconv.Atoi(entry.Name()); err == nil && found > number {
			folder, number = filepath.Join(s.folder, entry.Name()), found
		}
	}
	return folder, number, nil
}

// write saves. The folders of the workspace must be at rest.
func (s saved) write(ctx context.Context, server *localaws.Server, w *workspace, version string) error {
	_, number, err := s.newest()
	if err != nil {
		return err
	}
	folder := filepath.Join(s.folder, unfinished)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(label{version})
	if err != nil {
		return err
	}
	err = errors.Join(os.WriteFile(filepath.Join(folder, labelFile), text, 0o600), server.Save(ctx, filepath.Join(folder, savedAWS)),
		os.CopyFS(filepath.Join(folder, savedState), os.DirFS(w.state())), os.CopyFS(filepath.Join(folder, savedConfig), os.DirFS(w.folder)))
	if err != nil {
		return err
	}
	if err := os.Rename(folder, filepath.Join(s.folder, strconv.Itoa(number+1))); err != nil {
		return err
	}
	return s.keep(number + 1)
}

// keep removes all but one.
func (s saved) keep(number int) error {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return err
	}
	var problems []error
	for _, entry := range entries {
		if entry.Name() != strconv.Itoa(number) {
			problems = append(problems, os.RemoveAll(filepath.Join(s.folder, entry.Name())))
		}
	}
	return errors.Join(problems...)
}

// find gives what was saved last, if these programs can use it: its folder and when it was
// saved. "" is for nothing.
func (s saved) find(version string) (folder string, at time.Time, err error) {
	folder, _, err = s.newest()
	if err != nil || folder == "" {
		return "", at, err
	}
	text, err := os.ReadFile(filepath.Join(folder, labelFile))
	if err != nil {
		return folder, at, fmt.Errorf("%w: %w", localaws.ErrImage, err)
	}
	var found label
	if err := json.Unmarshal(text, &found); err != nil {
		return folder, at, fmt.Errorf("%w: %s: %w", localaws.ErrImage, labelFile, err)
	}
	if found.Version != version {
		return folder, at, fmt.Errorf("%w: it was made with reventless %s, this is %s", localaws.ErrImage, found.Version, version)
	}
	info, err := os.Stat(folder)
	if err != nil {
		return folder, at, err
	}
	return folder, info.ModTime(), nil
}

// restore copies states and configuration into a workspace that has none.
func restore(folder string, w *workspace) error {
	err := errors.Join(os.CopyFS(w.state(), os.DirFS(filepath.Join(folder, savedState))), os.CopyFS(w.folder, os.DirFS(filepath.Join(folder, savedConfig))))
	if err != nil {
		return fmt.Errorf("%w: %w", localaws.ErrImage, err)
	}
	return nil
}

// setAside takes what cannot be used out of the way, and says where it is.
func (s saved) setAside(folder string) (string, error) {
	to := s.folder + ".unusable"
	if err := os.RemoveAll(to); err != nil {
		return "", err
	}
	return to, os.Rename(folder, to)
}

// forget removes everything that was saved.
func (s saved) forget() error { return os.RemoveAll(s.folder) }
