#!/usr/bin/env python3
"""Django's command line for Vantrexia."""

import os
import sys

# These change tables or roles, which the product's own role may not.
OWNER_COMMANDS = {"migrate", "createcachetable", "secure_database", "flush", "dbshell"}


def main() -> None:
    """Runs the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vantrexia.settings")
    if sys.argv[1:2] and sys.argv[1] in OWNER_COMMANDS:
        os.environ.setdefault("DATABASE_AS_OWNER", "yes")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
