"""Pure decisions about patients, what they are found by, and periods."""
