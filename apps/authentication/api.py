"""Signing in by program: tokens for e-mail and password, and for a code where one is owed."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.authentication.adapter import actor_behind
from apps.authentication.serializers import (
    ChallengeSerializer,
    RefreshSerializer,
    SignInSerializer,
    TokensSerializer,
    VerifySerializer,
)
from apps.authentication.services.sign_in import (
    CHALLENGE_LIFETIME,
    answer_challenge,
    authenticate_step,
    give_tokens,
    open_challenge,
    renew_tokens,
)
from apps.authentication.services.tokens import revoke_tokens
from apps.authentication.types import TokenPair, TokenRefused
from apps.authentication.types.attempts import ChallengeOver, LockedOut, NextStep, WrongCode, WrongCredentials
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.api import ApiView, Refusals, checked
from apps.foundation.web.problems import Problem
from apps.foundation.web.serializers import ProblemSerializer

_WRONG = OpenApiResponse(ProblemSerializer, "Not right, too old or used already; nothing says which.")
_LOCKED = OpenApiResponse(ProblemSerializer, "Too many attempts failed. `detail` says for how many minutes.")
_ENROL = OpenApiResponse(ProblemSerializer, "A second factor is owed and not set up: sign in with a browser first.")


class Refused(Problem):
    """Who asks has not proved who they are."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "refused"


class Forbidden(Problem):
    """Who asks is known, and may not."""

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "forbidden"


class TooMany(Problem):
    """Nothing is checked for some minutes. `wait` becomes Retry-After."""

    wait: int

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "locked"


def _locked(lock: LockedOut) -> TooMany:
    text = ngettext(
        "Too many attempts. Try again in %(minutes)s minute.",
        "Too many attempts. Try again in %(minutes)s minutes.",
        lock.minutes,
    )
    refusal = TooMany(text % {"minutes": lock.minutes})
    refusal.wait = 60 * lock.minutes
    return refusal


class SignInView(ApiView):
    """What the addresses of signing in share: no session, no token, and one answer for all that is wrong."""

    http_method_names: ClassVar[list[str]] = ["post"]
    authentication_classes = ()
    permission_classes = (AllowAny,)
    refusals: ClassVar[Refusals] = {
        LockedOut: _locked,
        WrongCredentials: lambda refusal: Refused(_("E-mail or password is not correct.")),
        WrongCode: lambda refusal: Refused(_("This code is not right, or was used already.")),
        ChallengeOver: lambda refusal: Refused(_("This sign-in is over. Please start again.")),
        TokenRefused: lambda refusal: Refused(_("This token does not work. Please sign in again.")),
    }


class Login(SignInView):
    """E-mail and password."""

    @extend_schema(
        operation_id="auth_login",
        request=SignInSerializer,
        responses={
            200: PolymorphicProxySerializer(
                component_name="SignedIn",
                serializers=[TokensSerializer, ChallengeSerializer],
                resource_type_field_name=None,
            ),
            401: _WRONG,
            403: _ENROL,
            429: _LOCKED,
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """A pair of tokens, or a challenge where the account has a second factor."""
        given = checked(SignInSerializer(data=request.data))
        by = _stranger(request)
        step = authenticate_step(email=given["email"], password=given["password"], by=by)
        if step.owes is NextStep.ENROL:
            text = _("Your practice asks for a second factor. Sign in with a browser and set it up first.")
            raise Forbidden(text, mfa_enrolment_required=True)
        if step.owes is NextStep.CODE:
            challenge = open_challenge(user_id=step.user_id)
            seconds = int(CHALLENGE_LIFETIME.total_seconds())
            return Response({"mfa_required": True, "challenge": challenge, "expires_in": seconds})
        return _first_tokens(request, step.user_id, by)


class Verify(SignInView):
    """The second step."""

    @extend_schema(
        operation_id="auth_login_verify",
        request=VerifySerializer,
        responses={200: TokensSerializer, 401: _WRONG, 429: _LOCKED},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """A pair of tokens for the challenge and a code of the app, or a recovery code. Each works once."""
        given = checked(VerifySerializer(data=request.data))
        by = _stranger(request)
        user_id = answer_challenge(challenge=given["challenge"], code=given["code"], by=by)
        return _first_tokens(request, user_id, by)


class Refresh(SignInView):
    """The next tokens."""

    @extend_schema(
        operation_id="auth_token_refresh",
        request=RefreshSerializer,
        responses={200: TokensSerializer, 401: _WRONG, 429: _LOCKED},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """The next pair for a refresh token, which works no second time: a second use ends the whole sign-in."""
        given = checked(RefreshSerializer(data=request.data))
        return _tokens(renew_tokens(refresh=given["refresh"], by=_stranger(request)))


class Logout(SignInView):
    """The end."""

    @extend_schema(operation_id="auth_logout", request=RefreshSerializer, responses={204: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Every token of this sign-in works no more, the access tokens included. The same answer for any token."""
        given = checked(RefreshSerializer(data=request.data))
        revoke_tokens(refresh=given["refresh"], by=_stranger(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _first_tokens(request: Request, user_id: Any, by: Actor) -> Response:
    try:
        return _tokens(give_tokens(user_id=user_id, client=request.headers.get("User-Agent", ""), by=by))
    except TokenRefused:
        raise Forbidden(_("You belong to no practice at the moment.")) from None


def _tokens(pair: TokenPair) -> Response:
    return Response({"access": pair.access, "refresh": pair.refresh})


def _stranger(request: Request) -> Actor:
    return actor_behind(request._request, None)
