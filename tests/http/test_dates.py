"""Points in time as texts: the dates of HTTP and of ISO 8601."""

from __future__ import annotations

import pytest

from codex_proto.http import unix_from_date, unix_from_iso


@pytest.mark.parametrize(
    ("text", "unix"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777.0),
        ("Sun Nov  6 08:49:37 1994", 784_111_777.0),
        ("sun, 06 nov 1994 08:49:37 gmt", 784_111_777.0),
        ("Thursday, 01-Jan-70 00:00:00 GMT", 0.0),
        ("Saturday, 01-Jan-00 00:00:00 GMT", 946_684_800.0),
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_799.0),
        ("Sat, 31 Dec 2016 23:59:61 GMT", None),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("Sun, 06 Foo 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 24:49:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:37 CET", None),
        ("Sun, 06 Nov 0000 08:49:37 GMT", None),
        ("Sun Nov    08:49:37 1994", None),
        ("1994-11-06T08:49:37Z", None),
        ("", None),
    ],
)
def test_dates(text: str, unix: float | None) -> None:
    assert unix_from_date(text) == unix


@pytest.mark.parametrize(
    ("text", "unix"),
    [
        ("2024-01-15T10:30:00Z", 1_705_314_600.0),
        ("2024-01-15t10:30:00z", 1_705_314_600.0),
        (" 2024-01-15 10:30:00 UTC ", 1_705_314_600.0),
        ("2024-01-15T10:30:00", 1_705_314_600.0),
        ("2024-01-15T10:30", 1_705_314_600.0),
        ("2024-01-15T10:30:00.250Z", 1_705_314_600.25),
        ("2024-01-15T10:30:00,5Z", 1_705_314_600.5),
        ("2024-01-15T12:30:00+02:00", 1_705_314_600.0),
        ("2024-01-15T05:00:00-0530", 1_705_314_600.0),
        ("2024-01-15", 1_705_276_800.0),
        ("2016-12-31T23:59:60Z", 1_483_228_799.0),
        ("2024-02-30", None),
        ("0000-01-15", None),
        ("2024-01-15T24:30:00Z", None),
        ("2024-01-15T10:30:61Z", None),
        ("2024-01-15T10:30:00 CET", None),
        ("2024-1-15", None),
        ("\u0662024-01-15", None),
        ("20240115", None),
        ("", None),
    ],
)
def test_iso_dates(text: str, unix: float | None) -> None:
    assert unix_from_iso(text) == unix
