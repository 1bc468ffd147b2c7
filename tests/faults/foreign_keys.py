"""`python -m tests.faults.foreign_keys ROOT`: one practice's keys are wrapped by another root key than the others'."""

import sys

import django


def main() -> None:
    """As if they came from another installation."""
    django.setup()
    from django.conf import settings

    from apps.foundation.encryption.keyring import unwrap, wrap
    from apps.foundation.encryption.models import DataKey
    from apps.foundation.encryption.types import KeyState
    from apps.foundation.tenancy.selectors import list_practices

    practice = list_practices()[-1]
    keys = list(DataKey.objects.filter(practice_id=practice.id).exclude(state=KeyState.DESTROYED))
    opened = [(key, unwrap(key)) for key in keys]
    settings.FIELD_ENCRYPTION_KEY = [sys.argv[1]]
    for key, secret in opened:
        wrapped, fingerprint = wrap(secret, key.practice_id, key.purpose, key.key_number)
        DataKey.objects.filter(id=key.id).update(wrapped=wrapped, root_fingerprint=fingerprint)


if __name__ == "__main__":
    main()
