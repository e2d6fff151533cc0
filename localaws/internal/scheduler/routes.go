package scheduler

import "github.com/reventless/pulumi-reventless/localaws/internal/restjson"

func (s *Service) routes() []restjson.Route {
	return []restjson.Route{
		{Operation: "ListSchedules", Pattern: "GET /schedules", Perform: s.listSchedules},
		{Operation: "CreateSchedule", Pattern: "POST /schedules/{Name}", Perform: s.createSchedule},
		{Operation: "GetSchedule", Pattern: "GET /schedules/{Name}", Perform: s.getSchedule},
		{Operation: "UpdateSchedule", Pattern: "PUT /schedules/{Name}", Perform: s.updateSchedule},
		{Operation: "DeleteSchedule", Pattern: "DELETE /schedules/{Name}", Perform: s.deleteSchedule},
		{Operation: "ListScheduleGroups", Pattern: "GET /schedule-groups", Perform: s.listGroups},
		{Operation: "CreateScheduleGroup", Pattern: "POST /schedule-groups/{Name}", Perform: s.createGroup},
		{Operation: "GetScheduleGroup", Pattern: "GET /schedule-groups/{Name}", Perform: s.getGroup},
		{Operation: "DeleteScheduleGroup", Pattern: "DELETE /schedule-groups/{Name}", Perform: s.deleteGroup},
		{Operation: "ListTagsForResource", Pattern: "GET /tags/{Resource...}", Perform: s.listTags},
		{Operation: "TagResource", Pattern: "POST /tags/{Resource...}", Perform: s.tagResource},
		{Operation: "UntagResource", Pattern: "DELETE /tags/{Resource...}", Perform: s.untagResource},
	}
}
