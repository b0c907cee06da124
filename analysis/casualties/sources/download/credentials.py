"""Secrets: where an account's token or password comes from, and how it is kept out of everything that is shown."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from casualties.errors import InputError

__all__ = ["SERVICE", "Secret", "find_secret", "mask"]

SERVICE = "casualties"
HIDDEN = "***"


class Secret:
    """A token, name or password whose text shows nowhere unless it is asked for.

    Parameters
    ----------
    text : str
        The secret itself.
    name : str
        What it is, for messages: the name of its variable.

    Raises
    ------
    InputError
        If it is empty or holds control characters, which no token or password does.

    Examples
    --------
    >>> token = Secret("a1b2c3", "CASUALTIES_UCDP_TOKEN")
    >>> token, f"{token}"
    (Secret(***), '***')
    """

    __slots__ = ("_text", "name")

    def __init__(self, text: str, name: str) -> None:
        if not text.strip() or not text.isprintable():
            raise InputError(
                "the value is empty or holds a line break or another sign that cannot be printed",
                column=name,
                remedy="set it again, without quotation marks or line ends",
            )
        self._text, self.name = text, name

    def reveal(self) -> str:
        """Give the text, to be sent and never to be kept."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __reduce__(self) -> str:
        raise TypeError("a secret is not copied or written to a file")


def find_secret(name: str) -> Secret:
    """Find a secret in the environment, or else in the keyring of the system.

    Parameters
    ----------
    name : str
        The environment variable; under the same name it stands in the keyring, as the user name of the service
        ``casualties``. The keyring is asked where the optional package ``keyring`` is installed.

    Returns
    -------
    Secret
        The secret, without white space around it.

    Raises
    ------
    InputError
        If it is in neither, or the keyring cannot be read.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        text = _from_keyring(name).strip()
    if not text:
        raise InputError(
            "the account's secret is not set",
            column=name,
            remedy=f"set the environment variable {name}, or install keyring and call: keyring set {SERVICE} {name}",
        )
    return Secret(text, name)


def mask(text: str, secrets: Iterable[Secret]) -> str:
    """Replace every secret in a text, also where it is written as in an address or a form.

    Parameters
    ----------
    text : str
        Any text, such as a line of a log.
    secrets : iterable of Secret
        What must not show.

    Examples
    --------
    >>> mask("GET /list?app=a%2Fb", [Secret("a/b", "CASUALTIES_HAPI_APP")])
    'GET /list?app=***'
    """
    plain = [secret.reveal() for secret in secrets]
    written = {form for word in plain for form in (word, quote(word), quote(word, safe=""), quote_plus(word))}
    # The longest first: a secret may be a part of another one.
    for form in sorted(written, key=lambda word: (-len(word), word)):
        text = text.replace(form, HIDDEN)
    return text


def _from_keyring(name: str) -> str:
    """Ask the keyring; without the package there is none."""
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return ""
    try:
        return str(keyring.get_password(SERVICE, name) or "")
    except keyring.errors.KeyringError as error:
        reason = type(error).__name__
    # Raised out here, so that the error carries nothing of what the keyring said.
    raise InputError(
        f"the keyring cannot be read ({reason})",
        column=name,
        remedy=f"unlock it, or set the environment variable {name}",
    )
