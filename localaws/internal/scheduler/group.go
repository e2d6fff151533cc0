package scheduler

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// defaultGroup is the group that AWS makes.
const defaultGroup = "default"

// group is one schedule group. The service's mutex guards it.
type group struct {
	name, arn         string
	created, modified time.Time
	tags              map[string]string
	schedules         map[string]*schedule
}

func (s *Service) newGroup(name string) *group {
	now := s.Now()
	return &group{name: name, arn: s.arn("schedule-group/" + name), created: now, modified: now, tags: map[string]string{}, schedules: map[string]*schedule{}}
}

func (s *Service) group(name string) (*group, error) {
	if g := s.groups[name]; g != nil {
		return g, nil
	}
	return nil, notFound("Schedule group %s does not exist.", name)
}

func (g *group) answer() groupAnswer {
	return groupAnswer{Arn: g.arn, Name: g.name, State: "ACTIVE", CreationDate: secondsOf(g.created), LastModificationDate: secondsOf(g.modified)}
}

func (s *Service) createGroup(r *http.Request) (restjson.Answer, error) {
	name := r.PathValue("Name")
	if err := checkName(name, "name"); err != nil {
		return restjson.Answer{}, err
	}
	var given struct{ Tags []tag }
	if err := restjson.Decode(r, &given); err != nil {
		return restjson.Answer{}, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.groups[name] != nil {
		return restjson.Answer{}, conflict("Schedule group %s already exists.", name)
	}
	g := s.newGroup(name)
	g.setTags(given.Tags)
	s.groups[name] = g
	return restjson.Answer{Body: map[string]string{"ScheduleGroupArn": g.arn}}, nil
}

func (s *Service) getGroup(r *http.Request) (restjson.Answer, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	g, err := s.group(r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: g.answer()}, nil
}

// deleteGroup deletes a group with its schedules, at once. AWS takes a while.
func (s *Service) deleteGroup(r *http.Request) (restjson.Answer, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	g, err := s.group(r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	if g.name == defaultGroup {
		return restjson.Answer{}, invalid("The default schedule group cannot be deleted.")
	}
	delete(s.groups, g.name)
	return restjson.Answer{Body: struct{}{}}, nil
}

func (s *Service) listGroups(r *http.Request) (restjson.Answer, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var found []groupAnswer
	for name, g := range s.groups {
		if strings.HasPrefix(name, r.URL.Query().Get("NamePrefix")) {
			found = append(found, g.answer())
		}
	}
	slices.SortFunc(found, func(a, b groupAnswer) int { return cmp.Compare(a.Name, b.Name) })
	page, next, err := pageOf(found, r)
	return restjson.Answer{Body: map[string]any{"ScheduleGroups": page, "NextToken": next}}, err
}

func (g *group) setTags(tags []tag) {
	for _, t := range tags {
		g.tags[t.Key] = t.Value
	}
}

// tagged runs use on the group whose ARN the request names: only groups have tags.
func (s *Service) tagged(r *http.Request, use func(*group)) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, g := range s.groups {
		if g.arn == r.PathValue("Resource") {
			use(g)
			return nil
		}
	}
	return notFound("Resource %s does not exist.", r.PathValue("Resource"))
}

func (s *Service) listTags(r *http.Request) (restjson.Answer, error) {
	tags := []tag{}
	err := s.tagged(r, func(g *group) {
		for _, key := range slices.Sorted(maps.Keys(g.tags)) {
			tags = append(tags, tag{Key: key, Value: g.tags[key]})
		}
	})
	return restjson.Answer{Body: map[string]any{"Tags": tags}}, err
}

func (s *Service) tagResource(r *http.Request) (restjson.Answer, error) {
	var given struct{ Tags []tag }
	if err := restjson.Decode(r, &given); err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: struct{}{}}, s.tagged(r, func(g *group) { g.setTags(given.Tags) })
}

func (s *Service) untagResource(r *http.Request) (restjson.Answer, error) {
	return restjson.Answer{Body: struct{}{}}, s.tagged(r, func(g *group) {
		for _, key := range r.URL.Query()["TagKeys"] {
			delete(g.tags, key)
		}
	})
}
