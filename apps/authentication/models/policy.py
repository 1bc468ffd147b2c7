"""How strictly a practice lets its people in. Read before a scope is open, so it stands outside the practice's rows."""

from django.db import models

from apps.authentication.types import DEFAULT_TOKEN_IDLE_MINUTES, PasswordRule


class SignInPolicy(models.Model):
    """What one practice chose; without a row the installation's defaults hold."""

    practice = models.OneToOneField(
        "tenancy.Practice", primary_key=True, on_delete=models.PROTECT, related_name="sign_in_policy"
    )
    second_factor_roles = models.JSONField(default=list)
    single_device = models.BooleanField(default=False)
    password_rule = models.CharField(
        max_length=20, choices=[(rule.value, rule.value) for rule in PasswordRule], default=PasswordRule.COMPOSITION
    )
    token_idle_minutes = models.PositiveSmallIntegerField(default=DEFAULT_TOKEN_IDLE_MINUTES)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"sign-in policy of {self.practice_id}"
