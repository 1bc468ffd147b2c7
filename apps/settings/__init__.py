"""Practice preferences: how a practice numbers its patients and when somebody is on duty.

Doors: `types` (PracticePreferences), `selectors` (get_preferences), `services` (change_preferences).
"""
