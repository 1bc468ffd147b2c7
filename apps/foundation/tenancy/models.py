"""The practice, and the base class of every row that belongs to one."""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self
from uuid import UUID

import django_scopes
from django.db import models

from apps.foundation.encryption.fields import Sealed, SealedField
from apps.foundation.encryption.types import UnsealedWrite
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.types import NoPracticeScope
from apps.foundation.tenancy.writes import recorder_for


def practice_in_scope() -> UUID | None:
    """The practice whose scope is open, or None outside any and in the platform's."""
    state = django_scopes.get_scope()
    return state.get("practice") if state.get("_enabled", True) else None


def _open_for(row: models.Model, field: Any, sealed: Sealed) -> Any:
    sealed_field: SealedField = field
    return sealed_field.open_at(sealed, *sealed_field.context_of(row))


class Practice(models.Model):
    """A medical practice: the tenant. `time_zone` is an IANA name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class PracticeQuerySet(models.QuerySet[Any]):
    """Writes of sets: only inside an audited change, and never of a sealed column by expression."""

    def _recorded(self, verb: str, count: int) -> None:
        recorder_for(self.model._meta.label).wrote(self.model._meta.label, verb, count)

    def _refuse_sealed(self, names: Iterable[str]) -> None:
        for name in names:
            if isinstance(self.model._meta.get_field(name), SealedField):
                raise UnsealedWrite(f"{self.model._meta.label}.{name} can only be written by saving the row")

    def update(self, **values: Any) -> int:
        recorder_for(self.model._meta.label)
        self._refuse_sealed(values)
        count = super().update(**values)
        self._recorded("update", count)
        return count

    def delete(self) -> tuple[int, dict[str, int]]:
        recorder_for(self.model._meta.label)
        deleted = super().delete()
        self._recorded("delete", deleted[0])
        return deleted

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        recorder_for(self.model._meta.label)
        rows = list(objs)
        for row in rows:
            row.fill_practice()
        created = super().bulk_create(rows, *args, **kwargs)
        self._recorded("bulk_create", len(rows))
        return created

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        recorder_for(self.model._meta.label)
        names = list(fields)
        self._refuse_sealed(names)
        return super().bulk_update(objs, names, batch_size=batch_size)


class PracticeModel(models.Model):
    """A row of one practice: found only inside its scope, written only inside an audited change.

    A subclass whose rows are too many to repeat in the audit log sets `audit_values = False`: the log then names the
    rows, and the rows themselves, which are never edited, are the record.
    """

    audit_values: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("tenancy.Practice", on_delete=models.PROTECT, related_name="+", editable=False)

    objects: ClassVar[models.Manager[Any]] = django_scopes.ScopedManager(
        practice="practice_id", _manager_class=models.Manager.from_queryset(PracticeQuerySet)
    )

    practice_id: UUID

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        recorder = recorder_for(self._meta.label)
        self.fill_practice()
        created = self._state.adding
        before, after = self._changed_values() if self.audit_values else ({}, {})
        super().save(*args, **kwargs)
        recorder.saved(self._meta.label_lower, self.pk, {} if created else before, after)
        if self.audit_values:
            self.__dict__["_loaded"] = {f.attname: self.__dict__.get(f.attname) for f in self._meta.concrete_fields}

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        recorder = recorder_for(self._meta.label)
        deleted = super().delete(*args, **kwargs)
        recorder.wrote(self._meta.label, "delete", deleted[0])
        return deleted

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Self:
        instance = super().from_db(db, field_names, values, **kwargs)
        if cls.audit_values:
            instance.__dict__["_loaded"] = dict(instance.__dict__)
        return instance

    def fill_practice(self) -> None:
        """The row belongs to the practice in scope. Raises NoPracticeScope without one, or if it is another's."""
        current = practice_in_scope()
        if self.practice_id is None:
            if current is None:
                raise NoPracticeScope(f"{self._meta.label} needs a practice in scope")
            self.practice_id = current
        elif current is not None and self.practice_id != current:
            raise NoPracticeScope(f"{self._meta.label} belongs to another practice than the one in scope")

    def has_changes(self) -> bool:
        """Whether saving would change a column, or create the row."""
        return self._state.adding or bool(self._changed_values()[1])

    def _changed_values(self) -> tuple[dict[str, object], dict[str, object]]:
        loaded: dict[str, Any] = self.__dict__.get("_loaded", {})
        before: dict[str, object] = {}
        after: dict[str, object] = {}
        for field in self._meta.concrete_fields:
            name = field.attname
            if name not in self.__dict__:
                continue
            new = self.__dict__[name]
            old = loaded.get(name)
            if isinstance(new, Sealed) or (not self._state.adding and new == old):
                continue
            if isinstance(old, Sealed):
                old = _open_for(self, field, old)
                if old == new:
                    continue
            before[name], after[name] = old, new
        return before, after
