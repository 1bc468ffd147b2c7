"""Sealed columns: bound to their place, closed until read, never written in clear."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection, models, transaction
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from apps.core.patients.services import register_patient
from apps.foundation.audit import services as audit
from apps.foundation.encryption import rules
from apps.foundation.encryption.fields import Sealed
from apps.foundation.encryption.keyring import forget_keys, keys_of
from apps.foundation.encryption.services import blind_index, open_bytes, seal_bytes, unseal
from apps.foundation.encryption.types import BrokenSeal, KeyUnavailable, Purpose, SealedLookup, UnsealedWrite
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor

BY = Actor.system("test")
DAY = date(1965, 3, 12)


def patient_model() -> type[models.Model]:
    from apps.core.patients.models import Patient

    return Patient


@pytest.fixture
def practice(db):
    return register_practice(name="One", time_zone="America/Chicago")


@pytest.fixture
def other_practice(db):
    return register_practice(name="Two", time_zone="America/Denver")


def make_patient(practice_id, **values):
    given = {"first_name": "Ann", "last_name": "Doe", "date_of_birth": DAY, "gender": "female", "mrn": "A-1"} | values
    with scope(practice_id):
        patient_id = register_patient(**given, by=BY)
        return patient_model().objects.get(id=patient_id)


def stored(row, column):
    with connection.cursor() as cursor:
        key = row._meta.pk.get_db_prep_value(row.id, connection)
        cursor.execute(f"SELECT {column} FROM {row._meta.db_table} WHERE id = %s", [key])
        return cursor.fetchone()[0]


def overwrite(row, column, token):
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s",
            [token, row._meta.pk.get_db_prep_value(row.id, connection)],
        )


def read_again(row):
    with scope(row.practice_id):
        return type(row).objects.get(id=row.id)


def test_the_column_holds_a_token_and_the_attribute_the_value(practice):
    row = make_patient(practice)
    assert stored(row, "first_name").startswith("vx1.")
    again = read_again(row)
    assert isinstance(again.__dict__["first_name"], Sealed)
    assert (again.first_name, again.date_of_birth) == ("Ann", DAY)


def test_sealed_text_never_shows_itself(practice):
    again = read_again(make_patient(practice))
    assert "vx1" not in repr(again.__dict__["first_name"])
    assert f"{again.__dict__['first_name']}" == "<sealed>"


def test_an_unchanged_value_keeps_its_token(practice):
    row = make_patient(practice)
    before = stored(row, "first_name")
    again = read_again(row)
    assert again.first_name == "Ann"
    again.last_name = "Roe"
    with scope(practice), audit.change("patient.change", by=BY):
        again.save()
    assert stored(row, "first_name") == before
    assert read_again(row).last_name == "Roe"


@pytest.mark.parametrize("column", ["last_name", "mrn"])
def test_a_token_from_another_column_does_not_open(practice, column):
    row = make_patient(practice)
    overwrite(row, "first_name", stored(row, column))
    with pytest.raises(BrokenSeal):
        read_again(row).first_name  # noqa: B018


def test_a_token_from_another_row_does_not_open(practice):
    one, two = make_patient(practice), make_patient(practice, first_name="Bea", mrn="A-2")
    overwrite(one, "first_name", stored(two, "first_name"))
    with pytest.raises(BrokenSeal):
        read_again(one).first_name  # noqa: B018


def test_a_token_from_another_practice_does_not_open(practice, other_practice):
    one, two = make_patient(practice), make_patient(other_practice)
    overwrite(one, "first_name", stored(two, "first_name"))
    with pytest.raises(BrokenSeal):
        read_again(one).first_name  # noqa: B018


@pytest.mark.parametrize("planted", ["Ann", "", "vx1.", "vx1.AAAA", "vx1.%%%%", "vx1." + "A" * 80])
def test_what_is_no_token_does_not_open(practice, planted):
    row = make_patient(practice)
    overwrite(row, "first_name", planted)
    with pytest.raises((BrokenSeal, KeyUnavailable)) as caught:
        read_again(row).first_name  # noqa: B018
    assert planted == "" or planted not in str(caught.value)


def test_a_token_given_as_input_is_kept_as_text_and_not_opened(practice):
    row = make_patient(practice)
    token = stored(row, "last_name")
    assert type(row)._meta.get_field("first_name").to_python(token) == token


def test_only_isnull_may_be_asked_of_a_sealed_column(practice):
    model = patient_model()
    with scope(practice):
        assert model.objects.filter(first_name__isnull=True).count() == 0
        for lookup in ({"first_name": "Ann"}, {"first_name__icontains": "a"}, {"date_of_birth__year": 1965}):
            with pytest.raises(SealedLookup):
                model.objects.filter(**lookup).count()


def test_update_and_bulk_update_of_a_sealed_column_are_refused(practice):
    row = make_patient(practice)
    row.first_name = "Eve"
    rows = type(row).objects
    with scope(practice), audit.batch("test", by=BY):
        for write in (
            lambda: rows.update(first_name="Eve"),
            lambda: rows.update(first_name=F("last_name")),
            lambda: rows.bulk_update([row], ["first_name"]),
        ):
            with pytest.raises(UnsealedWrite):
                write()
    assert read_again(row).first_name == "Ann"


def test_values_stay_sealed_until_opened_for_their_row(practice):
    row = make_patient(practice)
    with scope(practice):
        row_id, sealed = type(row).objects.values_list("id", "first_name").get()
    assert isinstance(sealed, Sealed)
    assert unseal(type(row), "first_name", sealed, practice_id=practice, row_id=row_id) == "Ann"
    with pytest.raises(BrokenSeal):
        unseal(type(row), "first_name", sealed, practice_id=practice, row_id=uuid4())


def test_a_wrong_root_key_raises_and_never_returns_a_value(practice, settings):
    row = make_patient(practice)
    settings.FIELD_ENCRYPTION_KEY = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    forget_keys()
    with pytest.raises(KeyUnavailable):
        read_again(row).first_name  # noqa: B018


def test_equal_names_have_different_tokens_and_their_length_is_hidden(practice):
    one, two = make_patient(practice), make_patient(practice, first_name="Alexander", mrn="A-2")
    three = make_patient(practice, mrn="A-3")
    assert stored(one, "first_name") != stored(three, "first_name")
    assert len(stored(one, "first_name")) == len(stored(two, "first_name"))


def test_a_blind_index_is_stable_inside_a_practice_and_differs_between_practices(practice, other_practice):
    assert blind_index(practice, "x", "DOE") == blind_index(practice, "x", "DOE")
    assert blind_index(practice, "x", "DOE") != blind_index(other_practice, "x", "DOE")
    assert blind_index(practice, "x", "DOE") != blind_index(practice, "y", "DOE")
    assert 0 <= blind_index(practice, "x", "DOE", bits=32) < 2**32


def test_keys_of_two_practices_differ_and_stand_wrapped(practice, other_practice):
    from apps.foundation.encryption.models import DataKey

    secret = keys_of(practice, Purpose.DATA).primary_secret
    assert secret != keys_of(other_practice, Purpose.DATA).primary_secret
    assert len(secret) == 32
    assert not any(secret.hex() in key.wrapped for key in DataKey.objects.all())


def test_keys_of_a_practice_that_was_rolled_back_are_not_remembered(db):
    practice_id = uuid4()
    with pytest.raises(RuntimeError), transaction.atomic():
        register_practice(name="One", time_zone="America/Chicago", practice_id=practice_id)
        lost = keys_of(practice_id, Purpose.DATA).primary_secret
        raise RuntimeError
    register_practice(name="One", time_zone="America/Chicago", practice_id=practice_id)
    assert keys_of(practice_id, Purpose.DATA).primary_secret != lost


def test_bytes_are_bound_to_their_context(practice):
    token = seal_bytes(practice, Purpose.DATA, b"text", b"here")
    assert open_bytes(practice, Purpose.DATA, token, b"here") == b"text"
    with pytest.raises(BrokenSeal):
        open_bytes(practice, Purpose.DATA, token, b"there")


@given(st.binary(max_size=200), st.sampled_from([1, 16, 32]))
def test_padding_comes_off_again(plaintext, block):
    padded = rules.pad(plaintext, block)
    assert len(padded) % block == 0
    assert rules.unpad(padded) == plaintext


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [("  O'Néill-Smith, ANN ", "oneill smith ann"), ("Ünal", "unal"), ("ＡＮＮ", "ann"), ("Straße", "strasse")],
)
def test_names_are_normalised(given_text, expected):
    assert rules.normalise_name(given_text) == expected


def test_codes_and_digits_are_normalised():
    assert rules.normalise_code("mrn-000 42") == "MRN00042"
    assert rules.normalise_digits("+1 (555) 123-4567") == "15551234567"
