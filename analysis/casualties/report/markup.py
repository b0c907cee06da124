"""Text into Typst: what a writer typed must print as typed."""

from __future__ import annotations

import re

__all__ = ["escape_text", "quote_string"]


def escape_text(text: str) -> str:
    r"""Write plain text as Typst markup that prints exactly it.

    Examples
    --------
    >>> print(escape_text("#1 [a_b] = 5*x // y"))
    \#1 \[a\_b\] \= 5\*x \/\/ y
    >>> print(escape_text("2019. The year"))
    2019\. The year
    """
    text = re.sub(r"([\\#$*_`<>@\[\]~=+/])", r"\\\1", " ".join(text.split("\n")))
    text = re.sub(r"-(?=[-?])|^-", r"\\-", text)
    return re.sub(r"^(\d+)\.", r"\1\\.", text)


def quote_string(text: str) -> str:
    r"""Write text as a Typst string literal.

    Examples
    --------
    >>> print(quote_string('say "so"'))
    "say \"so\""
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
