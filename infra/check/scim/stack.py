"""A local stack of its own with what the seed makes: an organization with a connection whose IdP provisions by SCIM."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]


@contextlib.contextmanager
def running():
    """Starts a stack on free ports, gives what its seed wrote when it is ready, and ends it. Its log stays where that fails."""
    data = pathlib.Path(tempfile.mkdtemp(prefix="tenantry-scim-"))
    process = subprocess.Popen([ROOT / ".build" / "stack"], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env={**os.environ, "PORT": "0", "BUILD": "no", "DATA_DIR": str(data)})
    try:
        line = process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"the stack did not become ready; its log is in {data}")
        yield json.loads((data / "seed.json").read_text())
        shutil.rmtree(data)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
