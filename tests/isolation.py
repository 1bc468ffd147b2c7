"""A pytest plugin, loaded before the settings: each process of a run has its own var folder and Redis database."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

worker = os.environ.get("PYTEST_XDIST_WORKER", "main")

given = os.environ.get("VANTREXIA_VAR")
if given:
    os.environ["VANTREXIA_VAR"] = str(Path(given) / worker)
else:
    folder = tempfile.mkdtemp(prefix=f"vantrexia-tests-{worker}-")
    os.environ["VANTREXIA_VAR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)

# A suite asks more often than any person: the tests of the limits set their own.
os.environ["RATE_LIMIT_PER_MINUTE"] = os.environ["RATE_LIMIT_POLLS_PER_MINUTE"] = "1000000"

redis = os.environ.get("REDIS_URL")
if redis and worker.startswith("gw"):
    os.environ["REDIS_URL"] = urlsplit(redis)._replace(path=f"/{int(worker[2:]) + 1}").geturl()
