r"""
A regression on a folder of Parquet files
=========================================
A million trips in ten files: how long each took, by its length and the hour. Some files at a time
are in memory; the fit is the one that memory would give, to the last bit.
"""

# %%
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

draw = np.random.default_rng(0)
folder = Path(tempfile.mkdtemp()) / "trips"
folder.mkdir()
for number in range(10):
    km, hour = draw.gamma(2.0, 3.0, size=100_000), draw.uniform(0, 24, size=100_000)
    minutes = 4 + 2.5 * km + 6 * np.exp(-(((hour - 17) / 2) ** 2)) + draw.normal(size=100_000)
    trips = pd.DataFrame({"km": km, "hour": hour, "minutes": minutes})
    trips.to_parquet(folder / f"part.{number}.parquet")

# %%
# The loss of one trip: a start, a speed, and a rush hour that begins who knows when.
km, hour, minutes = sp.symbols("km hour minutes", real=True)
start, pace, rush, peak = sp.symbols("start pace rush peak", real=True)
predicted = start + pace * km + rush * sp.exp(-(((hour - peak) / 2) ** 2))
risk = sl.EmpiricalRisk(
    (predicted - minutes) ** 2 / 2, (start, pace, rush, peak), (km, hour, minutes)
)
objective = risk.on(folder)
print(objective.blocks)

# %%
print("compiling value and gradient, then reading all trips for each ...")
fit = sl.minimize(objective, [1, 1, 1, 16], "bfgs", max_steps=100)
print(fit)

# %%
# The same in memory, which a million rows still allow.
trips = pd.concat(pd.read_parquet(folder / f"part.{number}.parquet") for number in range(10))
known = sl.minimize(risk.on(trips), [1, 1, 1, 16], "bfgs", max_steps=100)
print("equal to the fit in memory, to the last bit:", bool((fit.iterates == known.iterates).all()))
