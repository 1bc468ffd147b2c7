"""A figure: what was measured, beside its limit of the same run and the target of the project's dashboard."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Figure:
    """`met` is None for a figure that has no target of its own."""

    number: str
    name: str
    value: float
    unit: str
    limit: float | None = None
    limit_name: str = ""
    target: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """The value as a share of the limit, where both are rates or both are times."""
        return self.value / self.limit if self.limit else None

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def milliseconds(seconds: float) -> float:
    return seconds * 1000


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned text."""
    rows = [("", "figure", "value", "limit of this run", "ratio", "target", "")]
    for figure in figures:
        limit = f"{figure.limit:,.1f} {figure.limit_name}" if figure.limit else ""
        ratio = f"{figure.ratio:.3f}" if figure.ratio else ""
        met = {True: "met", False: "MISSED", None: ""}[figure.met]
        rows.append(
            (figure.number, figure.name, f"{figure.value:,.2f} {figure.unit}", limit, ratio, figure.target, met)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(7)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
