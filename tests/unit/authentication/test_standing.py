"""The statement that every request waits for says what the ORM says."""

import pytest
from django.db.models import Model
from django.utils import timezone

from apps.authentication.models import ApiKey, Membership, SignedInSession, SignInPolicy, TokenFamily, User
from apps.authentication.rules.tokens import split_key
from apps.authentication.selectors import policy_of
from apps.authentication.selectors.standing import standing_in_session, standing_of_family, standing_of_key
from apps.authentication.types import Permission
from tests.cast import Cast
from tests.factories.tokens import key_of, tokens_of


def same(found: Model, expected: Model) -> bool:
    """Every column, with its Python type."""
    names = [field.attname for field in expected._meta.concrete_fields]
    mine, theirs = ([getattr(row, name) for name in names] for row in (found, expected))
    assert mine == theirs
    assert [type(value) for value in mine] == [type(value) for value in theirs]
    assert found == expected and not found._state.adding
    return True


def the_same_membership(found: Membership, cast: Cast) -> bool:
    expected = Membership.objects.select_related("user", "practice").get(user_id=cast.highland.people["nurse"])
    assert same(found, expected) and same(found.user, expected.user)
    return same(found.practice, expected.practice)


@pytest.mark.parametrize("has_policy", [False, True])
def test_behind_a_session(cast, django_assert_num_queries, has_policy):
    nurse = cast.highland.people["nurse"]
    if has_policy:
        SignInPolicy.objects.create(
            practice_id=cast.highland.id, second_factor_roles=["nurse"], single_device=True, token_idle_minutes=7
        )
    User.objects.filter(id=nurse).update(last_login=timezone.now())
    with django_assert_num_queries(1):
        found = standing_in_session(nurse, None, "a" * 64)
        policy = policy_of(found.membership.practice)
    assert found.user is found.membership.user
    assert not found.is_ended
    assert policy.single_device == has_policy
    assert the_same_membership(found.membership, cast)
    if has_policy:
        assert same(found.membership.practice.sign_in_policy, SignInPolicy.objects.get())


def test_the_chosen_practice_or_the_first(cast):
    nurse = cast.highland.people["nurse"]
    Membership.objects.create(user_id=nurse, practice_id=cast.lakeside.id, role="provider")
    assert standing_in_session(nurse, None, "").membership.practice_id == cast.highland.id
    assert standing_in_session(nurse, cast.lakeside.id, "").membership.role == "provider"
    Membership.objects.filter(user_id=nurse, practice_id=cast.lakeside.id).update(is_active=False)
    left = standing_in_session(nurse, cast.lakeside.id, "")
    assert left.membership is None and left.user.id == nurse


def test_somebody_without_a_practice_and_somebody_switched_off(cast):
    assert standing_in_session(cast.stranger.id, None, "").user == cast.stranger
    User.objects.filter(id__in=[cast.stranger.id, cast.highland.people["nurse"]]).update(is_active=False)
    assert standing_in_session(cast.stranger.id, None, "") is None
    assert standing_in_session(cast.highland.people["nurse"], None, "") is None


@pytest.mark.parametrize("who", ["nurse", "stranger"])
def test_an_ended_session_is_known(cast, who):
    user_id = cast.stranger.id if who == "stranger" else cast.highland.people["nurse"]
    row = SignedInSession.objects.create(user_id=user_id, key_hash="a" * 64, last_seen_at=timezone.now())
    assert not standing_in_session(user_id, None, row.key_hash).is_ended
    SignedInSession.objects.update(ended_at=timezone.now())
    assert standing_in_session(user_id, None, row.key_hash).is_ended
    assert not standing_in_session(user_id, None, "b" * 64).is_ended


def test_behind_a_family(cast, django_assert_num_queries):
    tokens_of(cast.highland, "nurse")
    expected = TokenFamily.objects.get()
    with django_assert_num_queries(1):
        family, membership = standing_of_family(expected.id)
    assert same(family, expected)
    assert the_same_membership(membership, cast)
    Membership.objects.filter(user_id=expected.user_id).update(is_active=False)
    assert standing_of_family(expected.id) is None


def test_behind_a_key(cast, django_assert_num_queries):
    prefix, _ = split_key(key_of(cast.highland, Permission.PATIENT_READ))
    with django_assert_num_queries(1):
        found = standing_of_key(prefix)
        assert found.practice.name == cast.highland.name
    assert same(found, ApiKey.objects.get())
    assert standing_of_key("0" * 12) is None
