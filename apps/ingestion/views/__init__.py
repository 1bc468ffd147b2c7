"""The webhook, and the pages of the quarantine."""
