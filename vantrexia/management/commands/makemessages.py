"""makemessages that knows the names by which this project marks text."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Django's command; `_lazy` and `_now` mark text for translation like `_` does."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_lazy", "--keyword=_now"]
