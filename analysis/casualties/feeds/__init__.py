"""Daily feeds: a source's own count for each day, with the days on which it gave none left out."""

from casualties.feeds.feed import Feed, make_feed
from casualties.feeds.settle import SUPERSEDED, Choices

__all__ = ["SUPERSEDED", "Choices", "Feed", "make_feed"]
