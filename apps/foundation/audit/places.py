"""Second places: a folder or a bucket, elsewhere, that take a checkpoint and never give its name to another."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone

from apps.foundation.audit.types import KEPT_YEARS, PlaceFailure

_PREFIX = "audit-checkpoints/"
_CONNECT_SECONDS, _ANSWER_SECONDS = 5, 10


class SecondPlace(Protocol):
    """What a second place offers. Every failure of it is a PlaceFailure that names no secret."""

    @property
    def label(self) -> str:
        """Which place this is, for the trail and the page."""

    def put(self, name: str, body: bytes) -> None:
        """The body stands there under this name. Raises PlaceFailure if something already did."""

    def names(self) -> list[str]:
        """What stands there, oldest first."""

    def read(self, name: str) -> bytes:
        """What stands there under this name."""


@dataclass(frozen=True)
class Folder:
    """A folder, such as a mount of another machine."""

    path: Path

    @property
    def label(self) -> str:
        """The word for it."""
        return "folder"

    def put(self, name: str, body: bytes) -> None:
        """Written through to the disk under another name first: half a checkpoint would look like a forged one."""
        unfinished = self.path / f".{name}.{os.getpid()}"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440)
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            self._name(unfinished, self.path / name)
        except OSError as error:
            raise PlaceFailure(type(error).__name__) from error
        finally:
            with suppress(OSError):
                unfinished.unlink()

    @staticmethod
    def _name(unfinished: Path, path: Path) -> None:
        try:
            os.link(unfinished, path)
        except FileExistsError:
            raise
        except OSError:
            # Some mounts know no links. A rename would replace what has the name already.
            if path.exists():
                raise
            unfinished.rename(path)

    def names(self) -> list[str]:
        """Sorted by their times; a folder that is not there yet holds none."""
        try:
            return sorted(path.name for path in self.path.glob("*.json")) if self.path.exists() else []
        except OSError as error:
            raise PlaceFailure(type(error).__name__) from error

    def read(self, name: str) -> bytes:
        """The bytes of the file."""
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise PlaceFailure(type(error).__name__) from error


@dataclass(frozen=True)
class Bucket:
    """A bucket of S3 or of what speaks like it, whose object lock lets nobody replace or remove what it holds."""

    name: str
    endpoint: str = ""

    @property
    def label(self) -> str:
        """The word for it."""
        return "bucket"

    def put(self, name: str, body: bytes) -> None:
        """Locked for as long as the trail is kept; refused where the name is taken."""
        kept_until = timezone.now() + timedelta(days=KEPT_YEARS * 366)
        self._ask(
            "put_object",
            Key=_PREFIX + name,
            Body=body,
            ContentType="application/json",
            IfNoneMatch="*",
            ChecksumAlgorithm="SHA256",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=kept_until,
        )

    def names(self) -> list[str]:
        """Sorted by their times."""
        names: list[str] = []
        asked: dict[str, Any] = {"Prefix": _PREFIX}
        while True:
            answer = self._ask("list_objects_v2", **asked)
            names += [one["Key"].removeprefix(_PREFIX) for one in answer.get("Contents", ())]
            if not answer.get("IsTruncated"):
                return sorted(names)
            asked["ContinuationToken"] = answer["NextContinuationToken"]

    def read(self, name: str) -> bytes:
        """The bytes of the object."""
        body: bytes = self._ask("get_object", Key=_PREFIX + name)["Body"].read()
        return body

    def _ask(self, verb: str, **given: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = getattr(_client(self.endpoint), verb)(Bucket=self.name, **given)
            return answer
        except ClientError as error:
            raise PlaceFailure(str(error.response.get("Error", {}).get("Code", "refused"))) from error
        except BotoCoreError as error:
            raise PlaceFailure(type(error).__name__) from error


def second_places() -> list[SecondPlace]:
    """Those that the installation names; none where it names none."""
    places: list[SecondPlace] = []
    if settings.AUDIT_CHECKPOINT_DIR:
        places.append(Folder(Path(settings.AUDIT_CHECKPOINT_DIR)))
    if settings.AUDIT_CHECKPOINT_BUCKET:
        places.append(Bucket(settings.AUDIT_CHECKPOINT_BUCKET, settings.AUDIT_CHECKPOINT_ENDPOINT))
    return places


@lru_cache(maxsize=4)
def _client(endpoint: str) -> Any:
    import boto3
    from botocore.config import Config

    patience = Config(connect_timeout=_CONNECT_SECONDS, read_timeout=_ANSWER_SECONDS, retries={"total_max_attempts": 2})
    return boto3.client("s3", endpoint_url=endpoint or None, config=patience)
