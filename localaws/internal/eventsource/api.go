package eventsource

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Routes are the operations of the Lambda API that are about mappings.
func (s *Service) Routes() []restjson.Route {
	const mappings = "/2015-03-31/event-source-mappings"
	return []restjson.Route{
		{Operation: "CreateEventSourceMapping", Pattern: "POST " + mappings, Perform: s.create},
		{Operation: "ListEventSourceMappings", Pattern: "GET " + mappings, Perform: s.list},
		{Operation: "GetEventSourceMapping", Pattern: "GET " + mappings + "/{UUID}", Perform: s.get},
		{Operation: "UpdateEventSourceMapping", Pattern: "PUT " + mappings + "/{UUID}", Perform: s.update},
		{Operation: "DeleteEventSourceMapping", Pattern: "DELETE " + mappings + "/{UUID}", Perform: s.delete},
	}
}

func (s *Service) create(r *http.Request) (restjson.Answer, error) {
	var given request
	if err := restjson.Decode(r, &given); err != nil {
		return restjson.Answer{}, err
	}
	m, err := s.newMapping(given)
	if err != nil {
		return restjson.Answer{}, err
	}
	if err := s.check(r.Context(), m, given); err != nil {
		return restjson.Answer{}, err
	}
	if err := s.add(m); err != nil {
		return restjson.Answer{}, err
	}
	s.functions.SetMappingTags(m.config.EventSourceMappingArn, orEmpty(given.Tags))
	answer := m.answer(stateCreating)
	if given.Enabled == nil || *given.Enabled {
		m.start()
	}
	return restjson.Answer{Status: http.StatusAccepted, Body: answer}, nil
}

func orEmpty(tags map[string]string) map[string]string {
	if tags == nil {
		return map[string]string{}
	}
	return tags
}

func (s *Service) newMapping(given request) (*mapping, error) {
	parsed, err := parseSource(given.EventSourceArn)
	if err != nil {
		return nil, restjson.Invalid("%s", err)
	}
	id := uuid.NewString()
	m := &mapping{service: s, uuid: id, source: parsed, arn: given.EventSourceArn, woken: make(chan struct{}, 1), latest: given.StartingPosition == "LATEST"}
	m.config = configuration{
		UUID: id, EventSourceArn: given.EventSourceArn, StartingPosition: given.StartingPosition,
		EventSourceMappingArn: "arn:aws:lambda:" + s.options.Region + ":" + s.options.AccountID + ":event-source-mapping:" + id,
		BatchSize:             10, FunctionResponseTypes: []string{}, LastProcessingResult: nothingProcessed, StateTransitionReason: "User action",
	}
	if parsed.kind == KindTable {
		no, one, zero, forever := false, 1, 0, -1
		age := -1
		m.config.BatchSize = 100
		m.config.BisectBatchOnFunctionError, m.config.ParallelizationFactor = &no, &one
		m.config.MaximumRetryAttempts, m.config.MaximumRecordAgeInSeconds, m.config.TumblingWindowInSeconds = &forever, &age, &zero
		m.config.DestinationConfig = &destinationConfig{OnFailure: &failureTarget{}}
	}
	return m, m.apply(given)
}

// apply puts what a request gives into the mapping.
func (m *mapping) apply(given request) error {
	parsed, err := parseFilters(given.FilterCriteria)
	if err != nil {
		return restjson.Invalid("%s", err)
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	c := &m.config
	set(&c.BatchSize, given.BatchSize)
	set(&c.MaximumBatchingWindowInSeconds, given.MaximumBatchingWindowInSeconds)
	set(&c.FunctionResponseTypes, given.FunctionResponseTypes)
	keep(&c.BisectBatchOnFunctionError, given.BisectBatchOnFunctionError)
	keep(&c.MaximumRecordAgeInSeconds, given.MaximumRecordAgeInSeconds)
	keep(&c.MaximumRetryAttempts, given.MaximumRetryAttempts)
	keep(&c.ParallelizationFactor, given.ParallelizationFactor)
	keep(&c.TumblingWindowInSeconds, given.TumblingWindowInSeconds)
	keep(&c.DestinationConfig, given.DestinationConfig)
	keep(&c.ScalingConfig, given.ScalingConfig)
	if given.FilterCriteria != nil {
		c.FilterCriteria, m.filters = given.FilterCriteria, parsed
		if len(parsed) == 0 {
			c.FilterCriteria = nil
		}
	}
	c.LastModified = float64(time.Now().UnixMilli()) / 1000
	return nil
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}

func keep[T any](target **T, value *T) {
	if value != nil {
		*target = value
	}
}

func (s *Service) add(m *mapping) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, other := range s.mappings {
		if config, _ := other.settings(); other.arn == m.arn && config.FunctionArn == m.config.FunctionArn {
			return restjson.Conflict("An event source mapping with event source (\" %s \") and function (\" %s \") already exists. Please update or delete the existing mapping with UUID %s",
				m.arn, m.config.FunctionArn, other.uuid)
		}
	}
	s.created++
	m.number = s.created
	s.mappings[m.uuid] = m
	return nil
}

// answer is the configuration with a state; "" is the state that it has.
func (m *mapping) answer(state string) configuration {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	config := m.config
	switch {
	case state != "":
		config.State = state
	case m.deleted:
		config.State = stateDeleting
	case m.enabled:
		config.State = stateEnabled
	case m.stopping():
		config.State = stateDisabling
	default:
		config.State = stateDisabled
	}
	return config
}

func (s *Service) get(r *http.Request) (restjson.Answer, error) {
	m, err := s.find(r.PathValue("UUID"))
	if err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: m.answer("")}, nil
}

func (s *Service) update(r *http.Request) (restjson.Answer, error) {
	m, err := s.find(r.PathValue("UUID"))
	if err != nil {
		return restjson.Answer{}, err
	}
	var given request
	if err := restjson.Decode(r, &given); err != nil {
		return restjson.Answer{}, err
	}
	before := m.concurrency()
	if err := s.changeMapping(r, m, given); err != nil {
		return restjson.Answer{}, err
	}
	state := stateUpdating
	if m.isEnabled() && m.concurrency() != before {
		m.stop(func() {}) // the next poller has the new number of slots
		if given.Enabled == nil || *given.Enabled {
			m.start()
		}
	}
	if given.Enabled != nil && *given.Enabled && !m.isEnabled() {
		state = stateEnabling
		m.start()
	} else if given.Enabled != nil && !*given.Enabled && m.isEnabled() {
		state = stateDisabling
		m.stop(func() {})
	}
	m.wake()
	return restjson.Answer{Status: http.StatusAccepted, Body: m.answer(state)}, nil
}

// changeMapping checks the change on a copy before it takes effect.
func (s *Service) changeMapping(r *http.Request, m *mapping, given request) error {
	if m.answer("").State == stateDeleting {
		return &restjson.Error{Status: http.StatusBadRequest, Code: "ResourceInUseException", Type: "User",
			Message: "Cannot update the event source mapping because it is not in a state that can be updated: Deleting"}
	}
	config, _ := m.settings()
	changed := &mapping{service: s, uuid: m.uuid, source: m.source, arn: m.arn, config: config}
	if err := changed.apply(given); err != nil {
		return err
	}
	if given.FunctionName == nil {
		given.FunctionName = &config.FunctionArn
	}
	if err := s.check(r.Context(), changed, given); err != nil {
		return err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	result, filters := m.config.LastProcessingResult, m.filters
	m.config, m.filters = changed.config, changed.filters
	m.config.LastProcessingResult = result
	if given.FilterCriteria == nil {
		m.filters = filters
	}
	return nil
}

// deleteWait is how long deleting waits for the poller's end. Callers often delete
// the queue or function next, and nothing of them should be in use then.
const deleteWait = 2 * time.Second

func (s *Service) delete(r *http.Request) (restjson.Answer, error) {
	m, err := s.find(r.PathValue("UUID"))
	if err != nil {
		return restjson.Answer{}, err
	}
	m.mutex.Lock()
	again := m.deleted
	m.deleted = true
	m.mutex.Unlock()
	answer := m.answer(stateDeleting)
	if again {
		return restjson.Answer{}, &restjson.Error{Status: http.StatusBadRequest, Code: "ResourceInUseException", Type: "User",
			Message: "Cannot delete the event source mapping because it is in use."}
	}
	stopped := m.stop(func() { s.remove(m) })
	select {
	case <-stopped:
	case <-time.After(deleteWait):
	case <-r.Context().Done():
	}
	return restjson.Answer{Status: http.StatusAccepted, Body: answer}, nil
}

func (s *Service) remove(m *mapping) {
	s.mutex.Lock()
	delete(s.mappings, m.uuid)
	s.mutex.Unlock()
	s.functions.SetMappingTags(m.config.EventSourceMappingArn, nil)
	if m.source.kind == KindTable {
		s.Wake(KindTable, m.source.name) // a third reader may take its place
	}
}

func (s *Service) list(r *http.Request) (restjson.Answer, error) {
	query := r.URL.Query()
	functionARN := query.Get("FunctionName")
	if functionARN != "" {
		arn, _, err := s.functions.Timeout(functionARN)
		var missing *restjson.Error
		if err != nil && !errors.As(err, &missing) {
			return restjson.Answer{}, err
		}
		if err == nil {
			functionARN = arn
		}
	}
	configurations := []configuration{}
	for _, m := range s.ordered() {
		config := m.answer("")
		if (functionARN == "" || functionARN == config.FunctionArn) && (query.Get("EventSourceArn") == "" || query.Get("EventSourceArn") == config.EventSourceArn) {
			configurations = append(configurations, config)
		}
	}
	return restjson.Answer{Body: map[string]any{"EventSourceMappings": configurations}}, nil
}

// ordered lists the mappings in the order of their creation.
func (s *Service) ordered() []*mapping {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var all []*mapping
	for _, m := range s.mappings {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *mapping) int { return a.number - b.number })
	return all
}
