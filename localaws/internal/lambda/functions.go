package lambda

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

const timeFormat = "2006-01-02T15:04:05.000-0700"

func itoa(i int) string { return strconv.Itoa(i) }

func (s *Service) createFunction(r *http.Request) (restjson.Answer, error) {
	var request createRequest
	if err := restjson.Decode(r, &request); err != nil {
		return restjson.Answer{}, err
	}
	name, _ := functionName(request.FunctionName)
	if err := checkName(name); err != nil {
		return restjson.Answer{}, err
	}
	s.mutex.Lock()
	exists := s.functions[name] != nil
	s.mutex.Unlock()
	if exists {
		return restjson.Answer{}, restjson.Conflict("Function already exist: %s", name)
	}
	f := &function{config: s.newConfiguration(name, request), tags: maps.Clone(request.Tags), creating: true}
	if err := s.change(f, request.settings, &request.Code); err != nil {
		return restjson.Answer{}, err
	}
	if !s.add(name, f) {
		f.close()
		return restjson.Answer{}, restjson.Conflict("Function already exist: %s", name)
	}
	return restjson.Answer{Status: http.StatusCreated, Body: f.configuration()}, nil
}

func (s *Service) newConfiguration(name string, request createRequest) Configuration {
	config := Configuration{
		Architectures: request.Architectures, FunctionArn: s.functionARN(name, ""), FunctionName: name,
		EphemeralStorage: &EphemeralStorage{Size: 512}, MemorySize: 128, Timeout: 3,
		LoggingConfig: LoggingConfig{LogFormat: "Text", LogGroup: "/aws/lambda/" + name},
		PackageType:   request.PackageType, SnapStart: SnapStart{ApplyOn: "None", OptimizationStatus: "Off"},
		TracingConfig: TracingConfig{Mode: "PassThrough"}, Version: "$LATEST",
	}
	if config.PackageType == "" {
		config.PackageType = "Zip"
	}
	if len(config.Architectures) == 0 {
		config.Architectures = []string{"x86_64"}
	}
	return config
}

func (s *Service) add(name string, f *function) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.closed || s.functions[name] != nil {
		return false
	}
	s.functions[name] = f
	return true
}

// change applies settings and, unless it is nil, code to a function: everything is
// checked and unpacked first, so that a refused change leaves the function as it was.
func (s *Service) change(f *function, settings settings, code *code) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := f.checkIdle(settings.RevisionID); err != nil {
		return err
	}
	config := settings.apply(f.config)
	if err := s.resolveLayers(&config, settings.Layers); err != nil {
		return err
	}
	if err := config.check(); err != nil {
		return err
	}
	if err := s.checkRole(config.Role, config.FunctionArn); err != nil {
		return err
	}
	folder := s.revisionFolder(config.FunctionName)
	zipPath, err := s.unpack(&config, folder, f.zipPath, code)
	if err != nil {
		_ = os.RemoveAll(folder)
		return err
	}
	config.RevisionID, config.LastModified = uuid.NewString(), time.Now().UTC().Format(timeFormat)
	config.RuntimeVersionConfig = &RuntimeVersionConfig{RuntimeVersionArn: "arn:aws:lambda:" + s.options.Region + "::runtime:local-" + config.Runtime}
	f.config, f.zipPath = config, zipPath
	f.swap(s.newPool(config, folder, f.reserved), time.Duration(s.options.Faults.Get().UpdateMillis)*time.Millisecond)
	return nil
}

// checkRole refuses a role that Lambda may not take on.
func (s *Service) checkRole(role, function string) error {
	if err := s.options.Enforcer.Assume(s.ctx, role, "lambda.amazonaws.com", function); err != nil {
		return restjson.Invalid("The role defined for the function cannot be assumed by Lambda.")
	}
	return nil
}

func (s *Service) revisionFolder(name string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.revisions++
	return filepath.Join(s.options.DataDir, "functions", name, itoa(s.revisions))
}

// apply puts the settings that are given over a configuration.
func (t settings) apply(config Configuration) Configuration {
	set(&config.Description, t.Description)
	set(&config.Handler, t.Handler)
	set(&config.KMSKeyArn, t.KMSKeyArn)
	set(&config.MemorySize, t.MemorySize)
	set(&config.Role, t.Role)
	set(&config.Runtime, t.Runtime)
	set(&config.Timeout, t.Timeout)
	set(&config.TracingConfig, t.TracingConfig)
	if len(t.architectures) > 0 {
		config.Architectures = t.architectures
	}
	if t.Environment != nil {
		config.Environment = t.Environment
		if len(t.Environment.Variables) == 0 {
			config.Environment = nil
		}
	}
	if t.EphemeralStorage != nil {
		config.EphemeralStorage = t.EphemeralStorage
	}
	if t.DeadLetterConfig != nil {
		config.DeadLetterConfig = t.DeadLetterConfig
	}
	if t.VpcConfig != nil {
		config.VpcConfig = t.VpcConfig
	}
	if t.LoggingConfig != nil {
		config.LoggingConfig = t.LoggingConfig.withDefaults(config.FunctionName)
	}
	return config
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}

func (l LoggingConfig) withDefaults(name string) LoggingConfig {
	if l.LogGroup == "" {
		l.LogGroup = "/aws/lambda/" + name
	}
	if l.LogFormat == "" {
		l.LogFormat = "Text"
	}
	if l.LogFormat == "JSON" && l.ApplicationLogLevel == "" {
		l.ApplicationLogLevel = "INFO"
	}
	if l.LogFormat == "JSON" && l.SystemLogLevel == "" {
		l.SystemLogLevel = "INFO"
	}
	return l
}

func (s *Service) getFunction(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(qualified(r))
	if err != nil {
		return restjson.Answer{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	answer := functionAnswer{
		Code:          &codeLocation{Location: "file://" + f.zipPath, RepositoryType: "S3"},
		Configuration: f.configurationLocked(), Tags: f.tags,
	}
	if f.reserved != nil {
		answer.Concurrency = &concurrency{f.reserved}
	}
	return restjson.Answer{Body: answer}, nil
}

// qualified is the function that a request names, with its query parameter
// Qualifier.
func qualified(r *http.Request) string {
	name := r.PathValue("Name")
	if qualifier := r.URL.Query().Get("Qualifier"); qualifier != "" {
		name += ":" + qualifier
	}
	return name
}

func (s *Service) getConfiguration(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(qualified(r))
	if err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: f.configuration()}, nil
}

func (s *Service) updateConfiguration(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	var request settings
	if err := restjson.Decode(r, &request); err != nil {
		return restjson.Answer{}, err
	}
	if err := s.change(f, request, nil); err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: f.configuration()}, nil
}

func (s *Service) updateCode(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	var request updateCodeRequest
	if err := restjson.Decode(r, &request); err != nil {
		return restjson.Answer{}, err
	}
	if request.DryRun {
		return restjson.Answer{Body: f.configuration()}, nil
	}
	if err := s.change(f, settings{RevisionID: request.RevisionID, architectures: request.Architectures}, &request.code); err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: f.configuration()}, nil
}

func (s *Service) deleteFunction(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(qualified(r))
	if err != nil {
		return restjson.Answer{}, err
	}
	s.mutex.Lock()
	delete(s.functions, f.config.FunctionName)
	s.mutex.Unlock()
	f.close()
	s.logs.forget(f.config.FunctionName)
	return restjson.Answer{Status: http.StatusNoContent}, nil
}

func (s *Service) listFunctions(*http.Request) (restjson.Answer, error) {
	configurations := []Configuration{}
	for _, f := range s.all() {
		configurations = append(configurations, f.configuration())
	}
	slices.SortFunc(configurations, func(a, b Configuration) int {
		if a.FunctionName < b.FunctionName {
			return -1
		}
		return 1
	})
	return restjson.Answer{Body: map[string]any{"Functions": configurations}}, nil
}

func (s *Service) listVersions(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	config := f.configuration()
	config.FunctionArn += ":$LATEST"
	return restjson.Answer{Body: map[string]any{"Versions": []Configuration{config}}}, nil
}
