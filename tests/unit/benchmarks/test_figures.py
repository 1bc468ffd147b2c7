"""The arithmetic of the figures, and the request that the load sends."""

import pytest

from benchmarks.figures import Figure, percentile, table
from benchmarks.processes import request


def test_a_percentile_is_a_value_that_was_seen():
    values = [float(number) for number in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (51.0, 100.0, 7.0)


@pytest.mark.parametrize(("met", "word"), [(True, "met"), (False, "MISSED"), (None, "")])
def test_the_table_says_what_was_missed(met, word):
    shown = table([Figure("P1", "intake", 800.0, "requests/s", 1000.0, "bare", "≥ 0.8", met)]).splitlines()[1]
    assert "0.800" in shown
    assert shown.endswith(word or "≥ 0.8")


def test_a_request_is_whole():
    raw = request("POST", "/x/", body=b"{}", Content_Type="application/json")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /x/ HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Content-Type: application/json",
        b"Content-Length: 2",
    ]
    assert body == b"{}"
