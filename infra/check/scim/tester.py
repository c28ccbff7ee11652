"""Runs scim2-tester, all of its checks, against the server of a running stack. What fails, what deviates from what the RFCs recommend,
and what is not run ends this with an error.

What the tester makes up is sent as it is, but for one thing that no schema tells: a user here signs in by an email address, so the
userName is one, in a domain that the organization has verified.
"""

import collections
import sys
import uuid

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server, filling
from scim2_tester.checkers import patch_add, patch_replace

import stack

DOMAIN = "acme.example"  # the seed verifies it
CHECKED = {"User", "Group"}  # resource types that there must be checks of
GOOD = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}


def generate(context, path, *args, made_up=filling.generate_random_value, **kwargs):
    """Makes a random value up, for userName an address."""
    value = made_up(context, path, *args, **kwargs)
    return f"{uuid.uuid4()}@{DOMAIN}" if value is not None and str(path).endswith("userName") else value


def check(endpoint, token):
    """Runs all checks."""
    for module in (filling, patch_add, patch_replace):
        module.generate_random_value = generate
    with httpx2.Client(base_url=endpoint, headers={"Authorization": "Bearer " + token}, timeout=30) as http:
        return check_server(SyncSCIMClient(http))


def main():
    with stack.running() as seed:
        results = check(**seed["client"]["scim"])
    bad = [one for one in results if one.status not in GOOD]
    for one in bad:
        print(f"{one.status.name} {one.title} {one.resource_type or ''}: {one.reason}\n  {one.data}")
    missed = CHECKED - {one.resource_type for one in results}
    if missed:
        print(f"there were no checks of {', '.join(sorted(missed))}")
    counted = collections.Counter(one.resource_type or "discovery" for one in results)
    print(f"{len(results)} checks ({', '.join(f'{count} of {name}' for name, count in counted.items())}), {len(bad)} not passed")
    return 1 if bad or missed else 0


if __name__ == "__main__":
    sys.exit(main())
