"""Django's PostgreSQL backend, whose connections tell the server which practice is in scope before each statement."""
