"""Many at once: a hundred guesses get no more tries than five in a row, and what works once works once."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from apps.authentication.models import SignInCounter
from apps.authentication.services import lockout, second_factor, sign_in
from apps.authentication.types.attempts import LockedOut, WrongCode, WrongCredentials
from tests.cast import PASSWORD, Cast
from tests.views.authentication.authenticator import BY, enrol, stop_the_clock

THREADS = 8
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: Callable[[], object]) -> Counter[str]:
    """What eight threads got that began together."""
    barrier, got = threading.Barrier(THREADS), []

    def run() -> None:
        try:
            barrier.wait()
            act()
        except Exception as refusal:
            got.append(type(refusal).__name__)
        else:
            got.append("in")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(got)


@pytest.fixture(autouse=True)
def own_connections():
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("a database in memory has one connection: not run; PostgreSQL runs it")


def test_eight_guesses_at_once_are_five_attempts(cast: Cast, monkeypatch) -> None:
    email = cast.highland.email("nurse")
    got = at_once(lambda: sign_in.authenticate_step(email=email, password="Wrong-1", by=BY))
    assert got == {WrongCredentials.__name__: 5, LockedOut.__name__: 3}
    assert SignInCounter.objects.get(kind="account").failures == 5
    with pytest.raises(LockedOut):
        sign_in.authenticate_step(email=email, password=PASSWORD, by=BY)


def test_a_code_sent_eight_times_at_once_lets_one_in(cast: Cast, monkeypatch) -> None:
    stop_the_clock(monkeypatch)
    app = enrol(cast.highland.people["nurse"])
    code = app.code()
    got = at_once(lambda: second_factor.prove_second_factor(user_id=app.user_id, code=code, by=BY))
    assert got["in"] == 1
    assert got["in"] + got[WrongCode.__name__] + got[LockedOut.__name__] == THREADS


def test_a_recovery_code_sent_eight_times_at_once_lets_one_in(cast: Cast) -> None:
    app = enrol(cast.highland.people["nurse"])
    got = at_once(lambda: second_factor.prove_second_factor(user_id=app.user_id, code=app.codes[0], by=BY))
    assert got["in"] == 1


def test_counts_are_not_lost(cast: Cast) -> None:
    got = at_once(lambda: lockout.claim_attempt(name="", ip="203.0.113.9"))
    assert got == {"in": THREADS}
    assert SignInCounter.objects.get(kind="address").failures == THREADS
