"""Where sessions lie: sealed in the cache, under the hash of a key that only the browser has."""

from typing import Any

from django.contrib.sessions.backends import cache
from django.contrib.sessions.backends.base import UpdateError

from apps.authentication.rules.sessions import cache_key_of, key_hash_of


class SessionStore(cache.SessionStore):
    """Django's cache store; whoever reads cache and tables finds no session's key."""

    @property
    def cache_key(self) -> str:
        """The session's name in the cache."""
        return _name(self._get_or_create_session_key())

    async def acache_key(self) -> str:
        """As cache_key."""
        return _name(await self._aget_or_create_session_key())

    def save(self, must_create: bool = False) -> None:
        """What the session holds is stored; not where it was ended meanwhile, so that the next request is told why."""
        try:
            super().save(must_create)
        except UpdateError:
            self.modified = False

    def exists(self, session_key: str | None) -> bool:
        """Whether there is a session with this key."""
        return bool(session_key) and _name(str(session_key)) in self._cache

    async def aexists(self, session_key: str | None) -> bool:
        """As exists."""
        return bool(session_key) and bool(await self._cache.ahas_key(_name(str(session_key))))

    def delete(self, session_key: str | None = None) -> None:
        """The session with this key, else this one, is gone."""
        key = session_key or self.session_key
        if key:
            self._cache.delete(_name(key))

    async def adelete(self, session_key: str | None = None) -> None:
        """As delete."""
        key = session_key or self.session_key
        if key:
            await self._cache.adelete(_name(key))


def _name(session_key: Any) -> str:
    return cache_key_of(key_hash_of(str(session_key)))
