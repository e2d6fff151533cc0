package github

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// MaxComment is how long a comment may be; GitHub refuses more than 65,536 characters.
const MaxComment = 65_000

type comment struct {
	ID   int64  `json:"id"`
	Body string `json:"body"`
	URL  string `json:"html_url"`
	// Association is what its author is to the repository.
	Association string `json:"author_association"`
	User        struct {
		Type string `json:"type"`
	} `json:"user"`
}

// trusted says whether the author is a workflow or somebody who may change the repository:
// with the text of anybody else, who may write it anew, nobody could rely on it.
func (c comment) trusted() bool {
	return c.User.Type == "Bot" || slices.Contains([]string{"OWNER", "MEMBER", "COLLABORATOR"}, c.Association)
}

// Kept says what became of a comment.
type Kept struct {
	// URL is the comment's, "" when there is none.
	URL string
	// Created says that it is new, Updated that its text changed.
	Created, Updated bool
}

// KeepComment makes the one comment of a pull request that begins with a marker say what
// body says, after the marker. A stranger's comment is none, whatever it begins with. When there is none yet, it is made if create says so.
func (c *Client) KeepComment(ctx context.Context, number int, marker, body string, create bool) (Kept, error) {
	body = marker + "\n" + body
	found, err := c.findComment(ctx, number, marker)
	if err != nil {
		return Kept{}, err
	}
	if found != nil && found.Body == body {
		return Kept{URL: found.URL}, nil
	}
	var written comment
	if found != nil {
		_, err := c.call(ctx, http.MethodPatch, c.path("/issues/comments/%d", found.ID), map[string]string{"body": body}, &written)
		if !Is(err, http.StatusNotFound) {
			return Kept{URL: written.URL, Updated: err == nil}, err
		}
		// Somebody deleted it just now.
	}
	if !create {
		return Kept{}, nil
	}
	_, err = c.call(ctx, http.MethodPost, c.path("/issues/%d/comments", number), map[string]string{"body": body}, &written)
	return Kept{URL: written.URL, Created: err == nil}, err
}

// findComment is the first comment that begins with a marker, nil when there is none.
func (c *Client) findComment(ctx context.Context, number int, marker string) (*comment, error) {
	next := c.path("/issues/%d/comments?per_page=100", number)
	for page := 0; next != "" && page < maxPages; page++ {
		var comments []comment
		var err error
		if next, err = c.call(ctx, http.MethodGet, next, nil, &comments); err != nil {
			return nil, err
		}
		for i := range comments {
			if strings.HasPrefix(comments[i].Body, marker) && comments[i].trusted() {
				return &comments[i], nil
			}
		}
	}
	return nil, nil
}
