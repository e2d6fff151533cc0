package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
	"github.com/reventless/pulumi-reventless/localaws/userpool"
)

// measureRequests sends commands to ordering's Customer aggregate, one after the other
// and each to an id of its own, and counts what the local AWS was asked meanwhile. The
// requests of projections belong to it: the row is read and written once.
func measureRequests(ctx context.Context, endpoint string, outputs map[string]any) error {
	const commands = 50
	pool := userpool.New(endpoint, "eu-west-1", outputs["userPoolId"].(string), outputs["userPoolClientId"].(string))
	admin, err := pool.SignIn(ctx, "admin@example.com", "Admin")
	if err != nil {
		return err
	}
	client := graphqlclient.Client{URL: outputs["graphqlUrl"].(string), Token: admin.Token}
	if err := register(ctx, client, "warm-up"); err != nil {
		return err
	}
	if err := settle(ctx, client, "warm-up"); err != nil {
		return err
	}
	before, err := metrics(ctx, endpoint)
	if err != nil {
		return err
	}
	times := make([]time.Duration, commands)
	for i := range commands {
		began := time.Now()
		if err := register(ctx, client, fmt.Sprintf("customer-%d", i)); err != nil {
			return err
		}
		times[i] = time.Since(began)
	}
	after, err := metrics(ctx, endpoint)
	if err != nil {
		return err
	}
	title(fmt.Sprintf("Requests during %d accepted commands, of which the event log takes 1 Query and 1 PutItem each", commands))
	for _, operation := range slices.Sorted(maps.Keys(after)) {
		if n := after[operation] - before[operation]; n >= commands/2 {
			fmt.Printf("  %-34s %5.2f for each command\n", operation, float64(n)/commands)
		}
	}
	fmt.Printf("  %-34s %v (median)\n", "answer to a mutation, local AWS", median(times).Round(100*time.Microsecond))
	return nil
}

func register(ctx context.Context, client graphqlclient.Client, id string) error {
	var data struct{ RegisterCustomer struct{ Status string } }
	query := fmt.Sprintf(`mutation { registerCustomer(customerId: %q, email: "a@example.com", address: "x") { status } }`, id)
	if err := client.Data(ctx, &data, query, nil); err != nil {
		return err
	}
	if data.RegisterCustomer.Status != "ACCEPTED" {
		return fmt.Errorf("registering %s was answered %s", id, data.RegisterCustomer.Status)
	}
	return nil
}

// settle waits until the row of a customer is there, so that nothing of what went
// before is counted.
func settle(ctx context.Context, client graphqlclient.Client, id string) error {
	for range 600 {
		var data struct{ Customer *struct{ Email string } }
		if err := client.Data(ctx, &data, fmt.Sprintf(`{ customer(id: %q) { email } }`, id), nil); err != nil || data.Customer != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("the row of %s did not appear", id)
}

func metrics(ctx context.Context, endpoint string) (map[string]int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/_localaws/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	counts := map[string]int{}
	return counts, json.NewDecoder(response.Body).Decode(&counts)
}
