"""One way to ask a provider: over a safe line, patiently, and without a trace of the secret that is sent.

A secret enters a request at the last moment, in `requests`' own hook for authentication, so no frame, argument or
message of this package ever holds it; while a connection is open, what urllib3 logs about it is masked. Errors of the
libraries below, whose texts hold addresses with all they carry, are told in words of our own and not chained.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from casualties.errors import CasualtiesError, InputError
from casualties.sources.download.credentials import Secret, mask

__all__ = [
    "Answer",
    "Connection",
    "DownloadError",
    "Patience",
    "Sign",
    "in_form",
    "in_header",
    "in_query",
]

Sign: TypeAlias = Callable[[requests.PreparedRequest], requests.PreparedRequest]
HERE = ("127.0.0.1", "localhost", "::1")
# The server is busy, or something between it and us: the same question may be answered later.
BUSY = (408, 425, 429, 500, 502, 503, 504)
MOVED = (301, 302, 303, 307, 308)
HOPS = 3
# Far more than a page of any provider: what is larger is no page, and would fill the memory.
LARGEST = 256 * 1024 * 1024
CHUNK = 1024 * 1024
LOGGERS = ("urllib3", "requests", "charset_normalizer")


class DownloadError(CasualtiesError):
    """A provider did not give what was asked for; pages that were had before are kept."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a provider is waited for.

    Parameters
    ----------
    delays : tuple of float, optional
        Seconds to wait before each new attempt; there is one attempt more than delays.
    longest : float, optional
        Seconds: a provider that asks to wait longer (Retry-After) ends the download, to be taken up again later.
    timeout : tuple of float, optional
        Seconds to wait for a connection, and for the next bytes of an answer.
    pause : callable, optional
        Waits for a number of seconds.
    """

    delays: tuple[float, ...] = (1, 2, 4, 8, 16, 32)
    longest: float = 900
    timeout: tuple[float, float] = (15, 120)
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said.

    Parameters
    ----------
    host : str
        Who said it.
    status : int
        The HTTP status.
    body : bytes
        The whole body.
    kind : str
        Its content type.
    again : str
        What Retry-After says; empty where it says nothing.
    """

    host: str
    status: int
    body: bytes
    kind: str = ""
    again: str = ""

    def content(self) -> dict[str, Any]:
        """Read the body as a JSON object; numbers stay as they are written.

        Raises
        ------
        DownloadError
            If it is no JSON object.
        """
        try:
            found = json.loads(self.body, parse_float=str, parse_int=str, parse_constant=str)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            kind = self.kind.split(";")[0].strip() or "no stated type"
            raise DownloadError(
                f"{self.host} answers with something that is no JSON object ({kind}, {len(self.body):,} bytes)",
                remedy="try again later; pages already had are kept",
            )
        return found

    def refused(self) -> DownloadError:
        """Give the error for a status that has no meaning of its own here."""
        return DownloadError(
            f"{self.host} answers with status {self.status}",
            remedy="check the query, or try again later; pages already had are kept",
        )


@dataclass(frozen=True, slots=True)
class _Failure:
    words: str
    final: bool = False


def in_header(name: str, secret: Secret, before: str = "") -> Sign:
    """Send a secret as a header.

    Parameters
    ----------
    name : str
        The header.
    secret : Secret
        Its value.
    before : str, optional
        What stands before it, such as ``"Bearer "``.
    """

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[name] = before + secret.reveal()
        return request

    return sign


def in_query(name: str, secret: Secret) -> Sign:
    """Send a secret as a part of the address' query.

    Parameters
    ----------
    name : str
        The part's name.
    secret : Secret
        Its value.
    """

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.prepare_url(request.url or "", {name: secret.reveal()})
        return request

    return sign


def in_form(fields: Mapping[str, str | Secret]) -> Sign:
    """Send a form, secrets among its fields.

    Parameters
    ----------
    fields : mapping of str
        Names and values.
    """

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        plain = {name: value.reveal() if isinstance(value, Secret) else value for name, value in fields.items()}
        request.prepare_body(plain, None)
        return request

    return sign


class Connection:
    """A line to one provider; use it with ``with``.

    Parameters
    ----------
    base : str
        The service's address: https, or http to this machine itself.
    secrets : sequence of Secret
        What is masked in the logs of the libraries below; `guard` adds more.
    patience : Patience
        How long to wait and how often to ask.

    Raises
    ------
    InputError
        If the address is not of that kind.
    """

    def __init__(self, base: str, *, secrets: tuple[Secret, ...] = (), patience: Patience | None = None) -> None:
        self.base, self.host = _checked(base)
        self.patience = patience or Patience()
        self._mask = _Mask(secrets)
        self._session = requests.Session()
        # A server on this machine is asked directly, whatever proxy the environment names.
        self._session.trust_env = urlsplit(self.base).scheme == "https"
        self._session.headers["User-Agent"] = _agent()
        self._session.headers["Accept"] = "application/json"
        self._masked: list[logging.Logger] = []

    def __enter__(self) -> Connection:
        known = [*LOGGERS, *logging.Logger.manager.loggerDict]
        self._masked = [logging.getLogger(name) for name in sorted(set(known)) if name.split(".")[0] in LOGGERS]
        for logger in self._masked:
            logger.addFilter(self._mask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()
        for logger in self._masked:
            logger.removeFilter(self._mask)

    def guard(self, secret: Secret) -> Secret:
        """Mask one more secret, such as a token that the provider has given."""
        self._mask.secrets = (*self._mask.secrets, secret)
        return secret

    def ask(self, path: str, query: Mapping[str, str], sign: Sign, method: str = "GET") -> Answer:
        """Ask until there is an answer that is worth reading.

        Parameters
        ----------
        path : str
            What follows the service's address.
        query : mapping of str
            The query, without secrets.
        sign : callable
            Puts the secret in.
        method : str, optional
            The HTTP method.

        Returns
        -------
        Answer
            Any status that is not one of a busy server.

        Raises
        ------
        DownloadError
            If there is no such answer after the last attempt, the provider asks to wait too long, or it sends us to
            another host, to which no secret is given.
        """
        attempts = len(self.patience.delays) + 1
        words = ""
        for delay in (*self.patience.delays, None):
            outcome = self._attempt(method, self.base + path, query, sign)
            if isinstance(outcome, Answer):
                if outcome.status not in BUSY:
                    return outcome
                words = f"answers with status {outcome.status}"
                wait = self._wait(outcome, delay)
            else:
                words, wait = outcome.words, delay
                if outcome.final:
                    raise DownloadError(f"{self.host} {words}", remedy="check the network and the address")
            if delay is not None and wait is not None:
                self.patience.pause(wait)
        raise DownloadError(
            f"{self.host} {words} ({attempts} attempts)", remedy="try again later; pages already had are kept"
        )

    def _wait(self, answer: Answer, delay: float | None) -> float | None:
        """Give the seconds to wait: what the provider says where it does, else the delay."""
        if not answer.again or answer.status not in (429, 503):
            return delay
        try:
            wait = Retry().parse_retry_after(answer.again)
        except HTTPError:
            return delay
        if wait > self.patience.longest:
            raise DownloadError(
                f"{self.host} answers with status {answer.status} and asks to wait {wait:,.0f} seconds",
                remedy="call again after that; pages already had are kept",
            )
        return wait

    def _attempt(self, method: str, url: str, query: Mapping[str, str], sign: Sign) -> Answer | _Failure:
        """Ask once; errors come back as words, so that nothing of theirs hangs on the error that is raised."""
        try:
            return self._send(method, url, query, sign)
        except requests.exceptions.SSLError:
            return _Failure("cannot be reached safely (its certificate does not hold)", final=True)
        except requests.exceptions.Timeout:
            return _Failure("does not answer in time")
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            return _Failure("breaks off in the middle of its answer")
        except requests.exceptions.ConnectionError:
            return _Failure("cannot be reached")
        except (requests.exceptions.RequestException, HTTPError, OSError, ValueError) as error:
            return _Failure(f"cannot be asked ({type(error).__name__})", final=True)

    def _send(self, method: str, url: str, query: Mapping[str, str], sign: Sign) -> Answer | _Failure:
        for _ in range(HOPS):
            with self._session.request(
                method,
                url,
                params=dict(query),
                auth=sign,
                timeout=self.patience.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code not in MOVED:
                    return self._read(response)
                to = urlsplit(urljoin(url, response.headers.get("Location", "")))
                if (to.scheme, to.netloc) != urlsplit(url)[:2] or method != "GET":
                    return _Failure(f"sends us on to {to.hostname or 'nowhere'}, which is not followed", final=True)
                # Our own query is sent there: the one in the provider's address may repeat a secret.
                url = f"{to.scheme}://{to.netloc}{to.path}"
        return _Failure("sends us on in circles", final=True)

    def _read(self, response: requests.Response) -> Answer | _Failure:
        chunks, size = [], 0
        for chunk in response.iter_content(CHUNK):
            size += len(chunk)
            if size > LARGEST:
                return _Failure(f"answers with more than {LARGEST:,} bytes", final=True)
            chunks.append(chunk)
        return Answer(
            self.host,
            response.status_code,
            b"".join(chunks),
            response.headers.get("Content-Type", ""),
            response.headers.get("Retry-After", ""),
        )


class _Mask(logging.Filter):
    """Masks secrets in what a library logs."""

    def __init__(self, secrets: tuple[Secret, ...]) -> None:
        super().__init__()
        self.secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage(), self.secrets), ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def _checked(base: str) -> tuple[str, str]:
    """Check the service's address; give it without a stroke at the end, and its host."""
    try:
        parts = urlsplit(base)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in HERE)
    if not host or not safe or parts.username is not None or parts.query or parts.fragment:
        # The address itself is not repeated: somebody may have written a password into it.
        raise InputError(
            "this is no address to send a secret to",
            column="base",
            remedy="give https://HOST, without a user name or a query; http serves for this machine alone",
        )
    return base.rstrip("/"), parts.netloc


def _agent() -> str:
    try:
        return f"casualties/{version('casualties')} (Python; requests)"
    except PackageNotFoundError:
        # The package runs from its folder, without having been installed.
        return "casualties (Python; requests)"
