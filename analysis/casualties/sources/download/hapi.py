"""HDX HAPI's conflict events: ACLED's monthly totals by district, paged by offset.

A row is a month of one place and one type of event. It bears totals, no daily series: no day can be told from it, and
no reader of events takes it.
"""

from __future__ import annotations

import re
from pathlib import Path

from casualties.errors import InputError
from casualties.provenance import SourceRecord
from casualties.sources.acled import ATTRIBUTION, LICENCE
from casualties.sources.download.credentials import Secret, find_secret
from casualties.sources.download.pages import Download, Job, Page, Progress, gather, rows_of
from casualties.sources.download.transport import Connection, DownloadError, Patience, in_query

__all__ = ["HAPI", "HAPI_APP", "download_hapi"]

HAPI = "https://hapi.humdata.org"
HAPI_APP = "CASUALTIES_HAPI_APP"
PATH = "/api/v2/coordination-context/conflict-events"
PAGE = 10_000
REQUIRED = (
    *("location_code", "admin1_code", "admin1_name", "admin2_code", "admin2_name", "event_type", "events"),
    *("fatalities", "reference_period_start", "reference_period_end"),
)


def download_hapi(
    location: str,
    out: str | Path,
    *,
    accessed: str,
    app: Secret | None = None,
    base: str = HAPI,
    restart: bool = False,
    patience: Patience | None = None,
    progress: Progress | None = None,
) -> Download:
    """Get a country's monthly totals of conflict events from HDX HAPI as a CSV.

    The table bears monthly totals by place and type of event, no daily series.

    Parameters
    ----------
    location : str
        The country's ISO 3166 code of three letters, e.g. ``SYR``.
    out : str or Path
        The CSV file to make; ``NAME.source.json`` beside it tells where it comes from.
    accessed : str
        ISO date of today, for the record.
    app : Secret, optional
        The application's identifier, which holds an address of electronic mail; else that of the variable
        CASUALTIES_HAPI_APP, or of the keyring.
    base : str, optional
        The service's address.
    restart : bool, optional
        Whether to drop pages of an earlier call that broke, instead of going on with them.
    patience : Patience, optional
        How long to wait and how often to ask.
    progress : callable, optional
        Told the rows had so far after each page; HAPI states no total.

    Returns
    -------
    Download
        The table and its record.

    Raises
    ------
    InputError
        If an argument cannot be used, or the file is there already.
    DownloadError
        If HAPI does not give the whole of what is asked. Pages had before are kept, and the next call goes on.
    """
    if not re.fullmatch("[A-Z]{3}", location):
        raise InputError(
            "a country is named by its ISO code of three letters", column="location", value=location, remedy="e.g. SYR"
        )
    query = {"location_code": location, "output_format": "json", "limit": str(PAGE)}
    secret = app or find_secret(HAPI_APP)
    with Connection(base, secrets=(secret,), patience=patience) as connection:

        def fetch(offset: str) -> Page:
            answer = connection.ask(PATH, {**query, "offset": offset}, in_query("app_identifier", secret))
            if answer.status in (401, 403):
                raise DownloadError(
                    f"{answer.host} does not accept the application's identifier (status {answer.status})",
                    remedy=f"check {secret.name}",
                )
            if answer.status != 200:
                raise answer.refused()
            rows = rows_of(answer.content(), "data", answer.host)
            # HAPI states no total, and a short page may be its own limit: only an empty page is the end.
            return Page(rows, str(int(offset) + len(rows)) if rows else None)

        job = Job(
            out=Path(out),
            address=connection.base + PATH,
            query=query,
            first="0",
            required=REQUIRED,
            key=(),
            nothing=f"HAPI has no conflict events of {location!r}",
            record=SourceRecord(
                name="HDX HAPI conflict events",
                provider="ACLED, by way of the Humanitarian API of the Humanitarian Data Exchange (HDX)",
                title="Conflict events by month, place and type",
                licence=LICENCE,
                attribution=f"{ATTRIBUTION}; monthly totals of HDX HAPI",
                scope=location,
                redistributable=False,
                notes=("monthly totals: they bear no daily series",),
            ),
        )
        return gather(job, fetch, accessed=accessed, restart=restart, progress=progress)
