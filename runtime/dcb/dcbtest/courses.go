package dcbtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// maxCourses is how many courses a student may take.
const maxCourses = 2

// courses is the domain of the histories: courses with unique names and a capacity,
// students who take a limited number of them.
var courses = definition.DCB{
	Tags: map[string]definition.Tag{"courseId": {}, "studentId": {}, "name": {Fields: []string{"name", "oldName"}}},
	Events: map[string][]string{
		"CourseDefined": {"courseId", "name"}, "CourseRenamed": {"courseId", "name"}, "CapacityChanged": {"courseId"},
		"StudentRegistered": {"studentId"}, "Subscribed": {"courseId", "studentId"}, "Unsubscribed": {"studentId", "courseId"},
	},
	Slices: map[string]definition.Slice{
		"DefineCourse":   reads(on([]string{"courseId"}, "CourseDefined"), on([]string{"name"}, "CourseDefined", "CourseRenamed")),
		"RenameCourse":   reads(on([]string{"courseId"}, "CourseDefined", "CourseRenamed"), on([]string{"name"}, "CourseDefined", "CourseRenamed")),
		"ChangeCapacity": reads(on([]string{"courseId"}, "CourseDefined", "CapacityChanged")),
		"Register":       reads(on([]string{"studentId"}, "StudentRegistered")),
		"Subscribe": reads(on([]string{"courseId"}, "CourseDefined", "CapacityChanged", "Subscribed", "Unsubscribed"),
			on([]string{"studentId"}, "StudentRegistered", "Subscribed", "Unsubscribed")),
		"Unsubscribe": reads(on([]string{"studentId", "courseId"}, "Subscribed", "Unsubscribed")),
	},
}

// courseData is the data of all commands and events.
type courseData struct {
	CourseID  []string `json:"courseId,omitempty"`
	StudentID string   `json:"studentId,omitempty"`
	Name      string   `json:"name,omitempty"`
	OldName   string   `json:"oldName,omitempty"`
	Capacity  int      `json:"capacity,omitempty"`
}

// values are the values of a tag, found without the code under test.
func (d courseData) values(tag string) []string {
	var all []string
	switch tag {
	case "courseId":
		all = d.CourseID
	case "studentId":
		all = []string{d.StudentID}
	case "name":
		all = []string{d.Name, d.OldName}
	}
	return slices.DeleteFunc(slices.Clone(all), func(value string) bool { return value == "" })
}

// opening are the commands that a client begins with, so that there is something to
// decide on; drawn are those that it sends then.
var (
	opening = []string{"DefineCourse", "Register"}
	drawn   = []string{"DefineCourse", "RenameCourse", "RenameCourse", "ChangeCapacity", "Register", "Subscribe", "Subscribe", "Subscribe", "Subscribe", "Unsubscribe", "Unsubscribe"}
)

// numbersOf are how many of each there are in a history.
type numbersOf struct{ courses, students, names int }

// drawNumbers draws them.
func drawNumbers(random *rand.Rand) numbersOf {
	return numbersOf{courses: 1 + random.IntN(5), students: 1 + random.IntN(3), names: 1 + random.IntN(4)}
}

// drawCommands draws the commands of a client; there are few ids, so that commands meet.
func drawCommands(random *rand.Rand, client int, n numbersOf) []dcb.Command {
	var commands []dcb.Command
	for i := range 5 + random.IntN(8) {
		slice := drawn[random.IntN(len(drawn))]
		if i < len(opening) {
			slice = opening[i]
		}
		commands = append(commands, drawCommand(random, slice, fmt.Sprintf("%d-%d", client, i), n))
	}
	return commands
}

// drawCommand draws a command of a slice.
func drawCommand(random *rand.Rand, slice, id string, n numbersOf) dcb.Command {
	d := courseData{CourseID: []string{fmt.Sprint("c", random.IntN(n.courses))}, StudentID: fmt.Sprint("s", random.IntN(n.students)),
		Name: fmt.Sprint("n", random.IntN(n.names)), Capacity: 1 + random.IntN(3)}
	if slice == "Subscribe" && random.IntN(4) == 0 {
		d.CourseID = []string{"c0", "c1"}
	}
	data, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return dcb.Command{Slice: slice, Type: slice, Data: data, Origin: eventlog.Origin{CommandID: id}}
}

// school is what the history tells.
type school struct {
	names, takenBy map[string]string
	capacity       map[string]int
	students       map[string]bool
	taken          map[[2]string]bool
}

// newSchool folds a history.
func newSchool(history []turn.RecordedEvent) school {
	s := school{names: map[string]string{}, takenBy: map[string]string{}, capacity: map[string]int{}, students: map[string]bool{}, taken: map[[2]string]bool{}}
	for _, e := range history {
		s.apply(e.Type, readData(e.Data))
	}
	return s
}

// readData reads the data of a command or event.
func readData(raw json.RawMessage) courseData {
	var d courseData
	if err := json.Unmarshal(raw, &d); err != nil {
		panic(err)
	}
	return d
}

// apply applies one event.
func (s school) apply(eventType string, d courseData) {
	switch eventType {
	case "CourseDefined", "CourseRenamed":
		delete(s.takenBy, d.OldName)
		s.names[d.CourseID[0]], s.takenBy[d.Name] = d.Name, d.CourseID[0]
		if eventType == "CourseDefined" {
			s.capacity[d.CourseID[0]] = d.Capacity
		}
	case "CapacityChanged":
		s.capacity[d.CourseID[0]] = d.Capacity
	case "StudentRegistered":
		s.students[d.StudentID] = true
	case "Subscribed":
		s.taken[[2]string{d.CourseID[0], d.StudentID}] = true
	case "Unsubscribed":
		delete(s.taken, [2]string{d.CourseID[0], d.StudentID})
	}
}

// count counts the subscriptions of a course (at 0) or student (at 1).
func (s school) count(at int, id string) int {
	n := 0
	for pair := range s.taken {
		if pair[at] == id {
			n++
		}
	}
	return n
}

// decideCourse is the handler of the domain.
func decideCourse(c dcb.Command, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject) {
	s, d := newSchool(history), readData(c.Data)
	course := d.CourseID[0]
	name, defined := s.names[course]
	owner, used := s.takenBy[d.Name]
	switch c.Slice {
	case "DefineCourse":
		if defined || used {
			return refuse("Defined")
		}
		return record("CourseDefined", courseData{CourseID: d.CourseID, Name: d.Name, Capacity: d.Capacity})
	case "RenameCourse":
		if !defined || used && owner != course {
			return refuse("NameTaken")
		}
		if name == d.Name {
			return nil, nil
		}
		return record("CourseRenamed", courseData{CourseID: d.CourseID, Name: d.Name, OldName: name})
	case "ChangeCapacity":
		if !defined || s.capacity[course] == d.Capacity {
			return nil, nil
		}
		return record("CapacityChanged", courseData{CourseID: d.CourseID, Capacity: d.Capacity})
	case "Register":
		if s.students[d.StudentID] {
			return refuse("Registered")
		}
		return record("StudentRegistered", courseData{StudentID: d.StudentID})
	case "Subscribe":
		return s.subscribe(d)
	}
	if !s.taken[[2]string{course, d.StudentID}] {
		return nil, nil
	}
	return record("Unsubscribed", courseData{CourseID: d.CourseID, StudentID: d.StudentID})
}

// subscribe subscribes a student to one or more courses.
func (s school) subscribe(d courseData) ([]turn.Event, *turn.Reject) {
	if !s.students[d.StudentID] || s.count(1, d.StudentID)+len(d.CourseID) > maxCourses {
		return refuse("Student")
	}
	var all []turn.Event
	for _, course := range d.CourseID {
		_, defined := s.names[course]
		if !defined || s.taken[[2]string{course, d.StudentID}] || s.count(0, course) >= s.capacity[course] {
			return refuse("Course")
		}
		events, _ := record("Subscribed", courseData{CourseID: []string{course}, StudentID: d.StudentID})
		all = append(all, events...)
	}
	return all, nil
}

// record is an answer of one event.
func record(eventType string, d courseData) ([]turn.Event, *turn.Reject) {
	data, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return []turn.Event{{Type: eventType, Data: data}}, nil
}

// refuse is an answer that rejects.
func refuse(code string) ([]turn.Event, *turn.Reject) { return nil, &turn.Reject{Code: code} }
