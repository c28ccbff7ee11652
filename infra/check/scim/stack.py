"""A local stack of its own with the seed's people, and what asks it over HTTP."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]


class Stack:
    """A running stack, asked as the client's administrator, by an API key that may do what is delicate."""

    def __init__(self, url, seed):
        self.url, self.client = url, seed["client"]

    def call(self, method, path, body=None):
        """Asks the API of the client's organization, and gives the answer's JSON."""
        request = urllib.request.Request(
            f"{self.url}/v1/organizations/{self.client['organizationId']}{path}", json.dumps(body).encode(), method=method,
            headers={"Content-Type": "application/json", "Authorization": "Bearer " + self.client["admin"]["apiKey"]})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@contextlib.contextmanager
def running():
    """Starts a stack on free ports, gives it when it is ready, and ends it. Its log stays where that fails."""
    data = pathlib.Path(tempfile.mkdtemp(prefix="tenantry-scim-"))
    process = subprocess.Popen([ROOT / ".build" / "stack"], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env={**os.environ, "PORT": "0", "BUILD": "no", "DATA_DIR": str(data)})
    try:
        line = process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"the stack did not become ready; its log is in {data}")
        yield Stack(line.removeprefix("ready ").strip(), json.loads((data / "seed.json").read_text()))
        shutil.rmtree(data)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
