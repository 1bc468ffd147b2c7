"""The page on which a practice chooses how its people get in."""

import pytest
from django.test import Client, override_settings

from apps.authentication.models import SignInPolicy, TotpDevice
from apps.authentication.rules import second_factor_required
from apps.authentication.selectors import membership_for, policy_in, policy_of
from apps.authentication.services.policy import change_policy
from apps.authentication.types import TEAM_ROLES, PasswordRule, PolicyChoice, Role
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast

PAGE = "/settings/security/"
CHOSEN = {
    "second_factor_roles": ["admin", "provider"],
    "single_device": "on",
    "password_rule": "length_only",
    "token_idle_minutes": "15",
}
HELD = PolicyChoice(frozenset({Role.ADMIN, Role.PROVIDER}), True, PasswordRule.LENGTH_ONLY, 15)


@pytest.fixture
def admin(cast: Cast) -> Client:
    """With a second factor, so that a policy that asks for one does not send the test elsewhere."""
    TotpDevice.objects.create(
        user_id=cast.highland.people["admin"], name="app", secret="JBSWY3DPEHPK3PXP", confirmed=True
    )
    return cast.highland.client("admin")


def test_what_is_chosen_holds_here_only_and_is_recorded_with_what_held_before(cast, admin):
    assert admin.post(PAGE, CHOSEN).status_code == 302
    assert policy_in(cast.highland.id) == HELD
    assert policy_in(cast.lakeside.id) == PolicyChoice()
    (row,) = AuditLog.objects.filter(action="practice.sign_in_policy_change")
    said = open_detail(row)
    assert said["before"]["second_factor_roles"] == []
    assert said["after"] == {
        "second_factor_roles": ["admin", "provider"],
        "single_device": True,
        "password_rule": "length_only",
        "token_idle_minutes": 15,
    }


def test_what_changes_nothing_leaves_no_row(admin):
    admin.post(PAGE, CHOSEN)
    admin.post(PAGE, CHOSEN)
    assert AuditLog.objects.filter(action="practice.sign_in_policy_change").count() == 1


def test_the_policy_is_read_with_the_membership(cast, admin, django_assert_num_queries):
    admin.post(PAGE, CHOSEN)
    for practice, held in ((cast.highland, HELD), (cast.lakeside, PolicyChoice())):
        with django_assert_num_queries(1):
            membership = membership_for(practice.people["nurse"])
            assert membership is not None
            assert policy_of(membership.practice) == held


def test_it_says_how_many_people_it_would_surprise(cast, admin):
    page = admin.get(PAGE).content.decode()
    assert "2 people" in page, "the MA and the biller"
    assert "need a second factor and have none" not in page
    admin.post(PAGE, CHOSEN | {"second_factor_roles": ["ma"]})
    assert "2 people need a second factor and have none yet" in admin.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"second_factor_roles": ["patient"]}, "Select a valid choice"),
        ({"second_factor_roles": ["root"]}, "Select a valid choice"),
        ({"password_rule": "none"}, "Select a valid choice"),
        ({"token_idle_minutes": "31"}, "less than or equal to 30"),
        ({"token_idle_minutes": "0"}, "greater than or equal to 5"),
        ({"token_idle_minutes": ""}, "This field is required"),
    ],
)
def test_a_wrong_choice_changes_nothing(cast, admin, given, words):
    answer = admin.post(PAGE, CHOSEN | given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not SignInPolicy.objects.exists()


@pytest.mark.parametrize("role", ["clinical_manager", "provider", "nurse", "ma", "data_monitor", "biller", "patient"])
def test_it_is_the_administrators(cast, role):
    client = cast.highland.client(role)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, CHOSEN).status_code == 403
    with cast.highland.scope(), pytest.raises(NotPermitted):
        change_policy(policy=HELD, by=cast.highland.actor(role))
    assert not SignInPolicy.objects.exists()


def test_the_service_keeps_the_bounds_too(cast):
    wrong = (PolicyChoice(frozenset({Role.PATIENT})), PolicyChoice(token_idle_minutes=500))
    for policy in wrong:
        with cast.highland.scope(), pytest.raises(ValueError, match=r"second factor|out of range"):
            change_policy(policy=policy, by=cast.highland.actor("admin"))


def test_without_a_choice_production_asks_every_colleague(cast):
    with override_settings(SECOND_FACTOR_REQUIRED=True):
        assert policy_in(cast.highland.id).second_factor_roles == TEAM_ROLES
        assert second_factor_required("nurse", policy_in(cast.highland.id))
        assert not second_factor_required("patient", policy_in(cast.highland.id))
    assert not second_factor_required("admin", policy_in(cast.highland.id))


def test_the_settings_lead_to_each_other(admin):
    for address in ("/settings/", PAGE, "/settings/people/"):
        page = admin.get(address).content.decode()
        for other in ("/settings/", PAGE, "/settings/people/"):
            assert f'href="{other}"' in page
