package generated

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// Ledger is the path of the record of files that have no comments.
const Ledger = ".reventless/generated.json"

// ledger is what the record says.
type ledger struct {
	About string `json:"about"`
	// Files has the hashes, by path.
	Files map[string]string `json:"files"`
	// before is what it said at first, nil when there was none.
	before map[string]string
}

const about = "Hashes of generated files that cannot carry a comment, by which 'reventless generate' knows whether they were edited. Commit this file."

func readLedger(root string) (*ledger, error) {
	record := &ledger{Files: map[string]string{}}
	text, err := read(root, Ledger)
	if err != nil || text == nil {
		return record, err
	}
	if err := json.Unmarshal(text, record); err != nil {
		return record, fmt.Errorf("%s cannot be read: %w; remove it, and the files that it is about count as edited", Ledger, err)
	}
	if record.Files == nil {
		record.Files = map[string]string{}
	}
	record.About, record.before = about, maps.Clone(record.Files)
	return record, nil
}

// below says whether a file in a folder is recorded.
func (l *ledger) below(folder string) bool {
	for path := range l.Files {
		if strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}

// add adds the record to what is written, if it says something new.
func (p *Plan) add(record *ledger) error {
	if maps.Equal(record.Files, record.before) {
		return nil
	}
	record.About = about
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(record); err != nil {
		return err
	}
	change := Change{Path: Ledger, Fate: Created, Content: text.Bytes()}
	if record.before != nil {
		change.Fate = Updated
	}
	p.Changes = append(p.Changes, change)
	return nil
}
