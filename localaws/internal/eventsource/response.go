package eventsource

import "encoding/json"

const reportFailures = "ReportBatchItemFailures"

// failedItems reads a function's answer to a batch. It returns the identifiers that
// failed; all is true when the whole batch counts as failed because the answer
// cannot be used.
//
// An empty answer, null, or an empty list is success. An answer that is no such
// object, or an identifier that is missing, empty or not of the batch, fails the
// whole batch.
func failedItems(answer []byte, batch map[string]int) (failed map[string]bool, all bool) {
	if len(answer) == 0 {
		return nil, false
	}
	var response *struct {
		BatchItemFailures []struct {
			ItemIdentifier *string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return nil, true
	}
	if response == nil {
		return nil, false
	}
	failed = map[string]bool{}
	for _, item := range response.BatchItemFailures {
		if item.ItemIdentifier == nil {
			return nil, true
		}
		if _, known := batch[*item.ItemIdentifier]; !known {
			return nil, true
		}
		failed[*item.ItemIdentifier] = true
	}
	return failed, false
}
