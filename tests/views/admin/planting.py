"""A row of any table, with something in every sealed column that can be looked for."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import models
from django.utils import timezone

from apps.authentication.models import Membership, User
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.encryption.fields import SealedDateField, SealedEmailField, SealedField, SealedJSONField
from tests.cast import CastPractice

CANARY = "Zyxkonig"
YEAR = 1931
TRACES = (CANARY.lower(), str(YEAR))


def plant(model: type[models.Model], practice: CastPractice) -> UUID:
    """A row of the practice in this table, and what it must link to; its id."""
    if model is User:
        return practice.people["nurse"]
    if model is Membership:
        return Membership.objects.get(practice_id=practice.id, user_id=practice.people["nurse"]).id
    if model is AuditLog:
        found: UUID = AuditLog.objects.filter(practice_id=practice.id).latest("sequence").id
        return found
    with practice.scope(), audit.change("test.plant", by=practice.system):
        return _row(model, practice).pk


def _row(model: type[models.Model], practice: CastPractice) -> models.Model:
    row = model()
    for field in model._meta.concrete_fields:
        if not field.primary_key and field.name != "practice":
            setattr(row, field.attname, _value_for(field, practice))
    row.save()
    return row


def _value_for(field: Any, practice: CastPractice) -> Any:
    if isinstance(field, SealedField):
        return _canary(field)
    if isinstance(field, models.ForeignKey) and field.related_model is User:
        return practice.people["nurse"]
    if isinstance(field, models.ForeignKey) and field.related_model is not field.model:
        return _row(field.related_model, practice).pk
    if field.null:
        return None
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
    if isinstance(field, models.BigIntegerField):
        return uuid4().int >> 66
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.IntegerField):
        return 1
    return uuid4().hex[: field.max_length or 32]


def _canary(field: SealedField) -> Any:
    if isinstance(field, SealedDateField):
        return date(YEAR, 7, 23)
    if isinstance(field, SealedEmailField):
        return f"{CANARY}@example.org"
    if isinstance(field, SealedJSONField):
        return {"said": CANARY}
    return CANARY[: field.max_length]
