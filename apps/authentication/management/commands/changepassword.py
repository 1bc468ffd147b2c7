"""`changepassword admin`: as Django's own, and found by user name as well as by e-mail."""

from typing import Any

from django.contrib.auth.management.commands import changepassword

from apps.authentication.models import User
from apps.authentication.selectors import find_user_id
from apps.authentication.services import record_account_event
from apps.foundation.tenancy.types import Actor


class Command(changepassword.Command):
    """Changes a password from the console."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """The named person has the new password. Without a name, the console's own user name is looked up."""
        name = options.get("username")
        user = User.objects.filter(id=find_user_id(name)).first() if name else None
        if user is None:
            return super().handle(*args, **options)
        said = super().handle(*args, **{**options, "username": user.email})
        record_account_event("auth.password_change", user_id=user.id, by=Actor.system("console"))
        return said
