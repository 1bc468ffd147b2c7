"""The admin's pages of people, their roles, and the audit trail, which stands here because here people have names."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from apps.authentication import services
from apps.authentication.models import Membership, User
from apps.authentication.selectors import is_last_administrator, list_members
from apps.authentication.types import TEAM_ROLES, LastAdministrator, Permission, Role
from apps.foundation.audit.models import AuditLog
from apps.foundation.web.admin import NOTHING, PracticeAdmin, actor_of, link_to

ROLE_NAMES = {
    Role.ADMIN: _("Administrator"),
    Role.CLINICAL_MANAGER: _("Clinical manager"),
    Role.PROVIDER: _("Provider"),
    Role.NURSE: _("Nurse"),
    Role.MA: _("Medical assistant"),
    Role.DATA_MONITOR: _("Data monitor"),
}
NEEDED = _("The practice needs an administrator. Make somebody else one first.")
_LATEST = 5_000


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    """A colleague's role, whether they bill, and whether they work here still."""

    role = forms.ChoiceField(label=_("Role"), choices=list(ROLE_NAMES.items()))
    is_biller = forms.BooleanField(label=_("Also bills"), required=False)
    is_active = forms.BooleanField(
        label=_("Works here"),
        required=False,
        help_text=_("Without it they are signed in nowhere in this practice from their next request on."),
    )

    class Meta:
        model = Membership
        fields = ("role", "is_biller", "is_active")

    def clean(self) -> dict[str, Any]:
        """The practice keeps an administrator."""
        cleaned: dict[str, Any] = super().clean() or {}
        stays = cleaned.get("is_active") and cleaned.get("role") == Role.ADMIN
        if not stays and is_last_administrator(self.instance.user_id):
            raise forms.ValidationError(NEEDED)
        return cleaned


@admin.register(User)
class UserAdmin(PracticeAdmin):
    """The colleagues of this practice. Their membership says what they may do; patients' accounts are not here."""

    fields = ("id", "full_name", "email", "username", "is_active", "created_at", "last_login", "memberships_here")
    list_display = ("full_name", "email", "is_active", "created_at", "last_login")
    list_filter = ("is_active",)
    ordering = ("full_name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Everybody who works or worked in the actor's practice."""
        return User.objects.filter(id__in=_team(request).values("user_id")).order_by(*self.ordering)

    @admin.display(description=_("In this practice"))
    def memberships_here(self, row: User) -> str:
        """The role, as a link to where it is changed."""
        here = Membership.objects.filter(user=row, practice_id=row.practice_seen)  # type: ignore[attr-defined]
        return format_html_join(", ", "{}", ((link_to(Membership, one.id, _role_name(one.role)),) for one in here))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The colleague, with the practice in which they are looked at."""
        found = super().get_object(request, object_id, from_field)
        found.practice_seen = actor_of(request).practice_id
        return found


@admin.register(Membership)
class MembershipAdmin(PracticeAdmin):
    """Who works in this practice, and as what. Changed through the service, which leaves the audit row."""

    form = MembershipForm
    fields = ("person", "role", "is_biller", "is_active", "created_at")
    changeable = frozenset({"role", "is_biller", "is_active"})
    list_display = ("person", "role_name", "is_biller", "is_active", "created_at")
    list_filter = ("role", "is_biller", "is_active")
    list_select_related = ("user",)
    ordering = ("user__full_name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """The team; what patients may see is not administered here."""
        return _team(request).order_by(*self.ordering)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators."""
        return self.has_view_permission(request, obj) and actor_of(request).may(Permission.MEMBER_CHANGE)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What is not changed here."""
        return [name for name in self.fields if name not in self.changeable]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form; should two administrators demote each other at once, the second is told."""
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except LastAdministrator:
            messages.error(request, NEEDED)
            return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """The service changes the row, if anything was changed."""
        if form.changed_data:
            services.change_membership(
                user_id=obj.user_id,
                role=Role(form.cleaned_data["role"]),
                is_biller=form.cleaned_data["is_biller"],
                is_active=form.cleaned_data["is_active"],
                by=actor_of(request),
            )

    @admin.display(description=_("Person"), ordering="user__full_name")
    def person(self, row: Membership) -> str:
        """The colleague's name and work address."""
        return f"{row.user.full_name} ({row.user.email})"

    @admin.display(description=_("Role"), ordering="role")
    def role_name(self, row: Membership) -> str:
        """The role in words."""
        return _role_name(row.role)


class ActionFilter(admin.SimpleListFilter):
    """What was done. Offers what happened lately: the whole trail is too long to be read for a menu."""

    title = _("action (of the latest 5,000 rows)")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """The actions by name."""
        latest = model_admin.get_queryset(request).order_by("-sequence").values_list("action", flat=True)[:_LATEST]
        return [(action, action) for action in sorted(set(latest))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of this action."""
        return queryset.filter(action=self.value()) if self.value() else queryset


class ActorFilter(admin.SimpleListFilter):
    """Who did it: a colleague, or the product itself."""

    title = _("who")
    parameter_name = "who"
    system = "system"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """The product, then the colleagues by name."""
        team = [(str(one.id), one.full_name) for one in list_members(roles=TEAM_ROLES)]
        return [(self.system, _("The product itself")), *team]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of this person."""
        if self.value() == self.system:
            return queryset.filter(actor_id__isnull=True)
        chosen = {str(key) for key, _name in self.lookup_choices}
        return queryset.filter(actor_id=self.value()) if self.value() in chosen else queryset


@admin.register(AuditLog)
class AuditLogAdmin(PracticeAdmin):
    """The trail of this practice: who, what, when, about what. What a row says of it stays sealed here."""

    fields = (
        "sequence",
        "occurred_at",
        "action",
        "actor",
        "actor_role",
        "subject",
        "further_subjects",
        "ip",
        "request_id",
        "sealed_detail",
        "mac",
    )
    list_display = ("when", "action", "actor", "actor_role", "subject_type", "subject_id")
    list_filter = (ActionFilter, ActorFilter, "occurred_at")
    ordering = ("-sequence",)
    sortable_by = ("when",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditLog]:
        """The practice's rows, each with the name of whoever acted."""
        named = User.objects.filter(id=OuterRef("actor_id")).values("full_name")[:1]
        return super().get_queryset(request).annotate(actor_name=Subquery(named))

    @admin.display(description=_("When"), ordering="sequence")
    def when(self, row: AuditLog) -> str:
        """The moment to the second, in the practice's zone."""
        return timezone.localtime(row.occurred_at).strftime("%Y-%m-%d %H:%M:%S")

    @admin.display(description=_("Who"))
    def actor(self, row: Any) -> str:
        """The colleague's name; a dash for the product itself, whose part stands beside it."""
        return row.actor_name or (str(row.actor_id) if row.actor_id else NOTHING)

    @admin.display(description=_("About"))
    def subject(self, row: AuditLog) -> str:
        """What the row is about: a kind and an id."""
        return f"{row.subject_type} {row.subject_id}" if row.subject_id else NOTHING

    @admin.display(description=_("Also about"))
    def further_subjects(self, row: AuditLog) -> str:
        """The other things that the row speaks of."""
        lines = ((other.subject_type, other.subject_id) for other in row.others.order_by("id"))
        return format_html_join("", "<div>{} {}</div>", lines) or NOTHING

    @admin.display(description=_("Before and after"))
    def sealed_detail(self, row: AuditLog) -> str:
        """That there is something, and that it is not opened here."""
        return format_html("<em>{}</em>", _("sealed; opened in the history of the record, which says so in the trail"))


def _team(request: HttpRequest) -> QuerySet[Membership]:
    rows: QuerySet[Membership] = Membership.objects.filter(practice_id=actor_of(request).practice_id)
    return rows.filter(role__in=[role.value for role in TEAM_ROLES])


def _role_name(role: str) -> str:
    return str(ROLE_NAMES.get(Role(role), role))
