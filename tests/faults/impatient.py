"""The settings of the run, but a writer waits FAULTS_LOCK_SECONDS for a lock, and FAULTS_ROLE is the product's role."""

import os
from importlib import import_module
from typing import Any

_base = import_module(os.environ["FAULTS_SETTINGS"])
globals().update({name: value for name, value in vars(_base).items() if name.isupper()})

KEYS_REMEMBERED_SECONDS = 3.0

_database: dict[str, Any] = globals()["DATABASES"]["default"]
_seconds = int(os.environ["FAULTS_LOCK_SECONDS"])
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"]["timeout"] = _seconds
else:
    _database["OPTIONS"]["options"] = f"-c lock_timeout={_seconds}s"
    if os.environ.get("FAULTS_ROLE"):
        _database["OPTIONS"]["assume_role"] = os.environ["FAULTS_ROLE"]
