package front

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// maxAdvance bounds one step of the clock.
const maxAdvance = 366 * 24 * time.Hour

// clock is the JSON form of the time of schedules.
type clock struct {
	Now time.Time `json:"now"`
	// Offset is what was added to the computer's time: "5m0s".
	Offset string `json:"offset"`
}

func (f *front) readClock(w http.ResponseWriter, _ *http.Request) {
	now := f.Scheduler.Now()
	writeJSON(w, http.StatusOK, clock{Now: now, Offset: time.Until(now).Round(time.Second).String()})
}

// advanceClock puts the time of schedules forward: {"advance": "5m"}.
func (f *front) advanceClock(w http.ResponseWriter, r *http.Request) {
	var given struct {
		Advance string `json:"advance"`
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxSettings))
	if err == nil {
		err = json.Unmarshal(body, &given)
	}
	by, durationErr := time.ParseDuration(given.Advance)
	if err != nil || durationErr != nil || by <= 0 || by > maxAdvance {
		writeJSON(w, http.StatusBadRequest, map[string]string{"message": `say by how much the time of schedules is put forward, at most 8784h: {"advance": "5m"}`})
		return
	}
	f.Logger.Info("the time of schedules was put forward", "by", by)
	f.Scheduler.Advance(by)
	f.readClock(w, r)
}
