"""What leaves the installation: mail and push. Credentials come from the environment, or from files it names."""

import json
from typing import Any

from vantrexia import env

_PRODUCTION = env.choice("VANTREXIA_MODE", options=("development", "production"), default="development") == "production"

EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend" if _PRODUCTION else "django.core.mail.backends.console.EmailBackend",
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", default=587 if _PRODUCTION else 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=_PRODUCTION)
# A mail server that does not answer must not hold the threads that answer people.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "no-reply@vantrexia.example")


def _account() -> dict[str, str]:
    """The service account of Firebase: FCM_SERVICE_ACCOUNT_FILE names its JSON file."""
    given = env.text("FCM_SERVICE_ACCOUNT")
    if not given:
        return {}
    try:
        account = json.loads(given)
        missing = {"project_id", "client_email", "private_key", "token_uri"} - set(account)
    except (ValueError, TypeError):
        raise env.ConfigurationError("FCM_SERVICE_ACCOUNT is not the JSON of a service account") from None
    if missing:
        raise env.ConfigurationError("FCM_SERVICE_ACCOUNT is not complete")
    return {name: str(value) for name, value in account.items()}


# The services of the browsers that people use. A name with a dot in front stands for all below it.
_BROWSERS = "fcm.googleapis.com,updates.push.services.mozilla.com,.notify.windows.com,web.push.apple.com"

PUSH: dict[str, Any] = {
    "SITE_URL": env.text("SITE_URL"),
    "MAIL": env.flag("NOTIFY_BY_MAIL", default=_PRODUCTION or bool(env.text("EMAIL_HOST"))),
    "FCM_URL": env.text("FCM_URL", "https://fcm.googleapis.com"),
    "FCM_ACCOUNT": _account(),
    "APNS_URL": env.text("APNS_URL", "https://api.push.apple.com"),
    "APNS_SANDBOX_URL": env.text("APNS_SANDBOX_URL", "https://api.sandbox.push.apple.com"),
    # The text of AuthKey_<key id>.p8: APNS_KEY_FILE names the file.
    "APNS_KEY": env.text("APNS_KEY"),
    "APNS_KEY_ID": env.text("APNS_KEY_ID"),
    "APNS_TEAM_ID": env.text("APNS_TEAM_ID"),
    "APNS_TOPIC": env.text("APNS_TOPIC"),
    # Without one, a key is derived from the root key.
    "VAPID_PRIVATE_KEY": env.text("VAPID_PRIVATE_KEY"),
    "VAPID_SUBJECT": env.text("VAPID_SUBJECT", f"mailto:{DEFAULT_FROM_EMAIL}"),
    "WEB_PUSH_HOSTS": env.words("WEB_PUSH_HOSTS", _BROWSERS),
}

NOTIFICATION_DIRECTORY = "apps.authentication.selectors.recipients.Colleagues"
# Where a notification leads: the name of an address, which gets the reference as its only argument where it takes one.
NOTIFICATION_DESTINATIONS = {
    "critical_alert": "triage:alert",
    "symptom_red_flag": "triage:alert",
    "unverified_critical": "triage:alert",
    "escalated_alert": "triage:alert",
    "warning_alert": "triage:alert",
    "quarantine": "quarantine:list",
    "compliance": "triage:compliance",
    "wearer_question": "patients:chart",
    "new_message": "care:message",
    "message_to_member": "portal:messages",
    "cosign_request": "care:to_cosign",
    "order_awaited": "patients:list",
    "hand_over": "care:hand_over",
    "threshold_review": "triage:reviews",
    "export_ready": "portal:requests",
    "emergency_access": "patients:emergencies",
    "consent_withdrawn": "patients:chart",
    "privacy_request": "patients:privacy",
    "portal_invitation": "patients:chart",
    "sync_completed": "patients:list",
    "maintenance": "notices",
    "trial": "notification_preferences",
}
