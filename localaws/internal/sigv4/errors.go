package sigv4

// Codes of an [Error].
const (
	CodeIncomplete = "IncompleteSignatureException"
	CodeInvalid    = "InvalidSignatureException"
	CodeUnknown    = "UnrecognizedClientException"
)

// Error says why a signature is not accepted, in AWS's words.
type Error struct {
	// Code is the error's code in most services, S3 the one that S3 has for it.
	Code, S3 string
	Message  string
	// Detail is what should have been signed, for clients that are being written.
	Detail string
}

// Error is the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Query is the code in services of the query protocol.
func (e *Error) Query() string {
	switch e.Code {
	case CodeIncomplete:
		return "IncompleteSignature"
	case CodeUnknown:
		return "InvalidClientTokenId"
	}
	return "SignatureDoesNotMatch"
}

// Text is the message with its detail.
func (e *Error) Text() string { return e.Message + e.Detail }

// Unknown is the error for an access key that nobody was given, and for one that comes
// without the session token that was given with it.
func Unknown() *Error {
	return &Error{Code: CodeUnknown, S3: "InvalidToken", Message: "The security token included in the request is invalid."}
}

func incomplete(message string) *Error {
	return &Error{Code: CodeIncomplete, S3: "AuthorizationHeaderMalformed", Message: message}
}

func invalid(s3, message string) *Error { return &Error{Code: CodeInvalid, S3: s3, Message: message} }

func mismatched(canonical, text string) *Error {
	e := invalid("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	e.Detail = "\n\nThe Canonical String for this request should have been\n'" + canonical + "'\n\nThe String-to-Sign should have been\n'" + text + "'\n"
	return e
}
