package lambda

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Image is all functions and layers, for another service to begin with. Their archives are
// files in the image's folder. What runs is not in it, except that asynchronous invocations
// that have not ended begin again.
type Image struct {
	Functions   []functionImage
	Layers      map[string]layerImage
	MappingTags map[string]map[string]string
	Waiting     []invocationImage
}

type functionImage struct {
	Config      Configuration
	Tags        map[string]string
	Policy      []statement
	Reserved    *int
	EventInvoke *eventInvokeConfig
	Archive     string
}

type layerImage struct {
	Last     int
	Versions []layerVersionImage
}

type layerVersionImage struct {
	layerVersion
	Deleted bool
	Archive string
}

type invocationImage struct {
	Reference, ID string
	Payload       []byte
	Accepted      time.Time
	Attempts      int
}

// Save makes an image, and puts the archives into a folder.
func (s *Service) Save(folder string) (Image, error) {
	image := Image{Layers: map[string]layerImage{}}
	for _, f := range s.all() {
		saved, err := f.save(folder)
		if err != nil {
			return image, err
		}
		image.Functions = append(image.Functions, saved)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for a := range s.waiting {
		image.Waiting = append(image.Waiting, invocationImage{a.reference, a.id, a.payload, a.accepted, int(a.attempts.Load())})
	}
	image.MappingTags = maps.Clone(s.mappingTags)
	for name, l := range s.layers {
		saved := layerImage{Last: l.last}
		for _, version := range l.versions {
			archive := name + "-" + itoa(version.Version) + ".layer.zip"
			if err := link(filepath.Join(version.folder, "layer.zip"), filepath.Join(folder, archive)); err != nil {
				return image, err
			}
			saved.Versions = append(saved.Versions, layerVersionImage{*version, version.deleted, archive})
		}
		image.Layers[name] = saved
	}
	return image, nil
}

func (f *function) save(folder string) (functionImage, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	archive := f.config.FunctionName + ".zip"
	image := functionImage{Config: f.config, Tags: maps.Clone(f.tags), Policy: slices.Clone(f.policy), Reserved: f.reserved, EventInvoke: f.eventInvoke, Archive: archive}
	return image, link(f.zipPath, filepath.Join(folder, archive))
}

// link gives a file, which is never changed, another name: a copy would take as long as all
// the rest of saving.
func link(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return err
	}
	content, err := os.ReadFile(from) // another file system, or one without links
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// Restore makes the functions and layers of an image whose archives are in a folder. It is
// for a service that has none yet.
func (s *Service) Restore(folder string, image Image) error {
	for name, saved := range image.Layers {
		if err := s.restoreLayer(folder, name, saved); err != nil {
			return fmt.Errorf("restore the layer %s: %w", name, err)
		}
	}
	for _, saved := range image.Functions {
		if err := s.restoreFunction(folder, saved); err != nil {
			return fmt.Errorf("restore the function %s: %w", saved.Config.FunctionName, err)
		}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	maps.Copy(s.mappingTags, image.MappingTags)
	return nil
}

// Resume begins the asynchronous invocations of an image again. What they invoke may use
// everything of the local AWS, so it has to be there.
func (s *Service) Resume(image Image) {
	for _, saved := range image.Waiting {
		a := &asyncInvocation{service: s, reference: saved.Reference, id: saved.ID, payload: saved.Payload, accepted: saved.Accepted}
		a.attempts.Store(int64(saved.Attempts))
		s.begin(a)
	}
}

func (s *Service) restoreLayer(folder, name string, saved layerImage) error {
	restored := &layer{versions: map[int]*layerVersion{}, last: saved.Last}
	for _, image := range saved.Versions {
		version := image.layerVersion
		version.deleted = image.Deleted
		version.folder = filepath.Join(s.options.DataDir, "layers", name, itoa(version.Version))
		version.Content.Location = "file://" + filepath.Join(version.folder, "layer.zip")
		content, err := os.ReadFile(filepath.Join(folder, image.Archive))
		if err != nil {
			return err
		}
		if version.unzipped, err = unzip(content, filepath.Join(version.folder, "opt"), maxUnzippedBytes); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(version.folder, "layer.zip"), content, 0o600); err != nil {
			return err
		}
		restored.versions[version.Version] = &version
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.layers[name] = restored
	return nil
}

func (s *Service) restoreFunction(folder string, saved functionImage) error {
	f := &function{config: saved.Config, tags: saved.Tags, policy: saved.Policy, reserved: saved.Reserved, eventInvoke: saved.EventInvoke}
	revision := s.revisionFolder(saved.Config.FunctionName)
	var err error
	if f.zipPath, err = s.unpack(&f.config, revision, filepath.Join(folder, saved.Archive), nil); err != nil {
		return err
	}
	f.current = s.newPool(f.config, revision, f.reserved)
	s.add(saved.Config.FunctionName, f)
	return nil
}
