package e2e

import "testing"

// visits are the placeholders of sample events about signing in and one's own account: everybody in them is new, since most
// of what they do works once. code and sessionId belong to whoever was made last in the same event.
func visits(tree *Tree) map[string]func(testing.TB) string {
	var code, session string
	cookie := func(make func(testing.TB, *Tree) Person) func(testing.TB) string {
		return func(t testing.TB) string {
			p := make(t, tree)
			session = presentSession(t, p)
			return p.Cookie
		}
	}
	return map[string]func(testing.TB) string{
		"password":        func(testing.TB) string { return password },
		"member":          func(t testing.TB) string { return ordinary(t, tree).Email },
		"sessionCookie":   cookie(ordinary),
		"protectedCookie": cookie(withSecondFactor),
		"enrollingCookie": func(t testing.TB) string {
			p := ordinary(t, tree)
			code = codeNow(t, enrolling(t, p))
			return p.Cookie
		},
		"administratorCookie": func(t testing.TB) string { return tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator).Cookie },
		"sessionId":           func(testing.TB) string { return session },
		"code":                func(testing.TB) string { return code },
		"challenge": func(t testing.TB) string {
			var challenge string
			challenge, code = enrollingChallenge(t, tree)
			return challenge
		},
		"invitation": func(t testing.TB) string {
			return mailedToken(t, inviteOnly(t, tree, tree.Roles[tree.Org].User), "invitation")
		},
		"addressToken": func(t testing.TB) string {
			token, _ := addressLink(t, ordinary(t, tree))
			return token
		},
		"resetToken": func(t testing.TB) string {
			p := ordinary(t, tree)
			stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": p.Email}).Expect(t, 202)
			return mailedToken(t, p.Email, "password-reset")
		},
	}
}

// enrollingChallenge is the sign-in of a new administrator who has begun to set up the second factor, and its first code.
func enrollingChallenge(t testing.TB, tree *Tree) (challenge, code string) {
	t.Helper()
	token := mailedToken(t, inviteOnly(t, tree, tree.Roles[tree.Org].Administrator), "invitation")
	var next struct{ Challenge string }
	stack.Do(t, "POST", "/v1/invitations/"+token, map[string]string{"password": password}).Expect(t, 200).JSON(t, &next)
	var begun struct{ Secret string }
	stack.Do(t, "POST", "/v1/session/second-factor/enrol", map[string]string{"challenge": next.Challenge}).Expect(t, 200).JSON(t, &begun)
	return next.Challenge, codeNow(t, begun.Secret)
}

// presentSession is the id of the session that the person asks with.
func presentSession(t testing.TB, p Person) string {
	t.Helper()
	var page struct {
		Items []struct {
			ID      string
			Current bool
		}
	}
	answer := p.Do(t, "GET", "/v1/me/sessions", nil).Expect(t, 200)
	answer.JSON(t, &page)
	for _, one := range page.Items {
		if one.Current {
			return one.ID
		}
	}
	t.Fatalf("none of the sessions is the present one: %s", answer.Body)
	return ""
}
