package lambda

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/localaws/internal/policy"
	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// statement is one statement of a function's resource policy.
type statement struct {
	Sid       string         `json:"Sid"`
	Effect    string         `json:"Effect"`
	Principal any            `json:"Principal"`
	Action    string         `json:"Action"`
	Resource  string         `json:"Resource"`
	Condition map[string]any `json:"Condition,omitempty"`
}

type permissionRequest struct {
	StatementID   string `json:"StatementId"`
	Action        string
	Principal     string
	SourceArn     string
	SourceAccount string
}

func (s *Service) addPermission(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(qualified(r))
	if err != nil {
		return restjson.Answer{}, err
	}
	var request permissionRequest
	if err := restjson.Decode(r, &request); err != nil {
		return restjson.Answer{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if slices.ContainsFunc(f.policy, func(t statement) bool { return t.Sid == request.StatementID }) {
		return restjson.Answer{}, restjson.Conflict("The statement id (%s) provided already exists. Please provide a new statement id, or remove the existing statement.", request.StatementID)
	}
	added := request.statement(f.config.FunctionArn)
	f.policy = append(f.policy, added)
	text, _ := json.Marshal(added)
	return restjson.Answer{Status: http.StatusCreated, Body: map[string]string{"Statement": string(text)}}, nil
}

func (p permissionRequest) statement(resource string) statement {
	t := statement{Sid: p.StatementID, Effect: "Allow", Action: p.Action, Resource: resource, Principal: map[string]string{"AWS": p.Principal}}
	if strings.HasSuffix(p.Principal, ".amazonaws.com") {
		t.Principal = map[string]string{"Service": p.Principal}
	}
	condition := map[string]any{}
	if p.SourceArn != "" {
		condition["ArnLike"] = map[string]string{"AWS:SourceArn": p.SourceArn}
	}
	if p.SourceAccount != "" {
		condition["StringEquals"] = map[string]string{"AWS:SourceAccount": p.SourceAccount}
	}
	if len(condition) > 0 {
		t.Condition = condition
	}
	return t
}

func (s *Service) getPolicy(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(qualified(r))
	if err != nil {
		return restjson.Answer{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if len(f.policy) == 0 {
		return restjson.Answer{}, restjson.NotFound("The resource you requested does not exist.")
	}
	policy, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Id": "default", "Statement": f.policy})
	return restjson.Answer{Body: map[string]string{"Policy": string(policy), "RevisionId": f.config.RevisionID}}, nil
}

func (s *Service) removePermission(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(qualified(r))
	if err != nil {
		return restjson.Answer{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	before := len(f.policy)
	f.policy = slices.DeleteFunc(f.policy, func(t statement) bool { return t.Sid == r.PathValue("Statement") })
	if len(f.policy) == before {
		return restjson.Answer{}, restjson.NotFound("Statement %s is not found in resource policy.", r.PathValue("Statement"))
	}
	return restjson.Answer{Status: http.StatusNoContent}, nil
}

func (s *Service) getCodeSigning(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: map[string]string{"CodeSigningConfigArn": "", "FunctionName": f.config.FunctionName}}, nil
}

func (s *Service) getRuntimeManagement(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: map[string]string{"FunctionArn": f.config.FunctionArn, "UpdateRuntimeOn": "Auto"}}, nil
}

func (s *Service) getRecursion(r *http.Request) (restjson.Answer, error) {
	_, err := s.find(r.PathValue("Name"))
	return restjson.Answer{Body: map[string]string{"RecursiveLoop": "Terminate"}}, err
}

func (s *Service) noURLConfig(r *http.Request) (restjson.Answer, error) {
	_, err := s.find(r.PathValue("Name"))
	if err == nil {
		err = restjson.NotFound("The resource you requested does not exist.")
	}
	return restjson.Answer{}, err
}

// tagsOf runs use with the tags of a function, or of an event source mapping, whose
// tags only this service keeps.
func (s *Service) tagsOf(resource string, use func(map[string]string)) error {
	if strings.Contains(resource, ":event-source-mapping:") {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		if s.mappingTags[resource] == nil {
			s.mappingTags[resource] = map[string]string{}
		}
		use(s.mappingTags[resource])
		return nil
	}
	f, err := s.find(resource)
	if err != nil {
		return err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.tags == nil {
		f.tags = map[string]string{}
	}
	use(f.tags)
	return nil
}

// SetMappingTags replaces the tags of an event source mapping; nil forgets them.
func (s *Service) SetMappingTags(arn string, tags map[string]string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.mappingTags, arn)
	if tags != nil {
		s.mappingTags[arn] = maps.Clone(tags)
	}
}

func (s *Service) listTags(r *http.Request) (restjson.Answer, error) {
	tags := map[string]string{}
	err := s.tagsOf(r.PathValue("Resource"), func(stored map[string]string) { maps.Copy(tags, stored) })
	return restjson.Answer{Body: map[string]any{"Tags": tags}}, err
}

func (s *Service) tagResource(r *http.Request) (restjson.Answer, error) {
	var request struct{ Tags map[string]string }
	if err := restjson.Decode(r, &request); err != nil {
		return restjson.Answer{}, err
	}
	return s.changeTags(r, func(tags map[string]string) { maps.Copy(tags, request.Tags) })
}

func (s *Service) untagResource(r *http.Request) (restjson.Answer, error) {
	return s.changeTags(r, func(tags map[string]string) {
		for _, key := range r.URL.Query()["tagKeys"] {
			delete(tags, key)
		}
	})
}

func (s *Service) changeTags(r *http.Request, change func(map[string]string)) (restjson.Answer, error) {
	return restjson.Answer{Status: http.StatusNoContent}, s.tagsOf(r.PathValue("Resource"), change)
}

// Allows says whether a function's resource policy lets a service invoke it on behalf
// of a source.
func (s *Service) Allows(reference, service, sourceARN string) bool {
	f, err := s.find(reference)
	if err != nil {
		return false
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	document, _ := json.Marshal(map[string]any{"Statement": f.policy})
	return policy.Allows(string(document), policy.Request{Service: service, Action: "lambda:InvokeFunction", Resource: f.config.FunctionArn,
		Context: map[string]string{"aws:SourceArn": sourceARN, "aws:SourceAccount": s.options.AccountID}})
}
