"""What every page of a list has in common. No Django."""


class Paged:
    """The page of a list: `total` counts the rows of all pages. For dataclasses that hold the rows themselves."""

    __slots__ = ()

    total: int
    page: int
    page_size: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.page_size))


def place_of_page(asked: int, total: int, page_size: int) -> tuple[int, slice]:
    """The number of the page that is shown and where its rows lie. A page past the end is the last one."""
    number = max(1, min(asked, -(-total // page_size)))
    return number, slice((number - 1) * page_size, number * page_size)
