"""What was known when: vintages of a table, what changed between two, and how long deaths take to enter.

A vintage is a table as it stood on a day. A store keeps vintages as they came and never alters one; a comparison names
every event that came, went or changed, with totals that add up; a reporting triangle counts deaths by the day they
belong to and the delay after which they were recorded.
"""

from casualties.vintages.cells import CellHistory, triangle_of_vintages
from casualties.vintages.changes import VintageChanges, compare_vintages
from casualties.vintages.store import VintageStore
from casualties.vintages.triangle import Triangle, reporting_triangle

__all__ = [
    "CellHistory",
    "Triangle",
    "VintageChanges",
    "VintageStore",
    "compare_vintages",
    "reporting_triangle",
    "triangle_of_vintages",
]
