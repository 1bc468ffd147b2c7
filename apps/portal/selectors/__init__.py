"""Reading what the portal's pages show, always about whoever asks."""

from apps.portal.selectors.hours import watch_now
from apps.portal.selectors.readings import own_cards, own_history
from apps.portal.selectors.visits import who_saw

__all__ = ["own_cards", "own_history", "watch_now", "who_saw"]
