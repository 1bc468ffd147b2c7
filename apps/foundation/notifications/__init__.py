"""Messages to people, without PHI: an outbox of rows and one channel each for how they leave.

Doors: `services` (queue_notification, send_due_notifications), `types`.
"""
