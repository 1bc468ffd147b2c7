"""Messages to people, without PHI: an outbox, a delivery for each person and way, one channel for each way.

Doors: `services` (queue_notification, send_due_notifications, what somebody chooses), `selectors` (bell, log), `types`.
"""
