"""`manage.py secure_database`: the product's role in PostgreSQL, with no right that it doesn't need."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection

from apps.foundation.tenancy import policies, roles


class Command(BaseCommand):
    """Run as the tables' owner, after each migrate."""

    help = (
        "Creates or corrects the role as which the product connects to PostgreSQL. Run it as the owner of the tables "
        "(DATABASE_OWNER_URL) after each migrate. It asks for no password: give the role one with psql's \\password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default=roles.ROLE, help=f"its name (default: {roles.ROLE})")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            self.stdout.write("SQLite has no roles: nothing to do.")
            return
        role = options["role"]
        try:
            guarded = policies.install(connection)
            run = roles.secure(connection, role)
        except roles.RoleRefused as refusal:
            raise CommandError(str(refusal)) from None
        except ProgrammingError as error:
            raise CommandError(
                f"{str(error).splitlines()[0]}. Connect as the owner, or have a superuser create {role}."
            ) from None
        if options["verbosity"] > 1:
            self.stdout.write("\n".join(run))
        created = "created" if run[0].startswith("CREATE ROLE") else "found"
        self.stdout.write(f"Role {role}: {created}, {len(run)} statements run, {len(guarded)} tables newly guarded.")
        if created == "created":
            self.stdout.write(f"It has no password yet: psql, then \\password {role}; or let pg_hba.conf admit it.")
