"""The tables that hold sealed columns, found through Django's own list of models."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from apps.foundation.encryption.fields import SealedField
from apps.foundation.encryption.keyring import PLATFORM_ID

Columns = tuple[SealedField, ...]


@dataclass(frozen=True)
class SealedTable:
    """A table with sealed columns."""

    model: type[models.Model]

    @property
    def label(self) -> str:
        """Its name in progress and logs."""
        return self.model._meta.label

    @property
    def key(self) -> "models.Field[Any, Any]":
        """Its primary key."""
        return self.model._meta.get_field(self.model._meta.pk.name)  # type: ignore[return-value]

    @cached_property
    def columns(self) -> Columns:
        """Its sealed columns."""
        return tuple(field for field in self.model._meta.concrete_fields if isinstance(field, SealedField))

    @property
    def of_practices(self) -> bool:
        """Whether its rows are sealed under their practice's key. Others are under the platform's."""
        return any(field.attname == "practice_id" for field in self.model._meta.concrete_fields)

    def rows(self, practice_id: UUID) -> models.QuerySet[models.Model]:
        """The practice's rows, or all of a platform's table, by key."""
        rows = self.model._base_manager.order_by("pk")
        return rows.filter(practice_id=practice_id) if self.of_practices else rows


def sealed_tables(practice_id: UUID) -> list[SealedTable]:
    """Every table that may hold something under a data key of this practice, or of the platform."""
    tables = [SealedTable(model) for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    is_platform = practice_id == PLATFORM_ID
    return [table for table in tables if table.columns and table.of_practices is not is_platform]
