package lambda

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// layer is all versions of one layer. Version numbers are never used again.
type layer struct {
	versions map[int]*layerVersion
	last     int
}

// layerVersion is one version, in the form of the API's answers.
type layerVersion struct {
	CompatibleArchitectures []string     `json:"CompatibleArchitectures,omitempty"`
	CompatibleRuntimes      []string     `json:"CompatibleRuntimes,omitempty"`
	Content                 layerContent `json:"Content"`
	CreatedDate             string       `json:"CreatedDate"`
	Description             string       `json:"Description"`
	LayerArn                string       `json:"LayerArn"`
	LayerVersionArn         string       `json:"LayerVersionArn"`
	LicenseInfo             string       `json:"LicenseInfo,omitempty"`
	Version                 int          `json:"Version"`

	folder   string
	unzipped int64
	// deleted versions stay for the functions that use them.
	deleted bool
}

type layerContent struct {
	CodeSha256 string `json:"CodeSha256"`
	CodeSize   int64  `json:"CodeSize"`
	Location   string `json:"Location"`
}

type publishRequest struct {
	CompatibleArchitectures, CompatibleRuntimes []string
	Content                                     code
	Description, LicenseInfo                    string
}

func (s *Service) publishLayerVersion(r *http.Request) (restjson.Answer, error) {
	var request publishRequest
	if err := restjson.Decode(r, &request); err != nil {
		return restjson.Answer{}, err
	}
	content, err := s.fetch(request.Content)
	if err != nil {
		return restjson.Answer{}, err
	}
	name := layerName(r.PathValue("Name"))
	version := s.newLayerVersion(name, request, content)
	if version.unzipped, err = unzip(content, filepath.Join(version.folder, "opt"), maxUnzippedBytes); err != nil {
		return restjson.Answer{}, err
	}
	if err := os.WriteFile(filepath.Join(version.folder, "layer.zip"), content, 0o600); err != nil {
		return restjson.Answer{}, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.layers[name].versions[version.Version] = version
	return restjson.Answer{Status: http.StatusCreated, Body: version}, nil
}

// layerName takes the name out of a layer's ARN; a plain name stays.
func layerName(reference string) string {
	name, _ := nameAfter(reference, "layer")
	return name
}

func (s *Service) newLayerVersion(name string, request publishRequest, content []byte) *layerVersion {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	l := s.layers[name]
	if l == nil {
		l = &layer{versions: map[int]*layerVersion{}}
		s.layers[name] = l
	}
	l.last++
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:layer:%s", s.options.Region, s.options.AccountID, name)
	folder := filepath.Join(s.options.DataDir, "layers", name, itoa(l.last))
	return &layerVersion{
		CompatibleArchitectures: request.CompatibleArchitectures, CompatibleRuntimes: request.CompatibleRuntimes,
		Content:     layerContent{CodeSha256: hash(content), CodeSize: int64(len(content)), Location: "file://" + filepath.Join(folder, "layer.zip")},
		CreatedDate: time.Now().UTC().Format(timeFormat), Description: request.Description, LicenseInfo: request.LicenseInfo,
		LayerArn: arn, LayerVersionArn: arn + ":" + itoa(l.last), Version: l.last, folder: folder,
	}
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// layerVersion looks a version up; nil when there is none or it was deleted.
func (s *Service) layerVersion(name, version string) *layerVersion {
	if found := s.anyLayerVersion(name, version); found != nil && !found.deleted {
		return found
	}
	return nil
}

func (s *Service) anyLayerVersion(name, version string) *layerVersion {
	number, err := strconv.Atoi(version)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	l := s.layers[name]
	if err != nil || l == nil {
		return nil
	}
	return l.versions[number]
}

func noLayer() error {
	return restjson.NotFound("The resource you requested does not exist.")
}

func (s *Service) getLayerVersion(r *http.Request) (restjson.Answer, error) {
	if version := s.layerVersion(layerName(r.PathValue("Name")), r.PathValue("Version")); version != nil {
		return restjson.Answer{Body: version}, nil
	}
	return restjson.Answer{}, noLayer()
}

func (s *Service) getLayerVersionByARN(r *http.Request) (restjson.Answer, error) {
	if version := s.layerVersion(nameAfter(r.URL.Query().Get("Arn"), "layer")); version != nil {
		return restjson.Answer{Body: version}, nil
	}
	return restjson.Answer{}, noLayer()
}

// deleteLayerVersion succeeds although there is none, as on AWS. Functions that
// use the version keep it.
func (s *Service) deleteLayerVersion(r *http.Request) (restjson.Answer, error) {
	name := layerName(r.PathValue("Name"))
	version := s.layerVersion(name, r.PathValue("Version"))
	if version == nil {
		return restjson.Answer{Status: http.StatusNoContent}, nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	deleted := *version
	deleted.deleted = true
	s.layers[name].versions[version.Version] = &deleted
	return restjson.Answer{Status: http.StatusNoContent}, nil
}

func (s *Service) noLayerPolicy(*http.Request) (restjson.Answer, error) {
	return restjson.Answer{}, restjson.NotFound("No policy is associated with the given resource.")
}

func (s *Service) listLayers(*http.Request) (restjson.Answer, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	layers := []map[string]any{}
	for name, l := range s.layers {
		if versions := l.newestFirst(); len(versions) > 0 {
			layers = append(layers, map[string]any{"LayerName": name, "LayerArn": versions[0].LayerArn, "LatestMatchingVersion": versions[0]})
		}
	}
	slices.SortFunc(layers, func(a, b map[string]any) int {
		if a["LayerName"].(string) < b["LayerName"].(string) {
			return -1
		}
		return 1
	})
	return restjson.Answer{Body: map[string]any{"Layers": layers}}, nil
}

func (s *Service) listLayerVersions(r *http.Request) (restjson.Answer, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	versions := []*layerVersion{}
	if l := s.layers[layerName(r.PathValue("Name"))]; l != nil {
		versions = l.newestFirst()
	}
	return restjson.Answer{Body: map[string]any{"LayerVersions": versions}}, nil
}

func (l *layer) newestFirst() []*layerVersion {
	versions := []*layerVersion{}
	for _, version := range l.versions {
		if !version.deleted {
			versions = append(versions, version)
		}
	}
	slices.SortFunc(versions, func(a, b *layerVersion) int { return b.Version - a.Version })
	return versions
}

// resolveLayers puts the layers of a request into the configuration; nil keeps
// those that it has.
func (s *Service) resolveLayers(config *Configuration, arns *[]string) error {
	if arns == nil {
		return nil
	}
	if len(*arns) > maxLayers {
		return restjson.Invalid("Cannot reference more than %d layers.", maxLayers)
	}
	config.Layers = nil
	for _, arn := range *arns {
		version := s.layerVersion(nameAfter(arn, "layer"))
		if version == nil || version.LayerVersionArn != arn {
			return restjson.Invalid("Layer version %s does not exist.", arn)
		}
		config.Layers = append(config.Layers, LayerReference{Arn: arn, CodeSize: version.Content.CodeSize})
	}
	return nil
}
