"""The key page: who may read it, ages in words beside their colour, and how far an exchange is."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.foundation.encryption import rotation
from apps.foundation.encryption.models import DataKey, KeyRotation, RootSighting
from apps.foundation.encryption.types import KeyState, Purpose, RotationStage
from apps.foundation.tenancy.types import Actor
from apps.monitoring.services.keys import rotate_keys
from tests.cast import Cast
from tests.factories.patients import enrol_patient

PAGE = "/security/keys/"


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.highland.client("admin")


def text(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def age(days: int, **which: object) -> None:
    DataKey.objects.filter(**which).update(created_at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize("role", ["provider", "nurse", "ma", "biller"])
def test_only_administrators_read_it(cast: Cast, role: str) -> None:
    assert cast.highland.client(role).get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_young_keys_are_all_right(cast: Cast, admin: Client) -> None:
    shown = text(admin)
    assert "younger than 80 days" in shown
    for words in ("Data key 1", "Index key 1", "Audit chain key 1", "Audit detail key 1", "in force", "in use"):
        assert words in shown
    assert "age is not known" in shown, "of the webhook secrets"
    assert "No key has been exchanged yet" in shown


@pytest.mark.parametrize(
    ("days", "words", "icon"),
    [(79, "younger than 80 days", ""), (80, "Exchange it soon", "warning"), (89, "Exchange it soon", "warning"),
     (90, "Overdue: exchange it now", "critical")],
)  # fmt: skip
def test_an_old_key_is_told_in_words_and_with_a_sign(
    cast: Cast, admin: Client, days: int, words: str, icon: str
) -> None:
    age(days, practice_id=cast.highland.id, purpose=Purpose.DATA)
    shown = text(admin)
    assert words in shown
    if icon:
        assert f'class="badge badge--{icon}"><svg class="icon icon--{icon}"' in shown


def test_keys_that_are_never_exchanged_have_the_age_of_the_root(cast: Cast, admin: Client) -> None:
    age(400, practice_id=cast.highland.id, purpose__in=[Purpose.AUDIT_DATA, Purpose.AUDIT_MAC])
    assert "Overdue" not in text(admin)
    RootSighting.objects.update(first_seen_at=timezone.now() - timedelta(days=91))
    assert "Overdue: exchange it now" in text(admin)


def test_another_practices_keys_are_not_shown(cast: Cast, admin: Client) -> None:
    age(400, practice_id=cast.lakeside.id)
    shown = text(admin)
    assert "Overdue" not in shown
    assert str(cast.lakeside.id) not in shown


def test_no_key_and_no_wrapped_key_is_shown(cast: Cast, admin: Client) -> None:
    shown = text(admin)
    for wrapped, canary in DataKey.objects.values_list("wrapped", "canary"):
        assert wrapped not in shown
        assert canary not in shown


def test_an_exchange_is_followed_by_table(cast: Cast, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "FORGOTTEN_AFTER", timedelta(0))
    for _ in range(3):
        enrol_patient(cast.highland)
    rotate_keys(cast.highland.id, by=Actor.system("rotate-keys"))
    KeyRotation.objects.filter(purpose=Purpose.DATA).update(stage=RotationStage.WALKING, clean_walks=1)
    shown = text(admin)
    assert "patients.Patient" in shown
    assert "<progress" in shown
    assert "another follows once every process has forgotten it" in shown
    assert "Index key 2" in shown
    assert "destroyed on" in shown
    assert DataKey.objects.filter(state=KeyState.DESTROYED).count() == 2


def test_an_old_root_says_when_it_may_go(cast: Cast, settings: object) -> None:
    old = settings.FIELD_ENCRYPTION_KEY[0]  # type: ignore[attr-defined]
    admin = cast.highland.client("admin")
    settings.FIELD_ENCRYPTION_KEY = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", old]  # type: ignore[attr-defined]
    assert "still needed" in text(admin)
    from apps.monitoring.services.keys import rotate_root

    rotate_root(by=Actor.system("rotate-root"))
    assert "no longer needed: remove it" in text(admin)
