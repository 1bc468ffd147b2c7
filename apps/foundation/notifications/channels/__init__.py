"""The ways a notification can leave. A channel takes an OutgoingNotification and raises if it failed."""
