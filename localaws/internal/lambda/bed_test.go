package lambda

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
)

const role = "arn:aws:iam::123456789012:role/test"

// bed is a service with a client of the real SDK.
type bed struct {
	*sdk.Client
	service *Service
	faults  *faults.Faults
}

func newBed(t *testing.T, change func(*Options)) *bed {
	t.Helper()
	f := faults.New()
	options := Options{Region: "eu-central-1", AccountID: "123456789012", Endpoint: "http://127.0.0.1:1", DataDir: t.TempDir(), Faults: &f.Lambda}
	if change != nil {
		change(&options)
	}
	service, err := New(options)
	require.NoError(t, err)
	t.Cleanup(service.Close)
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	client := sdk.New(sdk.Options{Region: options.Region, BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	return &bed{Client: client, service: service, faults: f}
}

type files map[string]string

// archive zips files; those whose name has no dot are executable.
func archive(t *testing.T, content files) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	for name, text := range content {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate}
		header.SetMode(os.FileMode(0o755))
		entry, err := writer.CreateHeader(header)
		require.NoError(t, err)
		_, err = entry.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	return buffer.Bytes()
}

func (b *bed) create(t *testing.T, name string, runtime types.Runtime, content files, change func(*sdk.CreateFunctionInput)) {
	t.Helper()
	input := &sdk.CreateFunctionInput{FunctionName: &name, Role: aws.String(role), Runtime: runtime,
		Handler: aws.String("index.handler"), Code: &types.FunctionCode{ZipFile: archive(t, content)}, Timeout: aws.Int32(20)}
	if change != nil {
		change(input)
	}
	_, err := b.CreateFunction(t.Context(), input)
	require.NoError(t, err)
}

func (b *bed) layer(t *testing.T, name string, content files) string {
	t.Helper()
	output, err := b.PublishLayerVersion(t.Context(), &sdk.PublishLayerVersionInput{LayerName: &name, Content: &types.LayerVersionContentInput{ZipFile: archive(t, content)}})
	require.NoError(t, err)
	return *output.LayerVersionArn
}

// call invokes and returns the answer, which must be no function error.
func (b *bed) call(t *testing.T, name, payload string) string {
	t.Helper()
	output, err := b.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: &name, Payload: []byte(payload)})
	require.NoError(t, err)
	require.Empty(t, aws.ToString(output.FunctionError), string(output.Payload))
	return string(output.Payload)
}

type functionError struct{ ErrorType, ErrorMessage string }

// fail invokes and returns the function error, which there must be.
func (b *bed) fail(t *testing.T, name, payload string) functionError {
	t.Helper()
	output, err := b.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: &name, Payload: []byte(payload)})
	require.NoError(t, err)
	require.Equal(t, "Unhandled", aws.ToString(output.FunctionError), string(output.Payload))
	var e functionError
	require.NoError(t, json.Unmarshal(output.Payload, &e))
	return e
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 20*time.Second, 10*time.Millisecond, what)
}
