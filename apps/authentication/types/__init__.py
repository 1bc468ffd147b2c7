"""Roles, permissions, sign-in and references to people, as other apps may hold them. No Django."""

from apps.authentication.types.people import (
    CLINICIAN_ROLES,
    STAFF_ROLES,
    TEAM_ROLES,
    EmailTaken,
    LastAdministrator,
    MemberRef,
    Permission,
    Role,
    WeakPassword,
)
from apps.authentication.types.sessions import EndReason, PlaceNotFound, SignedInPlace
from apps.authentication.types.sign_in import (
    DEFAULT_TOKEN_IDLE_MINUTES,
    MAX_TOKEN_IDLE_MINUTES,
    MIN_TOKEN_IDLE_MINUTES,
    CounterKind,
    PasswordRule,
    PolicyChoice,
)
from apps.authentication.types.tokens import (
    AccessClaims,
    ApiKeyInvalid,
    ApiKeyNotFound,
    ApiKeyRef,
    IssuedApiKey,
    TokenPair,
    TokenRefused,
)

__all__ = [
    "CLINICIAN_ROLES",
    "DEFAULT_TOKEN_IDLE_MINUTES",
    "MAX_TOKEN_IDLE_MINUTES",
    "MIN_TOKEN_IDLE_MINUTES",
    "STAFF_ROLES",
    "TEAM_ROLES",
    "AccessClaims",
    "ApiKeyInvalid",
    "ApiKeyNotFound",
    "ApiKeyRef",
    "CounterKind",
    "EmailTaken",
    "EndReason",
    "IssuedApiKey",
    "LastAdministrator",
    "MemberRef",
    "PasswordRule",
    "Permission",
    "PlaceNotFound",
    "PolicyChoice",
    "Role",
    "SignedInPlace",
    "TokenPair",
    "TokenRefused",
    "WeakPassword",
]
