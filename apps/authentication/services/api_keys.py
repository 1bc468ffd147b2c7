"""Keys of services: issued, used, revoked. Only hashes are kept."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from apps.authentication.models import ApiKey
from apps.authentication.rules.secrets import hash_of
from apps.authentication.rules.tokens import (
    KEY_PREFIX,
    KEY_SCOPES,
    LONGEST_KEY_DAYS,
    USE_RESOLUTION,
    split_key,
    use_is_due,
)
from apps.authentication.selectors.standing import standing_of_key
from apps.authentication.types import ApiKeyInvalid, ApiKeyNotFound, IssuedApiKey, Permission, TokenRefused
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id, scope
from apps.foundation.tenancy.types import Actor

_PREFIX_BYTES = 6
_SECRET_BYTES = 32
_LONGEST_NAME = 80
_REFUSALS_REST_SECONDS = 60
_NO_HASH = "0" * 64


def issue_api_key(*, name: str, scopes: Collection[str], days: int, by: Actor) -> IssuedApiKey:
    """A service may work in the practice in scope, with these permissions and for so long. The secret is shown once.

    Raises ApiKeyInvalid for what a key may not have, and for what whoever issues it may not do themself.
    """
    by.require(Permission.API_KEY_ISSUE)
    if by.user_id is None:
        raise ApiKeyInvalid("name")
    wanted = {str(scope_) for scope_ in scopes}
    if not name.strip() or len(name.strip()) > _LONGEST_NAME:
        raise ApiKeyInvalid("name")
    if not wanted or not wanted <= {str(one) for one in KEY_SCOPES} or not all(by.may(one) for one in wanted):
        raise ApiKeyInvalid("scopes")
    if not 1 <= days <= LONGEST_KEY_DAYS:
        raise ApiKeyInvalid("days")
    prefix, secret = secrets.token_hex(_PREFIX_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    with transaction.atomic():
        row = ApiKey.objects.create(
            practice_id=current_practice_id(),
            name=name.strip(),
            prefix=prefix,
            secret_hash=hash_of(secret),
            scopes=sorted(wanted),
            created_by_id=by.user_id,
            expires_at=timezone.now() + timedelta(days=days),
        )
        detail = {"name": row.name, "prefix": prefix, "scopes": row.scopes, "expires_at": row.expires_at.isoformat()}
        audit.record_event("auth.api_key_issued", by=by, subject=("api_key", row.id), detail=detail)
    return IssuedApiKey(row.id, f"{KEY_PREFIX}{prefix}_{secret}")


def revoke_api_key(key_id: UUID, *, by: Actor) -> None:
    """The key lets nobody in from the next request on. Raises ApiKeyNotFound; revoking twice changes nothing."""
    by.require(Permission.API_KEY_ISSUE)
    with transaction.atomic():
        row = ApiKey.objects.filter(id=key_id, practice_id=current_practice_id()).first()
        if row is None:
            raise ApiKeyNotFound
        if not ApiKey.objects.filter(id=key_id, revoked_at__isnull=True).update(revoked_at=timezone.now()):
            return
        detail = {"name": row.name, "prefix": row.prefix}
        audit.record_event("auth.api_key_revoked", by=by, subject=("api_key", row.id), detail=detail)


def admit_api_key(text: str, *, ip: str, request_id: str = "") -> ApiKey:
    """The live key that was sent, with its practice. Raises TokenRefused, and the practice's trail says so."""
    now = timezone.now()
    parts = split_key(text)
    if parts is None:
        raise TokenRefused("malformed")
    prefix, secret = parts
    key = standing_of_key(prefix)
    fits = compare_digest(hash_of(secret).encode(), (key.secret_hash if key else _NO_HASH).encode())
    if key is None:
        raise TokenRefused("unknown")
    reason = _why_refused(key, fits, now)
    if reason:
        _record_refusal(key, reason, ip=ip, request_id=request_id)
        raise TokenRefused(reason)
    if use_is_due(now, key.last_used_at):
        rows = ApiKey.objects.filter(id=key.id).exclude(last_used_at__gt=now - USE_RESOLUTION)
        rows.update(last_used_at=now)
    return key


def _why_refused(key: ApiKey, fits: bool, now: datetime) -> str:
    if not fits:
        return "secret"
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if now >= key.expires_at else ""


def _record_refusal(key: ApiKey, reason: str, *, ip: str, request_id: str) -> None:
    """Once a minute for each key, reason and address: a service that retries does not fill the trail."""
    if not cache.add(f"key-refused:{key.id}:{reason}:{ip}", True, timeout=_REFUSALS_REST_SECONDS):
        return
    by = Actor(None, key.practice_id, "anonymous", ip=ip, request_id=request_id)
    with scope(key.practice_id):
        audit.record_event(
            "auth.api_key_refused", by=by, subject=("api_key", key.id), detail={"reason": reason, "prefix": key.prefix}
        )
