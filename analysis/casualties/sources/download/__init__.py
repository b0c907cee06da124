"""Downloads: what UCDP, ACLED and HDX HAPI give to an account, as checked tables with their source records."""

from casualties.sources.download.acled import ACLED, download_acled
from casualties.sources.download.credentials import Secret
from casualties.sources.download.hapi import HAPI, download_hapi
from casualties.sources.download.pages import Download, source_record
from casualties.sources.download.transport import DownloadError, Patience
from casualties.sources.download.ucdp import UCDP, download_ucdp

__all__ = [
    "ACLED",
    "HAPI",
    "UCDP",
    "Download",
    "DownloadError",
    "Patience",
    "Secret",
    "download_acled",
    "download_hapi",
    "download_ucdp",
    "source_record",
]
