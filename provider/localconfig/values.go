package localconfig

import (
	"fmt"
	"strconv"
)

// MinMemory and MaxMemory are how many MB a function may have.
const MinMemory, MaxMemory = 128, 10240

// The billing modes of tables.
const (
	OnDemand    = "PAY_PER_REQUEST"
	Provisioned = "PROVISIONED"
)

// Check is an error that says what to write instead of a value that the key cannot have. An
// empty value is none, and so not wrong.
func (k Key) Check(value string) error {
	if value == "" {
		return nil
	}
	switch k.Name {
	case LambdaMemory.Name:
		if memory, err := strconv.Atoi(value); err != nil || memory < MinMemory || memory > MaxMemory {
			return fmt.Errorf("set it to a number of MB from %d to %d, such as 1024", MinMemory, MaxMemory)
		}
	case BillingMode.Name:
		if value != OnDemand && value != Provisioned {
			return fmt.Errorf("use %s or %s", OnDemand, Provisioned)
		}
	}
	return nil
}
