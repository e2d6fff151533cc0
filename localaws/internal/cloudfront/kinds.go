package cloudfront

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// kind is a kind of things.
type kind struct {
	// noun names it in the inventory, path is its part of the operations' paths, element
	// the element of an answer. What it is configured with is element + "Config".
	noun, path, element string
	// put is what follows the id in the path of an update.
	put                   string
	missing, taken, inUse string
	parse                 func(*thing) error
	validate              func(*Service, *thing) *failure
	describe              func(*Service, *thing) string
	mayDelete             func(*Service, *thing) *failure
	changed               func(*Service, *thing)
}

// namedConfig is what origin access controls and response headers policies have in common.
type namedConfig struct{ Name string }

// distributionConfig is what of a distribution's configuration is looked at.
type distributionConfig struct {
	Enabled           bool
	DefaultRootObject string
	Aliases           []string `xml:"Aliases>Items>CNAME"`
	Origins           []struct {
		ID                    string `xml:"Id"`
		DomainName            string
		OriginAccessControlID string `xml:"OriginAccessControlId"`
	} `xml:"Origins>Items>Origin"`
	DefaultCacheBehavior struct {
		TargetOriginID          string `xml:"TargetOriginId"`
		ResponseHeadersPolicyID string `xml:"ResponseHeadersPolicyId"`
	}
	CustomErrorResponses []struct {
		ErrorCode        int
		ResponsePagePath string
		ResponseCode     int
	} `xml:"CustomErrorResponses>Items>CustomErrorResponse"`
	ViewerCertificate struct {
		ACMCertificateArn string
	}
}

// headersConfig is what of a response headers policy is looked at.
type headersConfig struct {
	SecurityHeadersConfig struct {
		ContentSecurityPolicy *struct{ ContentSecurityPolicy string }
		ContentTypeOptions    *struct{ Override bool }
		FrameOptions          *struct{ FrameOption string }
		ReferrerPolicy        *struct{ ReferrerPolicy string }

		StrictTransportSecurity *struct {
			AccessControlMaxAgeSec     int
			IncludeSubdomains, Preload bool
		}
	}
}

var distributions = &kind{
	noun: "distribution", path: "distribution", element: "Distribution", put: "/config", missing: "NoSuchDistribution",
	parse:    func(t *thing) error { return unmarshal(t.config, &t.distribution) },
	validate: (*Service).validateDistribution,
	describe: func(s *Service, t *thing) string {
		return fmt.Sprintf("<ARN>%s</ARN><Status>Deployed</Status><InProgressInvalidationBatches>0</InProgressInvalidationBatches><DomainName>%s</DomainName>", s.arn(t.id), domainName(t.id))
	},
	mayDelete: func(_ *Service, t *thing) *failure {
		if t.distribution.Enabled {
			return fail(http.StatusConflict, "DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.")
		}
		return nil
	},
	changed: (*Service).relisten,
}

var accessControls = &kind{
	noun: "origin access control", path: "origin-access-control", element: "OriginAccessControl", put: "/config",
	missing: "NoSuchOriginAccessControl", taken: "OriginAccessControlAlreadyExists", inUse: "OriginAccessControlInUse",
	parse: func(t *thing) error { return unmarshal(t.config, &t.named) },
}

var headersPolicies = &kind{
	noun: "response headers policy", path: "response-headers-policy", element: "ResponseHeadersPolicy",
	missing: "NoSuchResponseHeadersPolicy", taken: "ResponseHeadersPolicyAlreadyExists", inUse: "ResponseHeadersPolicyInUse",
	parse: func(t *thing) error {
		if err := unmarshal(t.config, &t.named); err != nil {
			return err
		}
		return unmarshal(t.config, &t.headers)
	},
}

// unmarshal reads the content of a configuration's element.
func unmarshal(content string, config any) error {
	return xml.Unmarshal([]byte("<Config>"+content+"</Config>"), config)
}

// uses says whether a distribution uses a thing.
func (c distributionConfig) uses(id string) bool {
	for _, o := range c.Origins {
		if o.OriginAccessControlID == id {
			return true
		}
	}
	return c.DefaultCacheBehavior.ResponseHeadersPolicyID == id
}

// validateDistribution refuses what refers to nothing, and names that are taken.
func (s *Service) validateDistribution(t *thing) *failure {
	c := t.distribution
	for _, o := range c.Origins {
		if id := o.OriginAccessControlID; id != "" && s.find(accessControls, id) == nil {
			return fail(http.StatusBadRequest, "InvalidOriginAccessControl", "The origin access control "+id+" does not exist.")
		}
	}
	if id := c.DefaultCacheBehavior.ResponseHeadersPolicyID; id != "" && s.find(headersPolicies, id) == nil {
		return fail(http.StatusNotFound, headersPolicies.missing, "The response headers policy does not exist.")
	}
	if len(c.Aliases) > 0 && !strings.Contains(c.ViewerCertificate.ACMCertificateArn, ":acm:us-east-1:") {
		return fail(http.StatusBadRequest, "InvalidViewerCertificate", "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.")
	}
	for _, other := range s.things {
		if other.kind != t.kind || other.id == t.id {
			continue
		}
		for _, alias := range c.Aliases {
			if slices.Contains(other.distribution.Aliases, alias) {
				return fail(http.StatusConflict, "CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource.")
			}
		}
	}
	return nil
}

// find finds a thing of a kind, nil if there is none.
func (s *Service) find(k *kind, id string) *thing {
	if t := s.things[id]; t != nil && t.kind == k {
		return t
	}
	return nil
}
