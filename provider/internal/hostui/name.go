package hostui

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

const (
	maxLabel = 63
	// maxCertificate is the longest name that ACM gives a certificate for, the limit of a
	// certificate's common name.
	// https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
	maxCertificate = 64
	maxName        = 253
)

// name is the site's own name and the hosted zone that it is in; both are empty for a name
// of CloudFront.
type name struct{ domain, zone string }

// setting is a value with the place that it comes from.
type setting struct {
	key localconfig.Key
	// argument is its path among the arguments, which go after the configuration.
	argument    string
	value, from string
}

// find looks a setting up.
func find(sources localconfig.Sources, key localconfig.Key, argument string, declared *string) setting {
	s := setting{key: key, argument: "hostUi." + argument}
	if found := sources.Look(key); found.Set() {
		s.value, s.from = found.Value, found.Name
	} else if text := strings.TrimSpace(or(declared, "")); text != "" {
		s.value, s.from = text, s.argument
	}
	return s
}

// findName finds the site's name, see the arguments. A site of which only one of domain and
// zone is known has a name of CloudFront, and a warning says what is missing.
func findName(declared declaration.HostUI, sources localconfig.Sources, project, stack string, explicit bool) (name, []string, []validate.Problem) {
	base := find(sources, localconfig.HostUIBaseDomain, "baseDomain", declared.BaseDomain)
	zone := find(sources, localconfig.HostUIHostedZoneID, "hostedZoneId", declared.HostedZoneID)
	zone.value = strings.TrimPrefix(zone.value, "/hostedzone/") // as the AWS command line shows it
	switch {
	case base.value == "" && zone.value == "":
		return name{}, nil, nil
	case zone.value == "":
		return name{}, []string{missing(base, zone)}, nil
	case base.value == "":
		return name{}, []string{missing(zone, base)}, nil
	}
	prefix := find(sources, localconfig.HostUIBaseName, "baseName", declared.BaseName)
	if prefix.value == "" {
		prefix.value, prefix.from = project, "the project's name"
	}
	label := prefix.value
	if !slices.Contains(prodStacks(declared, sources), stack) {
		label += "-" + stack
	}
	named := name{domain: strings.ToLower(label + "." + strings.TrimSuffix(base.value, ".")), zone: zone.value}
	return named, nil, check(declared, named, label, base, zone, prefix, explicit)
}

func missing(set, other setting) string {
	return fmt.Sprintf("the host UI keeps a name of CloudFront: %s is set (%s), but %s is not; a name of your own needs both. "+
		"Set it with `pulumi config set %s <value>` or the environment variable %s, or take the other one away",
		set.key.Name, set.from, other.key.Name, other.key.Config(), other.key.Variable())
}

func prodStacks(declared declaration.HostUI, sources localconfig.Sources) []string {
	if found := sources.Look(localconfig.HostUIProdStacks); found.Set() {
		return localconfig.List(found.Value)
	}
	if len(declared.ProdStacks) > 0 {
		return declared.ProdStacks
	}
	return declaration.DefaultProdStacks()
}

var (
	dnsLabel       = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)
	hostedZone     = regexp.MustCompile(`^[A-Z0-9]{1,32}$`)
	certificateARN = regexp.MustCompile(`^arn:[a-z-]+:acm:us-east-1:[0-9]{12}:certificate/.+$`)
)

// check finds what is wrong with a name. Each problem tells where the value comes from.
func check(declared declaration.HostUI, named name, label string, base, zone, prefix setting, explicit bool) []validate.Problem {
	var problems []validate.Problem
	refuse := func(of setting, format string, arguments ...any) {
		problems = append(problems, validate.Problem{Path: of.argument, Reason: fmt.Sprintf(format, arguments...) + " (" + of.from + ")"})
	}
	switch {
	case !dnsLabel.MatchString(label):
		refuse(prefix, "%q is no name for a web site: a DNS label has letters, digits and \"-\", neither first nor last; set %s to another one", label, prefix.key.Name)
	case len(label) > maxLabel:
		refuse(prefix, "%q is too long for a DNS label: %d characters, at most %d; set %s to a shorter one", label, len(label), maxLabel, prefix.key.Name)
	}
	labels := strings.Split(strings.TrimSuffix(base.value, "."), ".")
	if len(labels) < 2 || slices.ContainsFunc(labels, func(l string) bool { return len(l) > maxLabel || !dnsLabel.MatchString(l) }) {
		refuse(base, "%q is no domain; write it as apps.example.com", base.value)
	}
	if !hostedZone.MatchString(zone.value) {
		refuse(zone, "%q is no id of a hosted zone; `aws route53 list-hosted-zones` shows it, such as Z0123456789ABCDEFGHIJ", zone.value)
	}
	switch certificate := or(declared.CertificateARN, ""); {
	case declared.CertificateARN != nil && !certificateARN.MatchString(certificate):
		problems = append(problems, validate.Problem{Path: "hostUi.certificateArn", Reason: fmt.Sprintf("%q is no ARN of an ACM certificate in us-east-1, the region that CloudFront takes them from", certificate)})
	case declared.CertificateARN == nil && explicit:
		problems = append(problems, validate.Problem{Path: "hostUi.certificateArn", Reason: "the platform has an explicit provider for AWS, whose settings cannot be copied to the region us-east-1, " +
			"where the certificate of " + named.domain + " must be; make one there, let it be issued, and give its ARN"})
	case declared.CertificateARN == nil && len(named.domain) > maxCertificate:
		refuse(base, "%q has %d characters, and ACM gives no certificate for more than %d; choose a shorter %s", named.domain, len(named.domain), maxCertificate, prefix.key.Name)
	case len(named.domain) > maxName:
		refuse(base, "%q has %d characters, at most %d are possible", named.domain, len(named.domain), maxName)
	}
	return problems
}
