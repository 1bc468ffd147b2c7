"""What a patient sees: their own readings, messages, check-ins, consents, requests, and who looked at their record.

Everything is read and written through the own-record doors below, which take no patient's id. Doors: none; nothing
stands above but the project itself.
"""
