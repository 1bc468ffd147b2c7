"""Model fields whose values stay sealed until someone reads the attribute.

The classes of django-encrypted-model-fields stay, so that the customer's field names hold; the cipher, the binding and
the failures are ours. A value is bound to its practice, table, column and row: moved anywhere else it does not open.
"""

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from encrypted_model_fields import fields as emf

from apps.foundation.encryption import cipher
from apps.foundation.encryption.keyring import PLATFORM_ID, aead_for, keys_of
from apps.foundation.encryption.rules import pad, unpad
from apps.foundation.encryption.types import (
    BrokenSeal,
    EncryptionError,
    KeyUnavailable,
    Purpose,
    SealedLookup,
    UnsealedWrite,
)

_PAD_BLOCK = 16
_ORIGINALS = "_sealed_originals"


class Sealed:
    """A token on its way between database and attribute. Its text never shows the token."""

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token

    def __repr__(self) -> str:
        return "<sealed>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.token == self.token

    def __hash__(self) -> int:
        return hash(self.token)


class SealedAttribute:
    """Opens the value of a row when it is first read, and remembers the token so that an unchanged value keeps it."""

    def __init__(self, field: "SealedField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        field, values = self.field, instance.__dict__
        name = field.attname
        if name not in values:
            instance.refresh_from_db(fields=[name])
        value = values[name]
        if value.__class__ is not Sealed:
            return value
        context = field.context_of(instance)
        plaintext = field.open_bytes_at(value, *context)
        opened = field.from_plaintext(plaintext)
        values.setdefault(_ORIGINALS, {})[name] = (context, plaintext, value)
        values[name] = opened
        return opened

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(emf.EncryptedMixin):  # type: ignore[misc]
    """What every sealed column does; mixed into a field class of django-encrypted-model-fields."""

    descriptor_class: ClassVar[type] = SealedAttribute
    pad_block: ClassVar[int] = _PAD_BLOCK

    attname: str
    column: str
    max_length: int | None
    model: type[models.Model]

    if TYPE_CHECKING:  # what the descriptor does, said to the type checker

        def __get__(self, instance: models.Model | None, owner: type[models.Model] | None = None) -> Any: ...
        def __set__(self, instance: models.Model, value: Any) -> None: ...

    def to_plaintext(self, value: Any) -> bytes:
        """The bytes that are sealed for a value."""
        return str(value).encode()

    def from_plaintext(self, plaintext: bytes) -> Any:
        """The value that the bytes stand for."""
        return plaintext.decode()

    def context_of(self, instance: models.Model) -> tuple[UUID, UUID]:
        """The practice and the row to which a value of this instance is bound."""
        has_practice, key_name = self._bound_to
        row_id = instance.__dict__.get(key_name)
        practice_id = PLATFORM_ID
        if has_practice:
            practice_id = instance.__dict__.get("practice_id") or instance.practice_id  # type: ignore[attr-defined]
            if practice_id is None:
                raise EncryptionError(f"{self.model._meta.label} has no practice to seal under")
        if not isinstance(row_id, UUID):
            raise EncryptionError(f"{self.model._meta.label} needs a UUID as primary key before it can be sealed")
        return practice_id, row_id

    @cached_property
    def _bound_to(self) -> tuple[bool, str]:
        """Whether the model's rows belong to a practice, and under which name they keep their id."""
        return hasattr(self.model, "practice_id"), str(self.model._meta.pk.attname)

    @cached_property
    def _place(self) -> bytes:
        return f"{self.model._meta.db_table}\x00{self.column}\x00".encode()

    def _associated(self, practice_id: UUID, row_id: UUID) -> bytes:
        return practice_id.bytes + self._place + row_id.bytes

    def seal_at(self, plaintext: bytes, practice_id: UUID, row_id: UUID) -> Sealed:
        """The bytes sealed for one row of one practice."""
        keys = keys_of(practice_id, Purpose.DATA)
        padded = pad(plaintext, self.pad_block)
        associated = self._associated(practice_id, row_id)
        return Sealed(cipher.seal(keys.aeads[keys.primary], keys.primary, padded, associated))

    def open_bytes_at(self, sealed: Sealed, practice_id: UUID, row_id: UUID) -> bytes:
        """The bytes sealed for that row. Raises BrokenSeal for a token from anywhere else."""
        key_number, body = cipher.read_token(sealed.token)
        aead = aead_for(practice_id, Purpose.DATA, key_number)
        return unpad(cipher.open_body(aead, body, self._associated(practice_id, row_id)))

    def open_at(self, sealed: Sealed, practice_id: UUID, row_id: UUID) -> Any:
        """The value sealed for that row."""
        return self.from_plaintext(self.open_bytes_at(sealed, practice_id, row_id))

    def under_newest(self, sealed: Sealed, practice_id: UUID, row_id: UUID) -> Sealed:
        """The same value under the primary key: so a row that was read before an exchange never brings a key back.

        What stands under that key or a newer one, or does not open, stays as it is.
        """
        primary = keys_of(practice_id, Purpose.DATA).primary
        try:
            if cipher.number_of(sealed.token) >= primary:
                return sealed
            return self.seal_at(self.open_bytes_at(sealed, practice_id, row_id), practice_id, row_id)
        except (BrokenSeal, KeyUnavailable, ValueError):
            return sealed

    def from_db_value(self, value: str | None, *args: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            return value
        return super(emf.EncryptedMixin, self).to_python(value)

    def pre_save(self, instance: models.Model, add: bool) -> Sealed | None:
        value = instance.__dict__.get(self.attname)
        if value is None:
            return None
        if isinstance(value, Sealed):
            if instance._state.adding:
                raise UnsealedWrite(f"{self.model._meta.label}.{self.attname} was sealed for another row")
            return self.under_newest(value, *self.context_of(instance))
        plaintext = self.to_plaintext(self.to_python(value))
        if self.max_length is not None and len(plaintext.decode()) > self.max_length:
            raise ValidationError(f"{self.attname} is longer than {self.max_length} characters")
        context = self.context_of(instance)
        original = instance.__dict__.get(_ORIGINALS, {}).get(self.attname)
        if original is not None and original[:2] == (context, plaintext):
            return self.under_newest(original[2], *context)
        return self.seal_at(plaintext, *context)

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        return self.get_db_prep_save(value, connection)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> str | None:
        if value is None:
            return None
        if isinstance(value, Sealed):
            return value.token
        raise UnsealedWrite(f"{self.model._meta.label}.{self.attname} can only be written by saving the row")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise SealedLookup(f"{self.model._meta.label}.{self.attname} is sealed: look it up by its blind index")

    def get_transform(self, name: str) -> None:
        raise SealedLookup(f"{self.model._meta.label}.{self.attname} is sealed: look it up by its blind index")

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self.max_length is not None:
            kwargs["max_length"] = self.max_length
        return name, path, args, kwargs


class SealedCharField(SealedField, emf.EncryptedCharField):  # type: ignore[misc]
    """Short text, sealed. `max_length` counts characters of the value and is enforced on save."""


class SealedTextField(SealedField, emf.EncryptedTextField):  # type: ignore[misc]
    """Long text, sealed."""


class SealedEmailField(SealedField, emf.EncryptedEmailField):  # type: ignore[misc]
    """An e-mail address, sealed."""


class SealedDateField(SealedField, emf.EncryptedDateField):  # type: ignore[misc]
    """A calendar date, sealed."""

    def to_plaintext(self, value: date) -> bytes:
        return value.isoformat().encode()

    def from_plaintext(self, plaintext: bytes) -> date:
        return date.fromisoformat(plaintext.decode())


class SealedJSONField(SealedField, models.JSONField):  # type: ignore[misc]
    """A JSON value, sealed. Decimals, dates and UUIDs are kept as text."""

    def to_python(self, value: Any) -> Any:
        return value

    def to_plaintext(self, value: Any) -> bytes:
        return orjson.dumps(value, default=str)

    def from_plaintext(self, plaintext: bytes) -> Any:
        return orjson.loads(plaintext)
