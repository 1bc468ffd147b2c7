"""The project: settings, URLs, checks and the WSGI application."""
