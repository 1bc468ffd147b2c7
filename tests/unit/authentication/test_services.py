"""Registering people, changing their roles, and finding them."""

from io import StringIO
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import IntegrityError, transaction

from apps.authentication import selectors, services
from apps.authentication.models import User
from apps.authentication.types import EmailTaken, LastAdministrator, Permission, Role, WeakPassword
from apps.authentication.types.colleagues import NoSuchColleague
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import Actor, NotPermitted
from tests.cast import PASSWORD, Cast


def register(practice_id: UUID, by: Actor, **values: object) -> UUID:
    given = {"email": "new@example.org", "full_name": "New Person", "password": PASSWORD, "role": Role.NURSE}
    return services.register_user(**{**given, **values}, practice_id=practice_id, by=by)  # type: ignore[arg-type]


def test_a_person_is_registered_once_in_any_letter_case(cast: Cast) -> None:
    practice = cast.highland
    user_id = register(practice.id, practice.system, email=" New@Example.ORG ")
    assert User.objects.get(id=user_id).email == "new@example.org"
    with pytest.raises(EmailTaken):
        register(practice.id, practice.system, email="NEW@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="NEW@EXAMPLE.ORG", full_name="Twin", password="!")])


def test_someone_of_another_practice_keeps_the_password(cast: Cast) -> None:
    user_id = register(cast.highland.id, cast.highland.system)
    again = register(cast.lakeside.id, cast.lakeside.system, password="Another-Password-9", role=Role.PROVIDER)
    assert again == user_id
    assert User.objects.get(id=user_id).check_password(PASSWORD)
    actor = selectors.actor_for(user_id, cast.lakeside.id)
    assert actor is not None
    assert (actor.role, actor.practice_id) == ("provider", cast.lakeside.id)


@pytest.mark.parametrize("password", ["Short-1a", "nouppercase-12", "Password1234", "New@Example.org1"])
def test_weak_passwords_are_refused(cast: Cast, password: str) -> None:
    with pytest.raises(WeakPassword) as refusal:
        register(cast.highland.id, cast.highland.system, password=password)
    assert password not in str(refusal.value)
    assert not User.objects.filter(email="new@example.org").exists()


def test_only_an_administrator_registers(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        register(cast.highland.id, cast.highland.actor("clinical_manager"))
    with pytest.raises(NotPermitted):
        register(cast.lakeside.id, cast.highland.actor("admin"))
    register(cast.highland.id, cast.highland.actor("admin"))


def test_a_change_of_role_holds_at_once_and_is_recorded(cast: Cast) -> None:
    practice = cast.highland
    nurse_id = practice.people["nurse"]
    services.change_membership(user_id=nurse_id, role=Role.MA, is_biller=True, by=practice.actor("admin"))
    actor = selectors.actor_for(nurse_id)
    assert actor is not None
    assert (actor.role, actor.may("billing.review"), actor.may("alert.resolve")) == ("ma", True, False)
    assert AuditLog.objects.filter(action="member.role_change", subject_id=nurse_id, practice_id=practice.id).exists()


def test_an_administrator_changes_nobody_elsewhere(cast: Cast) -> None:
    with pytest.raises(NoSuchColleague):
        services.change_membership(user_id=cast.lakeside.people["nurse"], role=Role.MA, by=cast.highland.actor("admin"))


def test_who_left_is_no_actor_and_no_member(cast: Cast) -> None:
    practice = cast.highland
    nurse_id = practice.people["nurse"]
    services.change_membership(user_id=nurse_id, role=Role.NURSE, is_active=False, by=practice.actor("admin"))
    assert selectors.actor_for(nurse_id) is None
    with practice.scope():
        assert selectors.list_members(Role.NURSE) == []
        assert not selectors.is_member(nurse_id)
        assert selectors.members_by_id([nurse_id])[nurse_id].role is Role.NURSE


def test_members_are_those_of_the_practice_in_scope(cast: Cast) -> None:
    with cast.highland.scope():
        team = {user_id for role, user_id in cast.highland.people.items() if role != Role.PATIENT}
        assert {member.id for member in selectors.list_members()} == team
        assert [member.id for member in selectors.list_members(Role.PROVIDER)] == [cast.highland.people["provider"]]
        assert not selectors.is_member(cast.lakeside.people["nurse"])
        assert not selectors.is_member(cast.highland.people["patient"])


def test_a_stranger_is_no_actor(cast: Cast) -> None:
    assert selectors.actor_for(cast.stranger.id) is None


@pytest.mark.parametrize("name", ["admin", "ADMIN", "root@highland.example", "Root@Highland.Example"])
def test_people_are_found_by_user_name_and_by_email(cast: Cast, name: str) -> None:
    user_id = register(
        cast.highland.id, cast.highland.system, email="root@highland.example", username="Admin", role=Role.ADMIN
    )
    assert get_user_model().objects.get_by_natural_key(name).id == user_id


def test_changepassword_admin(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    register(cast.highland.id, cast.highland.system, email="root@highland.example", username="admin", role=Role.ADMIN)
    monkeypatch.setattr("getpass.getpass", lambda prompt="": "Brand-New-Secret-77")
    call_command("changepassword", "admin", stdout=StringIO())
    user = User.objects.get(username="admin")
    assert user.check_password("Brand-New-Secret-77")
    assert AuditLog.objects.filter(action="auth.password_change", subject_id=user.id).count() == 1


@pytest.mark.parametrize(("role", "is_active"), [(Role.NURSE, True), (Role.ADMIN, False)])
def test_the_practice_keeps_an_administrator(cast: Cast, role: Role, is_active: bool) -> None:
    practice = cast.highland
    last = practice.people["admin"]
    for by in (practice.actor("admin"), practice.system):
        with pytest.raises(LastAdministrator):
            services.change_membership(user_id=last, role=role, is_active=is_active, by=by)
    services.change_membership(user_id=last, role=Role.ADMIN, is_biller=True, by=practice.actor("admin"))
    services.change_membership(user_id=practice.people["nurse"], role=Role.ADMIN, by=practice.actor("admin"))
    services.change_membership(user_id=last, role=role, is_active=is_active, by=practice.actor("admin"))
    with practice.scope():
        assert selectors.is_last_administrator(practice.people["nurse"])
    assert AuditLog.objects.filter(action="member.role_change").count() == 3


def test_an_administrator_who_left_counts_for_nothing(cast: Cast) -> None:
    practice = cast.highland
    services.change_membership(user_id=practice.people["ma"], role=Role.ADMIN, by=practice.system)
    User.objects.filter(id=practice.people["ma"]).update(is_active=False)
    with pytest.raises(LastAdministrator):
        services.change_membership(user_id=practice.people["admin"], role=Role.MA, by=practice.system)


def test_who_may_is_asked_by_permission(cast: Cast) -> None:
    with cast.highland.scope():
        found = {one.role for one in selectors.members_who_may(Permission.NOTE_COSIGN)}
    assert found == {Role.PROVIDER, Role.CLINICAL_MANAGER}
