"""Which passwords are taken, in which practice, and what a new one ends."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from apps.authentication import services
from apps.authentication.models import SignInPolicy, TotpDevice, User
from apps.authentication.types import PasswordRule, Role
from tests.cast import Cast

LONG = "kettle mountain tango violet"


def faults(password: str, user: User | None = None) -> set[str]:
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        return {error.code for error in refusal.error_list}
    return set()


def choose(cast: Cast, rule: PasswordRule, roles: tuple[Role, ...] = ()) -> None:
    SignInPolicy.objects.update_or_create(
        practice_id=cast.highland.id,
        defaults={"password_rule": rule.value, "second_factor_roles": [role.value for role in roles]},
    )


def nurse_of(cast: Cast) -> User:
    return User.objects.get(id=cast.highland.people["nurse"])


def test_composition_is_the_rule_unless_the_practice_chose_another(cast: Cast) -> None:
    user = nurse_of(cast)
    assert faults(LONG, user) == {"no_upper", "no_digit", "no_special"}
    choose(cast, PasswordRule.LENGTH_ONLY)
    assert faults(LONG, user) == set()
    choose(cast, PasswordRule.COMPOSITION)
    assert faults(LONG, user)


@pytest.mark.parametrize("proved", ["nothing", "enrolled", "required"])
def test_length_alone_is_15_and_with_a_second_factor_12(cast: Cast, proved: str) -> None:
    user = nurse_of(cast)
    choose(cast, PasswordRule.LENGTH_ONLY, (Role.NURSE,) if proved == "required" else ())
    if proved == "enrolled":
        TotpDevice.objects.create(user=user, name="app", secret="A", confirmed=True)
    needed = 15 if proved == "nothing" else 12
    assert faults("vq kettle tango x"[:needed], user) == set()
    assert faults("vq kettle tango x"[: needed - 1], user) == {"password_too_short"}


def test_the_strictest_of_somebodys_practices_decides(cast: Cast) -> None:
    choose(cast, PasswordRule.LENGTH_ONLY)
    services.register_user(
        email=cast.highland.email("nurse"),
        full_name="",
        password="",
        practice_id=cast.lakeside.id,
        role=Role.NURSE,
        by=cast.lakeside.system,
    )
    assert faults(LONG, nurse_of(cast)) == {"no_upper", "no_digit", "no_special"}


def test_who_is_about_to_join_keeps_the_rule_of_the_practice_in_scope(cast: Cast) -> None:
    newcomer = User(email="new@example.org", full_name="New Person")
    choose(cast, PasswordRule.LENGTH_ONLY)
    with cast.highland.scope():
        assert faults(LONG, newcomer) == set()
        assert faults("highland primary", newcomer) == {"password_of_context"}
    with cast.lakeside.scope():
        assert faults(LONG, newcomer) == {"no_upper", "no_digit", "no_special"}


def test_long_ones_are_taken_up_to_128_characters(cast: Cast) -> None:
    user = nurse_of(cast)
    word = "Vq7-kettle mountain "
    for length in (64, 65, 128):
        assert faults((word * 7)[:length], user) == set()
    assert faults((word * 7)[:129], user) == {"password_too_long"}


@pytest.mark.parametrize(
    "password",
    [
        "Password1234!",
        "Sunshine-2024!",
        "Vantrexia-2026!",
        "V4ntr3xi@-2026!",
        "Highland-Primary-Care-1",
        "Nurse-highland-1!",
    ],
)
def test_what_everybody_tries_is_refused(cast: Cast, password: str) -> None:
    assert faults(password, nurse_of(cast)) & {"password_too_common", "password_of_context", "password_too_similar"}


def test_a_word_of_the_practice_in_a_long_one_is_fine(cast: Cast) -> None:
    assert faults("I-care-about-9-violet-dogs", nurse_of(cast)) == set()
