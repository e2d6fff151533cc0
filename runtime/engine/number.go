package engine

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// The numbers that DynamoDB holds (developer guide, "Data types: Number"): up to 38
// significant digits, magnitudes from 1E-130 to 9.99…E+125, and zero.
const (
	maxDigits   = 38
	minExponent = -130
	maxExponent = 125
)

// checkNumber says why a JSON number cannot be a DynamoDB number, nil if it can.
func checkNumber(n json.Number) error {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(n.String(), "-")), "e")
	integer, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(integer+fraction, "0")
	if digits == "" {
		return nil
	}
	power := 0
	if exponent != "" {
		var err error
		if power, err = strconv.Atoi(exponent); err != nil {
			return fmt.Errorf("the exponent of the number %s is too large for DynamoDB", n)
		}
	}
	// The first significant digit stands for 10 to the power of magnitude.
	magnitude := len(integer) - 1 - (len(integer+fraction) - len(digits)) + power
	if significant := len(strings.TrimRight(digits, "0")); significant > maxDigits {
		return fmt.Errorf("the number %s has %d significant digits, DynamoDB holds %d; write it as a text", n, significant, maxDigits)
	}
	if magnitude < minExponent || magnitude > maxExponent {
		return fmt.Errorf("the number %s is outside of what DynamoDB holds (1E%d to 9.9E+%d); write it as a text", n, minExponent, maxExponent)
	}
	return nil
}
