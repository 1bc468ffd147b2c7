"""What a person sees, waited for: a page is looked at when it stands, and what is wrong counts when it stays wrong."""

import json
import os
import time
from pathlib import Path

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, expect

TIMEOUT = 30_000
"""Milliseconds: costs nothing where all is well, and a busy machine is no fault of the product."""

PHONE_WIDTH = 360
"""CSS pixels: the narrowest phone that the design names."""

SHOTS = os.environ.get("VANTREXIA_SHOTS", "")
RESTING = ".skeleton, .htmx-request, .htmx-swapping, .htmx-settling"

LOOK = "([context, options]) => axe.run(context ?? document, options).then(found => found.violations)"

expect.set_options(timeout=TIMEOUT)


def settle(page: Page) -> None:
    """The page is whole: loaded, and nothing in it waits for an answer."""
    page.wait_for_load_state("load")
    expect(page.locator(RESTING)).to_have_count(0)


def wait_until(page: Page, expression: str) -> None:
    """The expression is true on the page. `page.wait_for_function` evaluates in the page: its policy refuses that."""
    until = time.monotonic() + TIMEOUT / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"{expression} on {page.url}"
        time.sleep(0.02)


def width_of(page: Page, viewport: int) -> int:
    """How wide the page is in a window this wide; as soon as it fits, or what it is after a while."""
    before = page.viewport_size
    page.set_viewport_size({"width": viewport, "height": 800})
    until = time.monotonic() + TIMEOUT / 1000 / 3
    while True:
        settle(page)
        try:
            width = int(page.evaluate("document.documentElement.scrollWidth"))
        except Error:  # another document is on its way
            width = viewport + 1
        if width <= viewport or time.monotonic() > until:
            break
        page.wait_for_timeout(100)
    if before:
        page.set_viewport_size(before)
    return width


def fits(page: Page, viewport: int = PHONE_WIDTH) -> None:
    """Nothing sticks out at this width. Expect something of the page before, or the last page is looked at."""
    width = width_of(page, viewport)
    assert width <= viewport, f"{page.url} is {width} px wide in a window of {viewport}"


def faults(
    page: Page, *, context: dict[str, object] | None = None, options: dict[str, object] | None = None
) -> list[str]:
    """What axe-core finds, and finds again: a swap or a colour on its way is no fault."""
    for is_last in (False, True):
        settle(page)
        try:
            if page.evaluate("typeof axe === 'undefined'"):
                page.evaluate(Axe().axe_script)
            found = page.evaluate(LOOK, [context, {"resultTypes": ["violations"]} | (options or {})])
        except Error:  # the document went while it was looked at
            if is_last:
                raise
            continue
        if not found:
            return []
        if not is_last:
            page.wait_for_timeout(500)
    return [
        f"{one['id']}: {one['help']} — {json.dumps([node['html'][:160] for node in one['nodes'][:3]])}" for one in found
    ]


def source(page: Page) -> str:
    """The markup of the page, when no other is on its way."""
    until = time.monotonic() + TIMEOUT / 1000
    while True:
        page.wait_for_load_state("load")
        try:
            return page.content()
        except Error:
            if time.monotonic() > until:
                raise


def shoot(page: Page, name: str) -> None:
    """For eyes: a picture wide and narrow, where VANTREXIA_SHOTS names a folder."""
    if not SHOTS:
        return
    settle(page)
    before = page.viewport_size
    for width in (1440, PHONE_WIDTH):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    if before:
        page.set_viewport_size(before)
