package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Stamp    string      `xml:"timestamp,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string    `xml:"name,attr"`
	Class   string    `xml:"classname,attr"`
	Time    string    `xml:"time,attr"`
	Failure *junitWhy `xml:"failure"`
	Skipped *junitWhy `xml:"skipped"`
}

type junitWhy struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as JUnit's XML: each stack is a test; one that was blocked or
// cancelled is skipped, like one that does not take part.
func (r *Report) JUnit(out io.Writer) error {
	suite := junitSuite{Name: "reventless " + r.Operation + " " + r.Environment, Tests: len(r.Stacks),
		Time: seconds(r.Seconds), Stamp: r.Started.UTC().Format("2006-01-02T15:04:05")}
	for _, stack := range r.Stacks {
		test := junitCase{Name: stack.Name, Class: stack.Project, Time: seconds(stack.Seconds)}
		switch stack.Status {
		case Failed:
			suite.Failures++
			test.Failure = &junitWhy{Message: firstLine(stack.Reason), Text: strings.Join(stack.Errors, "\n")}
		case Skipped, Blocked, Cancelled:
			suite.Skipped++
			test.Skipped = &junitWhy{Message: stack.Reason}
		case Succeeded, Unchanged:
		}
		suite.Cases = append(suite.Cases, test)
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(junitSuites{Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}

func seconds(value float64) string { return fmt.Sprintf("%.3f", value) }

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
