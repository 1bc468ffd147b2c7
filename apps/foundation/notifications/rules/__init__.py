"""What a notification may say, whom it goes to and when, and what a push service's answer means: pure."""

from apps.foundation.notifications.rules.answers import (
    UNREACHABLE,
    Answer,
    Verdict,
    apns_answer,
    fcm_answer,
    seconds_of,
    web_push_answer,
)
from apps.foundation.notifications.rules.catalogue import ACTIONS, CATALOGUE, KINDS, check_kind, kind_of
from apps.foundation.notifications.rules.payloads import (
    MAX_PAYLOAD_BYTES,
    apns_headers,
    apns_payload,
    check_message,
    fcm_payload,
    web_push_payload,
)
from apps.foundation.notifications.rules.planning import (
    MAIL_LIVES,
    STALE_AFTER,
    Planned,
    addressed,
    default_means,
    means_for,
    needs_mail_instead,
    plan,
    quiet_until,
)
from apps.foundation.notifications.rules.tokens import (
    check_subscription,
    check_token,
    from_base64url,
    is_push_service,
    to_base64url,
)

__all__ = [
    "ACTIONS",
    "CATALOGUE",
    "KINDS",
    "MAIL_LIVES",
    "MAX_PAYLOAD_BYTES",
    "STALE_AFTER",
    "UNREACHABLE",
    "Answer",
    "Planned",
    "Verdict",
    "addressed",
    "apns_answer",
    "apns_headers",
    "apns_payload",
    "check_kind",
    "check_message",
    "check_subscription",
    "check_token",
    "default_means",
    "fcm_answer",
    "fcm_payload",
    "from_base64url",
    "is_push_service",
    "kind_of",
    "means_for",
    "needs_mail_instead",
    "plan",
    "quiet_until",
    "seconds_of",
    "to_base64url",
    "web_push_answer",
    "web_push_payload",
]
