"""Whoever comes to owe a second factor while signed in without one."""

from collections.abc import Iterable
from uuid import UUID

from apps.authentication.selectors.second_factor import next_step_of
from apps.authentication.services.families import revoke_families
from apps.authentication.services.sessions import end_sessions
from apps.authentication.types import EndReason
from apps.authentication.types.attempts import NextStep
from apps.foundation.tenancy.types import Actor


def sign_out_unproven(user_ids: Iterable[UUID], *, by: Actor) -> None:
    """Those of them who owe a second factor and have none are signed out, and set it up when they sign in again.

    Called inside the change that made them owe it: a sign-in from before must not outlive the rule.
    """
    for user_id in user_ids:
        if next_step_of(user_id) is NextStep.ENROL:
            end_sessions(user_id, reason=EndReason.NOT_PROVED, by=by)
            revoke_families(user_id, reason=EndReason.NOT_PROVED, by=by)
