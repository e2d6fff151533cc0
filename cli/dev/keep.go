package dev

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/localaws"
)

// saveInterval is the shortest time between two saves, and so what is lost at most when dev is
// killed, as long as saving is quick: it takes a twentieth of the time at most.
const (
	saveInterval = 3 * time.Second
	saveShare    = 20
)

// saveTimeout bounds the last save: whoever ends dev does not wait longer.
const saveTimeout = 30 * time.Second

// beginWithSaved begins with what the last dev saved. What cannot be used is taken out of the
// way, not deleted, and only when the local AWS runs: until then another dev may have it.
func (s *session) beginWithSaved(ctx context.Context) error {
	var folder string
	var at time.Time
	var unusable error
	if !s.options.Fresh {
		folder, at, unusable = s.saved.find(s.options.Version)
	}
	if unusable == nil && folder != "" {
		if unusable = s.begin(ctx, folder); unusable == nil {
			s.display.Note("goes on with what was saved on " + at.Format("2006-01-02 at 15:04:05") + "; --fresh begins empty")
			return nil
		}
		if s.server != nil {
			s.server.Close()
		}
	}
	if unusable != nil && !errors.Is(unusable, localaws.ErrImage) {
		return unusable
	}
	if err := s.begin(ctx, ""); err != nil {
		return err
	}
	switch {
	case s.options.Fresh:
		return s.saved.forget()
	case unusable != nil:
		kept, err := s.saved.setAside(folder)
		s.display.Note("begins empty, because what was saved cannot be used. It is kept in " + kept + ". " + firstLine(unusable))
		return err
	}
	return nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// save saves, if something can be saved and was written since. That it fails is said once.
// Its caller holds steady.
func (s *session) save(ctx context.Context) {
	written := s.server.Writes()
	err := s.saved.write(ctx, s.server, s.workspace, s.options.Version)
	switch {
	case err == nil:
		s.written, s.failure = written, ""
	case ctx.Err() == nil && err.Error() != s.failure:
		s.failure = err.Error()
		s.display.Note("what is deployed could not be saved for the next dev: " + s.failure)
	}
}

// saveNowAndThen saves what was written, until the context ends.
func (s *session) saveNowAndThen(ctx context.Context) {
	for pause := saveInterval; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		s.steady.Lock()
		began := time.Now()
		if ctx.Err() == nil && s.server.Writes() != s.written {
			s.save(ctx)
		}
		pause = max(saveInterval, saveShare*time.Since(began))
		s.steady.Unlock()
	}
}

// end saves for the last time.
func (s *session) end(ctx context.Context) {
	s.steady.Lock()
	defer s.steady.Unlock()
	if !s.began {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer stop()
	if s.save(ctx); s.failure == "" {
		s.display.Note("saved; the next dev goes on with it, with --fresh it begins empty")
	}
}
