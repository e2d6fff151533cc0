package sigv4

import "slices"

const (
	s3 = "s3"
	// unsigned stands for the hash of a payload that is not signed.
	unsigned = "UNSIGNED-PAYLOAD"
)

// streamed stand for the hash of a payload that is sent in chunks.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
var streamed = []string{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}

// payload is the payload's hash as it is signed. Only S3 takes it from the request.
func (s *Signature) payload(r Request) (string, error) {
	if s.service != s3 {
		return hash(r.Body), nil
	}
	stated := r.HTTP.Header.Get("X-Amz-Content-Sha256")
	switch {
	case stated == "" && s.presigned:
		return unsigned, nil
	case stated == unsigned || slices.Contains(streamed, stated):
		return stated, nil
	case stated == "":
		return "", invalid("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
	case !isHash(stated):
		return "", invalid("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, one of the STREAMING- values, or a valid sha256 value.")
	case !equal(stated, hash(r.Body)):
		return "", invalid("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return stated, nil
}
