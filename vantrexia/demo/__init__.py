"""The demonstration's invented practices, people and history. Every row is made through the services."""
