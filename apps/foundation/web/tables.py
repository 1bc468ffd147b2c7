"""The base of every list's table: rows in, one look out."""

from typing import Any, ClassVar

import django_tables2 as tables


class PageTable(tables.Table):  # type: ignore[misc]
    """A table whose rows a selector has already filtered, ordered and paged. `end_columns` stand at the end edge."""

    end_columns: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        template_name = "components/table.html"
        orderable = False

    def __init__(self, *args: Any, caption: str = "", **kwargs: Any) -> None:
        """`caption` names the table for those who cannot see where it stands."""
        super().__init__(*args, **kwargs)
        self.caption = caption
