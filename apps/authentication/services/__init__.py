"""Changing who gets in and what they may do."""

from apps.authentication.services.api_keys import admit_api_key, issue_api_key, revoke_api_key
from apps.authentication.services.events import record_account_event
from apps.authentication.services.families import revoke_families, revoke_family
from apps.authentication.services.passwords import check_password_rules, record_password
from apps.authentication.services.patient_accounts import (
    choose_language,
    end_patient_account,
    register_patient_account,
    unlock_patient_account,
)
from apps.authentication.services.people import change_membership, register_user
from apps.authentication.services.sessions import (
    end_place,
    end_session,
    end_sessions,
    note_session_seen,
    open_session,
)
from apps.authentication.services.tokens import issue_tokens, note_token_use, revoke_tokens, rotate_tokens

__all__ = [
    "admit_api_key",
    "change_membership",
    "check_password_rules",
    "choose_language",
    "end_patient_account",
    "end_place",
    "end_session",
    "end_sessions",
    "issue_api_key",
    "issue_tokens",
    "note_session_seen",
    "note_token_use",
    "open_session",
    "record_account_event",
    "record_password",
    "register_patient_account",
    "register_user",
    "revoke_api_key",
    "revoke_families",
    "revoke_family",
    "revoke_tokens",
    "rotate_tokens",
    "unlock_patient_account",
]
