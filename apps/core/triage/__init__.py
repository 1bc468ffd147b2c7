"""Who needs a person next, and why: thresholds, alerts with their life cycle, the additive score and the board.

Doors: `services` (assess, acknowledge, snooze, escalate, resolve), `selectors` (board, score, alerts), `types`.
"""
