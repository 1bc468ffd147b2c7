"""The cache gives back what it was given, and tells nothing to whoever reads its table or its Redis."""

import base64
import pickle
from base64 import urlsafe_b64encode
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection

from apps.foundation.encryption import caches as sealed

ROOTS = [urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2)]
SECRET = "Zyxkoniglampe"


class Stored:
    """The stored texts, whichever way they are stored."""

    def __init__(self, cache: Any) -> None:
        self.cache = cache

    @property
    def redis(self) -> Any:
        return self.cache._cache.get_client(write=True)

    def read(self, name: str) -> bytes:
        if isinstance(self.cache, sealed.SealedRedisCache):
            return bytes(self.redis.get(name))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT value FROM {self.cache._table} WHERE cache_key = %s", [name])
            return base64.b64decode(cursor.fetchone()[0])

    def write(self, name: str, value: bytes) -> None:
        if isinstance(self.cache, sealed.SealedRedisCache):
            self.redis.set(name, value)
            return
        with connection.cursor() as cursor:
            text = base64.b64encode(value).decode()
            cursor.execute(f"UPDATE {self.cache._table} SET value = %s WHERE cache_key = %s", [text, name])

    def everything(self) -> bytes:
        if isinstance(self.cache, sealed.SealedRedisCache):
            keys = list(self.redis.scan_iter())
            return b"\n".join([*keys, *(self.redis.get(key) for key in keys if self.redis.type(key) == b"string")])
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT cache_key, value FROM {self.cache._table}")
            return b"\n".join(
                part for key, value in cursor.fetchall() for part in (key.encode(), base64.b64decode(value))
            )


def redis_cache() -> Any:
    import os

    from redis import Redis
    from redis.exceptions import RedisError

    url = django_settings.REDIS_URL or os.environ.get("VANTREXIA_TEST_REDIS", "redis://127.0.0.1:6379/15")
    try:
        Redis.from_url(url, socket_connect_timeout=0.5).ping()
    except RedisError:
        pytest.skip("no Redis here")
    return sealed.SealedRedisCache(url, {"KEY_PREFIX": f"test-{uuid4().hex}"})


@pytest.fixture(params=["table", "redis"])
def cache(request: pytest.FixtureRequest, db: None) -> Any:
    if request.param == "redis":
        return redis_cache()
    return sealed.SealedDatabaseCache("vantrexia_cache", {"KEY_PREFIX": "test"})


@pytest.fixture
def stored(cache: Any) -> Stored:
    if isinstance(cache, sealed.SealedDatabaseCache) and django_settings.REDIS_URL:
        pytest.skip("the table is made where there is no Redis")
    return Stored(cache)


@pytest.mark.usefixtures("stored")
class TestACache:
    """As Django's own do."""

    @pytest.mark.parametrize("value", [None, True, "", "text", b"\x01bytes", 1.5, {"a": [1, uuid4()]}, 0, -7, 2**40])
    def test_it_gives_back_what_it_was_given(self, cache, value):
        cache.set("a", value)
        found = cache.get("a", "nothing")
        assert (found, type(found)) == (value, type(value))

    def test_what_is_not_there_is_the_default(self, cache):
        assert cache.get("none") is None
        assert cache.get("none", 7) == 7
        assert cache.get_many(["none"]) == {}
        assert cache.get_many([]) == {}

    def test_adding_happens_once(self, cache):
        assert cache.add("a", "first")
        assert not cache.add("a", "second")
        assert cache.get("a") == "first"

    def test_many_at_once(self, cache):
        assert cache.set_many({"a": 1, "b": "two"}) == []
        assert cache.set_many({}) == []
        assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": "two"}
        cache.delete_many(["a", "b"])
        assert cache.get_many(["a", "b"]) == {}

    def test_it_counts(self, cache):
        cache.set("n", 1)
        assert cache.incr("n") == 2
        assert cache.decr("n", 5) == -3
        with pytest.raises(ValueError, match="not found"):
            cache.incr("none")

    def test_it_forgets(self, cache):
        cache.set("a", 1, timeout=0)
        assert cache.get("a") is None
        cache.set("b", "x")
        assert cache.touch("b", 100)
        assert cache.get("b") == "x"
        assert cache.delete("b")
        assert "b" not in cache
        assert cache.get_or_set("c", lambda: "made") == "made"

    def test_versions_are_apart(self, cache):
        cache.set("a", "one", version=1)
        cache.set("a", "two", version=2)
        assert cache.get("a", version=1) == "one"

    def test_any_key_will_do(self, cache):
        for key in ("with space", "long" * 100, "\N{SNOWMAN}", "line\nbreak"):
            cache.set(key, key)
            assert cache.get(key) == key


def test_nothing_legible_is_stored(cache, stored):
    cache.set(f"session:{SECRET}", {"name": SECRET})
    cache.set_many({f"{SECRET}:many": [SECRET]})
    cache.add(f"{SECRET}:added", SECRET.encode())
    image = stored.everything()
    for form in (SECRET.encode(), SECRET.lower().encode(), base64.b64encode(SECRET.encode())[:-4]):
        assert form not in image
    assert len(image) > 100


def test_the_same_value_twice_differs(cache, stored):
    cache.set("a", SECRET)
    first = stored.read(cache.make_key("a"))
    cache.set("a", SECRET)
    assert stored.read(cache.make_key("a")) != first


def test_a_value_moved_to_another_key_is_not_there(cache, stored):
    cache.set("mine", {"_auth_user_id": "me"})
    cache.set("admins", {"_auth_user_id": "an administrator"})
    stored.write(cache.make_key("mine"), stored.read(cache.make_key("admins")))
    assert cache.get("mine", "nothing") == "nothing"
    assert cache.get_many(["mine"]) == {}


class Bomb:
    """What somebody who writes to the store would plant."""

    def __reduce__(self):
        return pytest.fail, ("a planted object was built",)


@pytest.mark.parametrize(
    "planted",
    [
        pickle.dumps(Bomb()),
        pickle.dumps(pickle.dumps(Bomb())),
        pickle.dumps(b"\x01" + b"\x00" * 12 + pickle.dumps(Bomb())),
        pickle.dumps("plain text"),
        b"\x01",
        b"",
        b"\x80\x05broken",
    ],
)
def test_what_we_did_not_seal_is_not_there_and_never_unpickled(cache, stored, planted):
    cache.set("a", "x")
    stored.write(cache.make_key("a"), planted)
    assert cache.get("a", "nothing") == "nothing"


def test_a_changed_byte_is_noticed(cache, stored):
    cache.set("a", "x")
    text = bytearray(stored.read(cache.make_key("a")))
    text[-3] ^= 1
    stored.write(cache.make_key("a"), bytes(text))
    assert cache.get("a") is None


def test_every_configured_root_opens(cache, stored, settings):
    settings.FIELD_ENCRYPTION_KEY = ROOTS[:1]
    cache.set("a", SECRET)
    settings.FIELD_ENCRYPTION_KEY = [ROOTS[1], ROOTS[0]]
    assert cache.get("a") == SECRET
    cache.set("b", SECRET)
    settings.FIELD_ENCRYPTION_KEY = [ROOTS[1]]
    assert cache.get("a") is None
    assert cache.get("b") == SECRET


def test_the_products_cache_is_one_of_these():
    assert isinstance(caches["default"], sealed.SealedRedisCache | sealed.SealedDatabaseCache)
