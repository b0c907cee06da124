"""Draw the README's figure: ``python docs/figure.py``."""

from pathlib import Path

import matplotlib as mpl

import casualties as ca

mpl.use("Agg")
result = ca.fit_changepoints(ca.load_study("idlib-2019").series("north_west"))
figure = result.plot().figure
figure.savefig(Path(__file__).with_name("north-west.png"), dpi=160, metadata={"Software": None})
