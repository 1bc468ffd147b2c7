"""People and their memberships. No patient's data stands here: the e-mail is a colleague's work address."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.authentication.types import Role
from apps.foundation.tenancy.ids import new_id


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail or user name, in any letter case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can sign in; without a password only after a reset."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person for whom Django's own permission checks always pass; a membership decides about practices."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this e-mail or user name. Raises User.DoesNotExist."""
        name = (username or "").strip().casefold()
        return self.get(models.Q(email=name) | models.Q(username=name))


class User(AbstractBaseUser):
    """A person who signs in by e-mail. What they may do is said by their memberships, not here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    username = models.CharField(
        _("user name"), max_length=60, unique=True, null=True, blank=True, help_text=_("A short name for the console.")
    )
    full_name = models.CharField(_("full name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().casefold()
        self.username = (self.username or "").strip().casefold() or None
        if self.username and "@" in self.username:
            raise ValueError("a user name has no @, so that it is never taken for an e-mail address")
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """The name as colleagues read it."""
        return self.full_name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's own permissions, which only the admin asks for, belong to superusers."""
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        """As has_perm, for a whole app."""
        return self.is_active and self.is_superuser


class Membership(models.Model):
    """A person's role in one practice. Read anew for every request, so that a change holds at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    practice = models.ForeignKey("tenancy.Practice", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    is_biller = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "practice"], name="membership_once")]
        indexes = [models.Index(fields=["practice", "role"], name="membership_practice_role")]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"
