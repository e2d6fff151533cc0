package scheduler

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// restored puts an image, through JSON as in a file, into another service.
func restored(t *testing.T, image Image) *bed {
	t.Helper()
	text, err := json.Marshal(image)
	require.NoError(t, err)
	var read Image
	require.NoError(t, json.Unmarshal(text, &read))
	b := newBed(t)
	require.NoError(t, b.service.Restore(read))
	return b
}

// TestMissedOccurrences begins with an image in which all times are long past.
func TestMissedOccurrences(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		expression string
		// fires is how often it fires at once, next whether it will again.
		fires int
		next  bool
	}{
		"again and again": {"rate(1 minute)", 1, true},
		"once":            {"at(2030-01-01T00:00:00)", 1, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			image := Image{Groups: []groupImage{{Name: defaultGroup}}}
			made := newBed(t)
			made.create(input(test.expression))
			for _, saved := range made.service.Save().Groups[0].Schedules {
				saved.Next = time.Now().Add(-72 * time.Hour)
				saved.Anchor = saved.Next
				image.Groups[0].Schedules = append(image.Groups[0].Schedules, saved)
			}
			b := restored(t, image)
			b.eventually("it fires", func() bool { return len(b.functions.got()) == test.fires })
			time.Sleep(20 * time.Millisecond)
			assert.Len(t, b.functions.got(), test.fires, "not once for each minute of three days")
			b.service.Advance(time.Minute)
			b.eventually("and goes on", func() bool { return (len(b.functions.got()) > test.fires) == test.next })
		})
	}
}

// TestSaveWhileItFires saves while a target fails: the occurrence is not taken for done.
func TestSaveWhileItFires(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.service.options.RetryDelay = time.Hour
	b.functions.failures = 1
	_, err := b.CreateScheduleGroup(t.Context(), &sdk.CreateScheduleGroupInput{Name: aws.String("shop")})
	require.NoError(t, err)
	in := input("rate(1 hour)")
	in.GroupName = aws.String("shop")
	b.create(in)
	b.eventually("the first call failed", func() bool {
		b.functions.mutex.Lock()
		defer b.functions.mutex.Unlock()
		return b.functions.failures == 0
	})
	other := restored(t, b.service.Save())
	other.eventually("it occurs again", func() bool { return len(other.functions.got()) == 1 })
	got, err := other.GetSchedule(t.Context(), &sdk.GetScheduleInput{Name: aws.String("s"), GroupName: aws.String("shop")})
	require.NoError(t, err)
	assert.Equal(t, "rate(1 hour)", *got.ScheduleExpression)
}
