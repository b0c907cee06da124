"""UCDP's service: page numbers, a token in a header, and a total that must come out."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from casualties.errors import InputError
from casualties.provenance import SourceRecord
from casualties.sources.download.credentials import Secret, find_secret
from casualties.sources.download.pages import (
    Download,
    Job,
    Page,
    Progress,
    field_of,
    gather,
    rows_of,
    whole_number,
)
from casualties.sources.download.query import window
from casualties.sources.download.transport import Connection, DownloadError, Patience, in_header
from casualties.sources.ucdp import REQUIRED

__all__ = ["UCDP", "UCDP_TOKEN", "download_ucdp"]

UCDP = "https://ucdpapi.pcr.uu.se"
UCDP_TOKEN = "CASUALTIES_UCDP_TOKEN"
PAGE = 1000
VERSION = r"[0-9]{1,2}(\.[0-9]{1,2}){1,3}"
COUNTRIES = r"[0-9]{1,3}(,[0-9]{1,3})*"
ATTRIBUTION = (
    "UCDP Georeferenced Event Dataset, version {version}, Uppsala Conflict Data Program, CC BY 4.0; accessed "
    "{{accessed}}. Cite: Sundberg, R. and Melander, E. (2013), Introducing the UCDP Georeferenced Event Dataset, "
    "Journal of Peace Research 50(4), 523-532; and the paper or codebook of the version."
)


def download_ucdp(
    version: str,
    out: str | Path,
    *,
    accessed: str,
    country: str = "",
    start: str = "",
    end: str = "",
    token: Secret | None = None,
    base: str = UCDP,
    restart: bool = False,
    patience: Patience | None = None,
    progress: Progress | None = None,
) -> Download:
    """Get a version of UCDP GED, or a part of it, as a CSV that `read_ucdp_ged` reads.

    Parameters
    ----------
    version : str
        A yearly release such as ``25.1``, or a candidate release: a month (``25.0.7``) or several
        (``25.01.25.03``).
    out : str or Path
        The CSV file to make; ``NAME.source.json`` beside it tells where it comes from.
    accessed : str
        ISO date of today, for the record.
    country : str, optional
        Gleditsch and Ward's numbers of countries, joined by commas, e.g. ``652`` (Syria).
    start, end : str, optional
        ISO dates: the days that UCDP is asked for (its StartDate and EndDate).
    token : Secret, optional
        The account's token; else that of the variable CASUALTIES_UCDP_TOKEN, or of the keyring.
    base : str, optional
        The service's address.
    restart : bool, optional
        Whether to drop pages of an earlier call that broke, instead of going on with them.
    patience : Patience, optional
        How long to wait and how often to ask.
    progress : callable, optional
        Told rows and total after each page.

    Returns
    -------
    Download
        The table and its record.

    Raises
    ------
    InputError
        If an argument cannot be used, or the file is there already.
    DownloadError
        If UCDP does not give the whole of what is asked. Pages had before are kept, and the next call goes on.
    """
    if not re.fullmatch(VERSION, version):
        raise InputError(
            "this is no version of UCDP GED", column="version", value=version, remedy="write it as 25.1 or 25.0.7"
        )
    if country and not re.fullmatch(COUNTRIES, country):
        raise InputError(
            "UCDP knows countries by Gleditsch and Ward's numbers",
            column="country",
            value=country,
            remedy="give the number, e.g. 652 for Syria; several are joined by commas",
        )
    first, last = window(start, end)
    given = {"Country": country, "StartDate": first, "EndDate": last}
    query = {"pagesize": str(PAGE), **{name: value for name, value in given.items() if value}}
    path = f"/api/gedevents/{version}"
    secret = token or find_secret(UCDP_TOKEN)
    sign = in_header("x-ucdp-access-token", secret)
    with Connection(base, secrets=(secret,), patience=patience) as connection:

        def fetch(page: str) -> Page:
            answer = connection.ask(path, {**query, **({"page": page} if page else {})}, sign)
            if answer.status in (401, 403):
                raise DownloadError(
                    f"{answer.host} does not accept the token (status {answer.status})",
                    remedy=f"check {secret.name}; tokens are given out by UCDP",
                )
            if answer.status == 404:
                raise DownloadError(f"{answer.host} has no version {version} of GED", remedy=MISSING)
            if answer.status == 400:
                raise DownloadError(
                    f"{answer.host} does not accept the query (status 400)",
                    remedy="check country and dates; UCDP also answers so after many calls in a short time: call "
                    "again later, pages already had are kept",
                )
            if answer.status != 200:
                raise answer.refused()
            content = answer.content()
            rows = rows_of(content, "Result", answer.host)
            total = whole_number(field_of(content, "TotalCount", answer.host))
            following = _page_of(field_of(content, "NextPageUrl", answer.host), answer.host)
            return Page(rows, following, total)

        job = Job(
            out=Path(out),
            address=connection.base + path,
            query=query,
            first="",
            required=REQUIRED,
            key=("id",),
            nothing=f"no event of version {version} is as asked, or there is no such version: {MISSING}",
            record=SourceRecord(
                name="UCDP GED",
                provider="Uppsala Conflict Data Program",
                title="UCDP Georeferenced Event Dataset",
                version=version,
                licence="CC BY 4.0",
                attribution=ATTRIBUTION.format(version=version),
                scope=", ".join(f"{name} {value}" for name, value in given.items() if value),
                redistributable=True,
            ),
        )
        return gather(job, fetch, accessed=accessed, restart=restart, progress=progress)


MISSING = "see UCDP's list of versions; a month is released some weeks after its end"


def _page_of(address: object, host: str) -> str | None:
    """Read the number of the next page; the address itself is not followed, as it may lead anywhere."""
    if not address:
        return None
    names = parse_qs(urlsplit(str(address)).query)
    pages = [value for name, values in names.items() if name.casefold() == "page" for value in values]
    if len(pages) != 1 or whole_number(pages[0]) is None:
        raise DownloadError(
            f"{host} answers in another form: NextPageUrl names no page",
            remedy="a newer version of this package may know the form; pages already had are kept",
        )
    return pages[0]
