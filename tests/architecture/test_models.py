"""Every table: PHI sealed or declared plain, links down the floors and inside the practice, a scoped manager."""

import re
import tomllib
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.apps import apps as django_apps
from django.db import DatabaseError, connection, models, transaction
from django_scopes import ScopeError

from apps.foundation.encryption.fields import SealedField
from apps.foundation.jobs.models import LeasedWork
from apps.foundation.tenancy.models import PracticeModel
from apps.foundation.tenancy.types import NoPracticeScope, UnauditedWrite
from tests.architecture.contracts import app_of
from tests.architecture.privacy import PLAIN

ROOT = Path(__file__).resolve().parents[2]


def our_models() -> list[type[models.Model]]:
    found = [model for model in django_apps.get_models() if model.__module__.startswith("apps.")]
    assert len(found) > 15, "the models were not found"
    return found


def practice_models() -> list[type[PracticeModel]]:
    return [model for model in our_models() if issubclass(model, PracticeModel)]


def label(model: type[models.Model]) -> str:
    return model._meta.label


def floors() -> dict[str, int]:
    """The floor of each app, the lowest 0, from the same contract that import-linter keeps."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["id"] == "floors")
    return {
        app: height
        for height, layer in enumerate(reversed(contract["layers"]))
        for app in re.findall(r"[a-z][\w.]*", layer)
    }


def links(model: type[models.Model]) -> list[models.ForeignKey]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


# privacy


@pytest.mark.parametrize("model", our_models(), ids=label)
def test_every_column_is_sealed_or_declared_plain(model):
    by_nature = {field.name for field in model._meta.concrete_fields if field.primary_key or field.is_relation}
    for base in (LeasedWork, PracticeModel):
        if issubclass(model, base):
            by_nature |= {field.name for field in base._meta.get_fields()}
    declared = PLAIN.get(label(model), {})
    sealed = {field.name for field in model._meta.concrete_fields if isinstance(field, SealedField)}
    columns = {field.name for field in model._meta.concrete_fields} - by_nature
    assert columns - sealed - set(declared) == set(), "seal it, or say in privacy.py why it may stand in clear"
    assert set(declared) - columns == set(), "privacy.py names a column that is gone"
    assert set(declared) & sealed == set(), "privacy.py calls a sealed column plain"


def test_the_table_of_plain_columns_gives_a_reason_for_each():
    labels = {label(model) for model in our_models()}
    assert set(PLAIN) <= labels
    assert all(len(reason.split()) >= 2 for columns in PLAIN.values() for reason in columns.values())


@pytest.mark.parametrize("model", our_models(), ids=label)
def test_a_row_with_a_sealed_column_has_a_random_uuid_as_key(model):
    if any(isinstance(field, SealedField) for field in model._meta.concrete_fields):
        assert isinstance(model._meta.pk, models.UUIDField)
        assert isinstance(model._meta.pk.get_default(), UUID)


@pytest.mark.parametrize("model", our_models(), ids=label)
def test_the_text_of_a_row_holds_nothing_sealed(model):
    """`str(row)` reaches logs and the admin; it must not open a column."""
    text = model.__str__
    names = set(getattr(text, "__code__", None).co_names) if hasattr(text, "__code__") else set()
    sealed = {field.name for field in model._meta.concrete_fields if isinstance(field, SealedField)}
    assert not names & sealed


# floors and practices


@pytest.mark.parametrize("model", our_models(), ids=label)
def test_a_foreign_key_points_down_the_floors(model):
    heights = floors()
    own = app_of(model.__module__)
    for field in links(model):
        target = app_of(field.related_model.__module__)
        if target is None or target == own:
            continue
        assert heights[target] < heights[own], f"{label(model)}.{field.name} points up to {target}"


def test_the_ground_floor_names_practice_actor_and_subject_by_plain_id():
    above = {
        f"{label(model)}.{field.name}"
        for model in our_models()
        if model.__module__.startswith("apps.foundation.")
        for field in links(model)
        if not field.related_model.__module__.startswith("apps.foundation.")
    }
    assert not above


@pytest.mark.parametrize("model", our_models(), ids=label)
def test_a_delete_never_takes_other_rows_along(model):
    assert {field.remote_field.on_delete for field in links(model)} <= {models.PROTECT, models.DO_NOTHING}


@pytest.mark.parametrize("model", practice_models(), ids=label)
def test_a_query_without_a_scope_raises(model):
    with pytest.raises((NoPracticeScope, ScopeError)):
        model.objects.count()


@pytest.mark.django_db
@pytest.mark.parametrize("model", practice_models(), ids=label)
def test_a_write_outside_an_audited_change_raises(model):
    with pytest.raises((UnauditedWrite, NoPracticeScope)):
        model(practice_id=uuid4()).save()


@pytest.mark.parametrize("model", our_models(), ids=label)
def test_a_row_that_names_a_practice_is_scoped_or_says_why_not(model):
    """Plain `practice_id` columns belong to the ground floor and to what exists before a practice is known."""
    before_a_practice_is_known = {
        "patients.DeviceDirectory",
        "authentication.Membership",
        "authentication.SignInPolicy",
        "authentication.TokenFamily",
        "authentication.ApiKey",
        "authentication.Invitation",
    }
    if issubclass(model, PracticeModel) or model.__module__.startswith("apps.foundation."):
        return
    columns = {field.attname for field in model._meta.concrete_fields}
    assert "practice_id" not in columns or label(model) in before_a_practice_is_known


CROSSING = [
    (model, field)
    for model in practice_models()
    for field in links(model)
    if issubclass(field.related_model, PracticeModel)
]


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), CROSSING, ids=[f"{label(m)}.{f.name}" for m, f in CROSSING])
def test_the_database_refuses_a_link_into_another_practice(model, field, cast):
    """By raw SQL, past every service: the row's practice is one, the row it points to belongs to the other."""
    target = bare_row(field.related_model, cast.lakeside.id)
    with pytest.raises(DatabaseError), transaction.atomic():
        bare_row(model, cast.highland.id, **{field.column: target})
    # The same row with a target of its own practice is accepted: what was refused above was the crossing.
    bare_row(model, cast.highland.id, **{field.column: bare_row(field.related_model, cast.highland.id)})


def bare_row(model: type[models.Model], practice_id: UUID, **given: object) -> UUID:
    """One row by raw SQL with a value of the right kind in each column; what it must link to is made beside it."""
    row_id = uuid4()
    values: dict[str, object] = {}
    for field in model._meta.concrete_fields:
        if field.column in given:
            values[field.column] = given[field.column]
        elif field.primary_key:
            values[field.column] = row_id
        elif field.name == "practice":
            values[field.column] = practice_id
        elif field.null:
            values[field.column] = None
        elif isinstance(field, models.ForeignKey):
            values[field.column] = bare_row(field.related_model, practice_id)
        else:
            values[field.column] = plain_value(field)
    prepared = [
        field.get_db_prep_value(values[field.column], connection) if not isinstance(field, SealedField) else "token"
        for field in model._meta.concrete_fields
    ]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in model._meta.concrete_fields)
    marks = ", ".join(["%s"] * len(prepared))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({columns}) VALUES ({marks})", prepared
        )
    return row_id


def plain_value(field: models.Field) -> object:
    """Any value that the column accepts; unique enough for its constraints."""
    from django.utils import timezone

    if field.has_default():
        return field.get_default()
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return timezone.now().date()
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.BigIntegerField):
        return uuid4().int >> 66
    if isinstance(field, models.DecimalField | models.IntegerField | models.FloatField):
        return 1
    return uuid4().hex[: field.max_length or 32]
