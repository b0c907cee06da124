"""ACLED's service: an account that gives a token for a day, and a cursor from page to page.

The terms of use forbid passing rows on. The table is the user's own copy and keeps every column of the provider; its
record says that it may not be redistributed, and `read_acled` leaves the words (notes, sources, tags) in the file.
"""

from __future__ import annotations

from pathlib import Path

from casualties.errors import InputError
from casualties.provenance import SourceRecord
from casualties.sources.acled import ATTRIBUTION, LICENCE, REQUIRED
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
from casualties.sources.download.transport import Connection, DownloadError, Patience, Sign, in_form, in_header

__all__ = ["ACLED", "ACLED_PASSWORD", "ACLED_USERNAME", "download_acled"]

ACLED = "https://acleddata.com"
ACLED_USERNAME = "CASUALTIES_ACLED_USERNAME"
ACLED_PASSWORD = "CASUALTIES_ACLED_PASSWORD"
TOKEN_PATH = "/oauth/token"
READ_PATH = "/api/acled/read"
PAGE = 5000
NO_RIGHTS = (
    "an account may log in and still lack access rights for these data: see its access level with ACLED, or ask for "
    "what it covers"
)


def download_acled(
    out: str | Path,
    *,
    accessed: str,
    country: str = "",
    start: str = "",
    end: str = "",
    username: Secret | None = None,
    password: Secret | None = None,
    base: str = ACLED,
    restart: bool = False,
    patience: Patience | None = None,
    progress: Progress | None = None,
) -> Download:
    """Get events of ACLED as a CSV that `read_acled` reads, for your own use.

    Parameters
    ----------
    out : str or Path
        The CSV file to make; ``NAME.source.json`` beside it tells where it comes from and that its rows may not be
        passed on.
    accessed : str
        ISO date of today, for the record and the attribution.
    country : str, optional
        The country as ACLED names it, e.g. ``Syria``.
    start, end : str, optional
        ISO dates of the first and the last day; both or none.
    username, password : Secret, optional
        The account; else CASUALTIES_ACLED_USERNAME and CASUALTIES_ACLED_PASSWORD, from the environment or the
        keyring.
    base : str, optional
        The service's address.
    restart : bool, optional
        Whether to drop pages of an earlier call that broke, instead of going on with them.
    patience : Patience, optional
        How long to wait and how often to ask.
    progress : callable, optional
        Told rows and total (where ACLED gives one) after each page.

    Returns
    -------
    Download
        The table and its record.

    Raises
    ------
    InputError
        If an argument cannot be used, or the file is there already.
    DownloadError
        If ACLED does not give the whole of what is asked. Pages had before are kept, and the next call goes on.
    """
    first, last = window(start, end)
    if bool(first) != bool(last):
        raise InputError(
            "one day alone bounds nothing here", column="start" if last else "end", remedy="give both days, or none"
        )
    if not country and not first:
        raise InputError("nothing is asked for", column="country", remedy="give a country, or start and end")
    days = {"event_date": f"{first}|{last}", "event_date_where": "BETWEEN"} if first else {}
    query = {"_format": "json", "limit": str(PAGE), **({"country": country} if country else {}), **days}
    account = (username or find_secret(ACLED_USERNAME), password or find_secret(ACLED_PASSWORD))
    with Connection(base, secrets=account, patience=patience) as connection:
        login = _Login(connection, *account)

        def fetch(cursor: str) -> Page:
            answer = connection.ask(READ_PATH, {**query, "cursor": cursor}, login.sign())
            if answer.status == 401:
                # A token lives for a day, a long download may not end in one.
                login.token = None
                answer = connection.ask(READ_PATH, {**query, "cursor": cursor}, login.sign())
            if answer.status == 401:
                raise DownloadError(
                    f"{answer.host} does not accept a token that it has just given (status 401)",
                    remedy="try again later; pages already had are kept",
                )
            if answer.status == 403:
                raise DownloadError(f"{answer.host} gives no data to this account (status 403)", remedy=NO_RIGHTS)
            if answer.status != 200:
                raise answer.refused()
            content = answer.content()
            if whole_number(content.get("status")) in (401, 403):
                raise DownloadError(
                    f"{answer.host} gives no data to this account (status {content['status']} in its answer)",
                    remedy=NO_RIGHTS,
                )
            rows = rows_of(content, "data", answer.host)
            following = field_of(content, "next_cursor", answer.host)
            total = whole_number(content.get("total_count"))
            return Page(rows, None if following in (None, "") else str(following), total)

        job = Job(
            out=Path(out),
            address=connection.base + READ_PATH,
            query=query,
            first="0",
            required=REQUIRED,
            key=("event_id_cnty",),
            nothing=f"no event is as asked, or: {NO_RIGHTS}",
            record=SourceRecord(
                name="ACLED",
                provider="Armed Conflict Location & Event Data (ACLED)",
                title="ACLED event data",
                licence=LICENCE,
                attribution=ATTRIBUTION,
                scope=", ".join(part for part in (country, f"{first} to {last}" if first else "") if part),
                redistributable=False,
                notes=("the provider's columns are kept whole in this file, which is for its user alone",),
            ),
        )
        return gather(job, fetch, accessed=accessed, restart=restart, progress=progress)


class _Login:
    """The token of an account, fetched when it is first needed."""

    def __init__(self, connection: Connection, username: Secret, password: Secret) -> None:
        self.connection, self.username, self.password = connection, username, password
        self.token: Secret | None = None

    def sign(self) -> Sign:
        if self.token is None:
            self.token = self._fetch()
        return in_header("Authorization", self.token, "Bearer ")

    def _fetch(self) -> Secret:
        fields: dict[str, str | Secret] = {
            "username": self.username,
            "password": self.password,
            "grant_type": "password",
            "client_id": "acled",
        }
        answer = self.connection.ask(TOKEN_PATH, {}, in_form(fields), method="POST")
        if answer.status in (400, 401, 403):
            raise DownloadError(
                f"{answer.host} does not accept the account (status {answer.status})",
                remedy=f"check {self.username.name} and {self.password.name}",
            )
        if answer.status != 200:
            raise answer.refused()
        token = field_of(answer.content(), "access_token", answer.host)
        return self.connection.guard(Secret(str(token), "the token of ACLED"))
