package upgrade

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

// plugin is a running provider.
type plugin struct {
	command    *exec.Cmd
	connection *grpc.ClientConn
	client     rpc.ResourceProviderClient
}

// start starts a provider as the engine does: it prints its port.
func start(ctx context.Context, program string, config aws.Config) (*plugin, error) {
	keys, err := config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	p := &plugin{command: exec.CommandContext(ctx, program)}
	p.command.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+*config.BaseEndpoint, "AWS_REGION="+config.Region,
		"AWS_ACCESS_KEY_ID="+keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+keys.SecretAccessKey)
	output, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("%w: run 'make build'", err)
	}
	if err := p.connect(ctx, bufio.NewReader(output)); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *plugin) connect(ctx context.Context, output *bufio.Reader) error {
	port, err := output.ReadString('\n')
	if err != nil {
		return fmt.Errorf("%s printed no port: %w", p.command.Path, err)
	}
	p.connection, err = grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	p.client = rpc.NewResourceProviderClient(p.connection)
	_, err = p.client.Configure(ctx, &rpc.ConfigureRequest{Args: &structpb.Struct{}, AcceptSecrets: true})
	return err
}

func (p *plugin) close() {
	if p.connection != nil {
		_ = p.connection.Close()
	}
	_ = p.command.Process.Signal(syscall.SIGTERM)
	_ = p.command.Wait()
}

// create makes a resource from inputs that were checked when they were recorded.
func (p *plugin) create(ctx context.Context, urn string, inputs map[string]any) (string, map[string]any, error) {
	properties, err := structpb.NewStruct(inputs)
	if err != nil {
		return "", nil, err
	}
	answer, err := p.client.Create(ctx, &rpc.CreateRequest{Urn: urn, Properties: properties})
	if err != nil {
		return "", nil, err
	}
	return answer.GetId(), answer.GetProperties().AsMap(), nil
}
