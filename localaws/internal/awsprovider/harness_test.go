package awsprovider

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// connectedTo returns a provider whose clients talk to an endpoint.
func connectedTo(endpoint string) *Provider {
	p := New(nil)
	p.clients = define.NewClients(aws.Config{Region: "eu-west-1", BaseEndpoint: &endpoint, Retryer: newRetryer,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	return p
}

// lab plays the engine for one resource of a provider.
type lab struct {
	t      *testing.T
	p      *Provider
	urn    string
	id     string
	inputs resource.PropertyMap
	state  resource.PropertyMap
}

func newLab(t *testing.T, p *Provider, token, name string) *lab {
	t.Helper()
	return &lab{t: t, p: p, urn: "urn:pulumi:dev::test::" + token + "::" + name}
}

func encoded(t *testing.T, m resource.PropertyMap) *structpb.Struct {
	t.Helper()
	s, err := encode(m)
	require.NoError(t, err)
	return s
}

func decoded(t *testing.T, s *structpb.Struct) resource.PropertyMap {
	t.Helper()
	m, err := decode(s)
	require.NoError(t, err)
	return m
}

func (l *lab) check(news property.Values) (resource.PropertyMap, []*rpc.CheckFailure) {
	l.t.Helper()
	r, err := l.p.Check(l.t.Context(), &rpc.CheckRequest{Urn: l.urn, Olds: encoded(l.t, l.inputs),
		News: encoded(l.t, news.Map()), RandomSeed: []byte(l.urn + l.t.Name())})
	require.NoError(l.t, err)
	return decoded(l.t, r.GetInputs()), r.GetFailures()
}

func (l *lab) checked(news property.Values) resource.PropertyMap {
	l.t.Helper()
	inputs, failures := l.check(news)
	require.Empty(l.t, failures)
	return inputs
}

func (l *lab) previewCreate(news property.Values) resource.PropertyMap {
	l.t.Helper()
	r, err := l.p.Create(l.t.Context(), &rpc.CreateRequest{Urn: l.urn, Properties: encoded(l.t, l.checked(news)), Preview: true})
	require.NoError(l.t, err)
	return decoded(l.t, r.GetProperties())
}

func (l *lab) tryCreate(news property.Values) error {
	l.t.Helper()
	inputs := l.checked(news)
	r, err := l.p.Create(l.t.Context(), &rpc.CreateRequest{Urn: l.urn, Properties: encoded(l.t, inputs)})
	if err != nil {
		return err
	}
	l.id, l.inputs, l.state = r.GetId(), inputs, decoded(l.t, r.GetProperties())
	return nil
}

func (l *lab) create(news property.Values) property.Map {
	l.t.Helper()
	require.NoError(l.t, l.tryCreate(news))
	return property.Map(l.state)
}

func (l *lab) diff(news property.Values) *rpc.DiffResponse {
	l.t.Helper()
	r, err := l.p.Diff(l.t.Context(), &rpc.DiffRequest{Id: l.id, Urn: l.urn, Olds: encoded(l.t, l.state),
		OldInputs: encoded(l.t, l.inputs), News: encoded(l.t, l.checked(news))})
	require.NoError(l.t, err)
	return r
}

func (l *lab) tryUpdate(news property.Values, preview bool) (resource.PropertyMap, error) {
	l.t.Helper()
	inputs := l.checked(news)
	r, err := l.p.Update(l.t.Context(), &rpc.UpdateRequest{Id: l.id, Urn: l.urn, Olds: encoded(l.t, l.state),
		OldInputs: encoded(l.t, l.inputs), News: encoded(l.t, inputs), Preview: preview})
	if err != nil {
		return nil, err
	}
	out := decoded(l.t, r.GetProperties())
	if !preview {
		l.inputs, l.state = inputs, out
	}
	return out, nil
}

func (l *lab) update(news property.Values) property.Map {
	l.t.Helper()
	out, err := l.tryUpdate(news, false)
	require.NoError(l.t, err)
	return property.Map(out)
}

// refresh reads; found is false when the resource is gone.
func (l *lab) refresh() (found bool) {
	l.t.Helper()
	r, err := l.p.Read(l.t.Context(), &rpc.ReadRequest{Id: l.id, Urn: l.urn, Properties: encoded(l.t, l.state), Inputs: encoded(l.t, l.inputs)})
	require.NoError(l.t, err)
	if r.GetId() == "" {
		return false
	}
	l.state, l.inputs = decoded(l.t, r.GetProperties()), decoded(l.t, r.GetInputs())
	return true
}

func (l *lab) tryDelete() error {
	l.t.Helper()
	_, err := l.p.Delete(l.t.Context(), &rpc.DeleteRequest{Id: l.id, Urn: l.urn, Properties: encoded(l.t, l.state), OldInputs: encoded(l.t, l.inputs)})
	return err
}

// savedState returns what an error asks the engine to save, nil for nothing.
func savedState(err error) *rpc.ErrorResourceInitFailed {
	for _, d := range status.Convert(err).Details() {
		if f, ok := d.(*rpc.ErrorResourceInitFailed); ok {
			return f
		}
	}
	return nil
}

var motoEndpoint string

// TestMain runs one moto_server for all tests of the package.
func TestMain(m *testing.M) {
	stop, err := startMoto()
	if err != nil {
		println("these tests need moto_server (pip install 'moto[server]' into .venv, or LOCALAWS_MOTO):", err.Error())
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

func motoCommand() string {
	if path := os.Getenv("LOCALAWS_MOTO"); path != "" {
		return path
	}
	return filepath.Join("..", "..", "..", ".venv", "bin", "moto_server")
}

func startMoto() (stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	_ = listener.Close()
	cmd := exec.Command(motoCommand(), "-H", "127.0.0.1", "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	motoEndpoint = "http://127.0.0.1:" + port
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if r, err := http.Get(motoEndpoint + "/moto-api/"); err == nil {
			_ = r.Body.Close()
			return stop, nil
		}
		select {
		case <-ctx.Done():
			stop()
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
