"""Nobody changes what was not offered to them (security.md, attack 14): practice, role, who approved, when archived.

Every writing address of the API is sent every column of every table of ours beside a right body: it names each as
unknown and changes nothing. Every form of accounts and settings is listed here with the fields that it reads.
"""

import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.apps import apps as django_apps
from rest_framework import serializers

from apps.foundation.audit.models import AuditLog
from apps.foundation.web.serializers import StrictSerializer
from tests.architecture.routes import Route, all_routes
from tests.architecture.test_other_practice import Belongings, furnish
from tests.cast import Cast
from vantrexia.access import ACCESS, EVERYBODY

ROOT = Path(__file__).resolve().parents[2]
# A refusal names no more faults than this.
NAMED_AT_ONCE = 20
PROTECTED = {"practice", "practice_id", "role", "is_superuser", "archived_at", "decided_by", "secret_hash"}
# What is a document of its own, read by a parser of its own, which takes only what it knows.
DOCUMENTS = ("import_fhir/", "webhook/")
FORMS = {
    "apps.authentication.forms.account": {"NameForm": {"full_name"}},
    "apps.authentication.forms.api_keys": {"ApiKeyForm": {"name", "days", "scopes"}},
    "apps.authentication.forms.invitations": {"NewPasswordForm": {"password", "again"}},
    "apps.authentication.forms.people": {
        "RoleForm": {"role", "is_biller"},
        "InviteForm": {"role", "is_biller", "full_name", "email"},
    },
    "apps.authentication.forms.second_factor": {
        "AppCodeForm": {"code"},
        "CodeForm": {"code"},
        "OwnPasswordOnlyForm": {"password"},
        "SwitchOffForm": {"password", "code"},
    },
    "apps.authentication.forms.sign_in": {
        "SignInForm": {"password", "remember"},
        "ForgottenPasswordForm": {"email"},
        "OwnPasswordForm": {"oldpassword", "password1", "password2"},
    },
    "apps.authentication.forms.telling": {
        "_GroupsForm": set(),
        "PreferencesForm": {"quiet_from", "quiet_until", "time_zone", "urgent_breaks_quiet"},
        "PolicyForm": {"critical_always_pushed"},
        "LogForm": {"channel", "state", "kind", "person"},
    },
    "apps.portal.forms": {
        "BirthDateForm": {"month", "day", "year"},
        "LanguageForm": {"language"},
        "MessageForm": {"subject", "text", "message_id"},
        "OwnPasswordForm": {"language", "password", "again"},
        "OwnRequestForm": {"kind", "text"},
        "ReplyForm": {"text", "message_id"},
        "SymptomForm": {"fine", "other"},
        "_OnceForm": {"message_id"},
        "_OwnForm": set(),
    },
    "apps.settings.forms": {
        "PreferencesForm": {
            "mrn_pattern",
            "search_mode",
            "only_administrators_reactivate",
            "retention_years",
            "retention_years_by_state",
            "service_starts",
            "service_ends",
            "service_days",
            "uses_panels",
            "holds_back_warnings",
            "critical_clock_minutes",
            "critical_clock_always",
            "warning_clock_minutes",
            "ladder_1",
            "ladder_2",
            "ladder_3",
            "ladder_4",
        },
        "SecurityForm": {"second_factor_roles", "single_device", "password_rule", "token_idle_minutes"},
    },
}


def columns() -> set[str]:
    """The names of every column of every table of ours, foreign keys by both of theirs."""
    found = set()
    for model in django_apps.get_models():
        if model.__module__.startswith("apps."):
            found |= {name for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    assert {"practice", "practice_id", "role", "is_active", "archived_at", "is_superuser"} <= found
    return found


def batched(names: list[str], size: int) -> list[list[str]]:
    """The names, so many at a time."""
    return [names[start : start + size] for start in range(0, len(names), size)]


def writing_routes() -> list[tuple[Route, str]]:
    """Each address of the API with a method that takes a body."""
    found = []
    for route in all_routes():
        view = getattr(route.view, "cls", None)
        if view is None or not route.text.startswith("api/") or route.text.endswith(DOCUMENTS):
            continue
        found += [(route, method) for method in ("post", "put", "patch") if hasattr(view, method)]
    assert len(found) > 10
    return found


def modules_of(*rooms: str) -> list[str]:
    """The modules of these names, or in folders of these names, anywhere in the product."""
    paths = [path for path in (ROOT / "apps").rglob("*.py") if {path.stem, path.parent.name} & set(rooms)]
    return [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]


def classes_in(module: str, base: type) -> dict[str, type]:
    """The classes of this kind that were written there."""
    found = inspect.getmembers(import_module(module), inspect.isclass)
    return {name: one for name, one in found if issubclass(one, base) and one.__module__ == module}


@pytest.mark.django_db
def test_no_writing_address_of_the_api_takes_a_column_that_it_does_not_name(cast: Cast) -> None:
    own = furnish(cast.highland)
    wrong = [
        f"{method} {route.text}: {fault}"
        for route, method in writing_routes()
        if (fault := fault_of(cast, route, method, own))
    ]
    assert not wrong, "\n".join(wrong)


def fault_of(cast: Cast, route: Route, method: str, own: Belongings) -> str:
    """What is wrong with the answer to a body that holds everything, or nothing."""
    who = next(who for methods, who in ACCESS[route.text].items() if method.upper() in methods.split())
    client = cast.highland.client("provider" if "provider" in who else "admin")
    address = own.fill(route) if route.slots else route.address()
    before = AuditLog.objects.count()
    named: set[str] = set()
    for some in batched(sorted(columns()), NAMED_AT_ONCE):
        body = json.dumps(dict.fromkeys(some, "x"))
        answer = client.generic(method.upper(), address, body, "application/json")
        if answer.status_code != 400:
            return f"answered {answer.status_code} to {some}"
        named |= set(answer.json().get("errors", {}))
    if not named >= PROTECTED:
        return f"does not refuse {sorted(PROTECTED - named)}"
    written = AuditLog.objects.count() - before
    return "" if written == 0 or who == EVERYBODY else f"left {written} rows in the log"


def test_every_serializer_is_written_out_and_those_that_read_are_strict() -> None:
    for module in modules_of("serializers"):
        for name, one in classes_in(module, serializers.BaseSerializer).items():
            assert not issubclass(one, serializers.ModelSerializer), f"{name} follows a table wherever it grows"
    assert not StrictSerializer(data={"more": 1}).is_valid()


@pytest.mark.parametrize("module", list(FORMS))
def test_the_forms_read_what_is_listed_and_nothing_else(module: str) -> None:
    found = {name: set(one.base_fields) for name, one in classes_in(module, forms.BaseForm).items()}  # type: ignore[attr-defined]
    assert found == FORMS[module]


def test_no_form_of_accounts_or_settings_is_forgotten() -> None:
    apps = ("apps.authentication", "apps.settings", "apps.portal")
    ours = [name for name in modules_of("forms") if name.startswith(apps)]
    with_forms = {name for name in ours if classes_in(name, forms.BaseForm)}
    assert with_forms == set(FORMS)


def test_a_form_that_follows_a_table_is_the_admins_and_names_its_fields() -> None:
    for module in modules_of("forms", "filters", "views", "admin"):
        for name, one in classes_in(module, forms.BaseModelForm).items():
            meta = one._meta  # type: ignore[attr-defined]
            assert module.endswith("admin"), f"{module}.{name}"
            assert meta.fields not in (None, "__all__")
            assert not meta.exclude
