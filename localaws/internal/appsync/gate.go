package appsync

// gate answers with the faults that come before an operation: throttling, and the
// conflict with a schema that is being altered.
func (s *Service) gate(c *call, operation operation) error {
	if s.options.Faults.Throttle() {
		s.injected(c, operation, "throttled")
		return errThrottled()
	}
	if !operation.conflicts || c.api == nil {
		return nil
	}
	if c.api.creation != nil {
		return errConflict()
	}
	if (operation.name == "GetDataSource" || operation.name == "GetResolver") && s.options.Faults.ReadConflict() {
		s.injected(c, operation, "conflict of a read")
		return errConflict()
	}
	if s.now().Before(c.api.conflictUntil) {
		s.injected(c, operation, "conflict after schema creation")
		return errConflict()
	}
	return nil
}

// injected logs a fault together with the request that it hits.
func (s *Service) injected(c *call, operation operation, fault string) {
	s.options.Logger.Info("injected fault", "service", "appsync", "operation", operation.name, "path", c.URL.Path, "fault", fault)
}
