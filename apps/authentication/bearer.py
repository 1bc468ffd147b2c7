"""Programs that send `Authorization`: who they are.

A header that is there decides. What is wrong with it is a 401 and never falls back to a browser's cookie.
"""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.authentication import access_tokens, services, sessions
from apps.authentication.models import Membership, User
from apps.authentication.rules.tokens import family_is_over, scopes_of_key, use_is_due
from apps.authentication.selectors import actor_of, policy_of
from apps.authentication.selectors.standing import standing_of_family
from apps.authentication.types import TokenRefused
from apps.foundation.tenancy.models import Practice
from apps.foundation.tenancy.types import SERVICE_ROLE, Actor
from apps.foundation.web.problems import plain_problem

API = "/api/"
WITHOUT_TOKEN = ("/api/v1/auth/login/", "/api/v1/auth/token/", "/api/v1/auth/logout/")
"""Here a token is asked for, or given back in the body; a stale one in the header must not stand in the way."""

_BEARER, _KEY = "bearer", "api-key"
_CHALLENGE = 'Bearer realm="Vantrexia", error="invalid_token"'
_KEY_CHALLENGE = 'Api-Key realm="Vantrexia"'


class Service:
    """Who stands in `request.user` for a key: signed in, and no person."""

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = is_superuser = False
    email = username = ""

    def __init__(self, key_id: UUID, name: str) -> None:
        """The service that holds this key."""
        self.pk = self.id = key_id
        self.full_name = name

    def get_full_name(self) -> str:
        """What the practice calls the key."""
        return self.full_name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's own permissions are not a service's."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """As has_perm."""
        return False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the header, as the rest of the request needs them."""

    user: User | Service
    actor: Actor
    practice: Practice
    membership: Membership | None = None


def is_sent(request: HttpRequest) -> bool:
    """Whether the header, and no cookie, says who asks."""
    path = request.path_info
    return path.startswith(API) and "HTTP_AUTHORIZATION" in request.META and not path.startswith(WITHOUT_TOKEN)


def caller_of(request: HttpRequest) -> Caller:
    """Who sent the header. Raises TokenRefused."""
    scheme, _, sent = request.META["HTTP_AUTHORIZATION"].strip().partition(" ")
    ip, request_id = sessions.address_of(request), getattr(request, "request_id", "")
    if scheme.casefold() == _BEARER:
        return _person(request, sent.strip(), ip, request_id)
    if scheme.casefold() == _KEY:
        return _service(sent.strip(), ip, request_id)
    raise TokenRefused("scheme")


def refusal(request: HttpRequest) -> HttpResponse:
    """401, which says how to sign in and nothing of what was wrong."""
    answer = plain_problem(401)
    scheme = request.META["HTTP_AUTHORIZATION"].strip().partition(" ")[0].casefold()
    answer.headers["WWW-Authenticate"] = _KEY_CHALLENGE if scheme == _KEY else _CHALLENGE
    return answer


def _person(request: HttpRequest, token: str, ip: str, request_id: str) -> Caller:
    now = timezone.now()
    claims = access_tokens.read(token, now=now)
    found = standing_of_family(claims.family_id)
    if found is None:
        raise TokenRefused("membership")
    family, membership = found
    if (family.user_id, family.practice_id) != (claims.user_id, claims.practice_id):
        raise TokenRefused("malformed")
    over = family_is_over(
        now,
        expires_at=family.expires_at,
        last_used_at=family.last_used_at,
        idle_minutes=policy_of(membership.practice).token_idle_minutes,
        revoked=family.revoked_at is not None,
    )
    if over:
        raise TokenRefused(over)
    if sessions.POLL_HEADER not in request.headers and use_is_due(now, family.last_used_at):
        services.note_token_use(family.id, now)
    actor = actor_of(membership, ip=ip, request_id=request_id)
    return Caller(membership.user, actor, membership.practice, membership)


def _service(sent: str, ip: str, request_id: str) -> Caller:
    key = services.admit_api_key(sent, ip=ip, request_id=request_id)
    actor = Actor(
        user_id=key.id,
        practice_id=key.practice_id,
        role=SERVICE_ROLE,
        permissions=scopes_of_key(key.scopes),
        ip=ip,
        request_id=request_id,
    )
    return Caller(Service(key.id, key.name), actor, key.practice)
