"""The base of Django's admin for the rows of a practice: what stands there, to read, and only the practice's own.

Deleted rows are found here and nowhere else. Nothing is added, deleted or done to many at once, and nothing changed
unless a subclass says so and goes through a service. Lists show ids, states and times, never a sealed value, and have
no search: it would stand in an address. Opening a row with sealed values is a disclosure.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html

from apps.foundation.audit import services as audit
from apps.foundation.encryption.fields import SealedField
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import record_refusal

NOTHING = "—"
_VIEWS = ("changelist", "change")


class PracticeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One kind of row of the actor's practice.

    `left_out` names columns that are never shown, such as keyed tags. `disclosed_as` says of whom an opened row tells:
    the kind of subject and the attribute that holds its id; of itself where nothing is said. `linked_by` names the
    links by whose id a list may be narrowed.
    """

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    left_out: ClassVar[frozenset[str]] = frozenset()
    disclosed_as: ClassVar[tuple[str, str]] = ("", "")
    linked_by: ClassVar[frozenset[str]] = frozenset()

    # Who may what

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators of the active practice; which one that is decides the site."""
        return self.admin_site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for the rows."""
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what is added is added in the product."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody, unless a subclass changes through a service."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    # Which rows

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The rows of the actor's practice, deleted ones among them."""
        return super().get_queryset(request).filter(practice_id=actor_of(request).practice_id)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row. Raises Http404 for what is not there or another practice's; the log says that it was asked for."""
        found = super().get_object(request, object_id, None)
        if found is None:
            record_refusal(actor_of(request), "", f"admin.{self.opts.model_name}")
            raise Http404
        return found

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only the filters beside the list, and the links out of other rows: no address is an oracle."""
        plain = {one if isinstance(one, str) else getattr(one, "parameter_name", "") for one in self.list_filter}
        name, _, rest = lookup.partition("__")
        if name in self.linked_by:
            return rest == "id__exact"
        return name in plain

    def get_urls(self) -> list[URLPattern]:
        """The list and the row; no address for adding, deleting, or Django's own log of changes."""
        named = {f"{self.opts.app_label}_{self.opts.model_name}_{view}" for view in _VIEWS}
        return [route for route in super().get_urls() if route.name in named]

    # What of a row

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Every column but those left out; those that a subclass names where it does."""
        if self.fields is not None:
            return list(self.fields)
        columns = (field.name for field in self.opts.concrete_fields)
        return [name for name in columns if name not in self.left_out and name != "practice"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Everything."""
        return [field for _, options in self.get_fieldsets(request, obj) for field in options["fields"]]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The row's page, once the log says that it was opened: with sealed values that is a disclosure."""
        row = kwargs.get("obj")
        if row is not None and any(isinstance(field, SealedField) for field in self.opts.concrete_fields):
            kind, attribute = self.disclosed_as
            told_of: UUID | None = getattr(row, attribute) if kind else None
            subject = (kind, told_of) if told_of is not None else (self.opts.model_name or "", row.pk)
            audit.record_disclosure("admin.read", subjects=[subject], by=actor_of(request))
        return super().render_change_form(request, context, *args, **kwargs)

    # Django's own log would repeat rows as text; ours has the change, with its values sealed.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit trail has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit trail has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Nothing: nothing is deleted."""


def actor_of(request: HttpRequest) -> Actor:
    """Who asks; the site lets nobody in without."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def link_to(model: type[models.Model], row_id: UUID | None, text: str = "") -> str:
    """The id (or `text`) as a link to the row's page in the admin; a dash where there is none."""
    if row_id is None:
        return NOTHING
    options = model._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row_id])
    return format_html('<a href="{}">{}</a>', address, text or str(row_id))
