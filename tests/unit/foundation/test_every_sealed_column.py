"""Every sealed column of every table: a token opens in its own place and nowhere else, and what is none never opens."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID, uuid4

import pytest
from django.apps import apps as django_apps

from apps.foundation.encryption.fields import Sealed, SealedField
from apps.foundation.encryption.keyring import PLATFORM_ID
from apps.foundation.encryption.types import BrokenSeal, EncryptionError
from apps.foundation.tenancy.services import register_practice

COLUMNS = [
    field
    for model in django_apps.get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, SealedField)
]


def name(field: SealedField) -> str:
    return f"{field.model._meta.label}.{field.attname}"


@pytest.fixture
def practice(db: None) -> UUID:
    return register_practice(name="One", time_zone="UTC")


def test_there_are_columns_to_try() -> None:
    assert len(COLUMNS) > 40


@pytest.mark.parametrize("column", COLUMNS, ids=name)
def test_a_token_opens_in_its_own_place_alone(practice: UUID, column: SealedField) -> None:
    other_practice = register_practice(name="Two", time_zone="UTC")
    row = uuid4()
    token = column.seal_at(b"a value", practice, row)
    assert column.open_bytes_at(token, practice, row) == b"a value"
    places = [(column, practice, uuid4()), (column, other_practice, row), (column, PLATFORM_ID, row)]
    places += [(other, practice, row) for other in COLUMNS if other is not column]
    for where, practice_id, row_id in places:
        with pytest.raises(EncryptionError):
            where.open_bytes_at(token, practice_id, row_id)


@pytest.mark.parametrize("planted", ["Ann", "", "vx1.", "gAAAAABk", "vx1." + "A" * 80])
def test_planted_text_opens_nowhere(practice: UUID, planted: str) -> None:
    for column in COLUMNS:
        with pytest.raises(EncryptionError) as caught:
            column.open_bytes_at(Sealed(planted), practice, uuid4())
        assert len(planted) < 5 or planted not in str(caught.value)


def test_a_changed_bit_anywhere_breaks_the_seal(practice: UUID) -> None:
    column, row = COLUMNS[0], uuid4()
    token = column.seal_at(b"a value", practice, row).token
    body = urlsafe_b64decode(token[len("vx1.") :])
    for place in range(len(body)):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(EncryptionError):
            column.open_bytes_at(Sealed("vx1." + urlsafe_b64encode(changed).decode()), practice, row)
    with pytest.raises(BrokenSeal):
        column.open_bytes_at(Sealed(token[:-8]), practice, row)
