r"""
Newton's basins: a million starts, and which stationary point each one leads to
===============================================================================
Newton's method looks for a zero of the gradient, whichever is near: on Himmelblau's function four
minima, four saddle points and a maximum. In the complex plane it is asked the same of the chapter's
f, whose slope vanishes at 0, twice, and at 9/4. Colours tell where a start leads, and the darker
they are, the more steps it takes.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import symlab as sl
from symlab.engine.compiled.many_maps import complex_newton_of, newton_of

sl.plots.use_book_style()
x = sp.symbols("x", real=True)
f = 2 - 3 * x**3 + x**4
himmelblau = sl.problems["himmelblau"].objective
SIDE = 1000


def basins(runs, square, known):
    """Return an image of the starts in a square: a colour for each known point, dark by steps."""
    left, right, low, high = square
    sides = np.meshgrid(np.linspace(left, right, SIDE), np.linspace(low, high, SIDE))
    starts = np.stack(sides, axis=-1).reshape(-1, 2)
    ends = runs.go(starts, np.zeros((len(starts), 1)), 60, 1e-10, rates=False)
    away = np.linalg.norm(ends["last"][:, None] - known, axis=2)
    colors = plt.get_cmap("tab10")(np.arange(len(known)))[:, :3][away.argmin(axis=1)]
    shade = 1 - 0.75 * np.clip((ends.rows - 1) / np.percentile(ends.rows, 99), 0, 1)
    image = np.where(away.min(axis=1)[:, None] < 1e-3, colors * shade[:, None], 1.0)
    counts = np.bincount(away.argmin(axis=1), minlength=len(known))
    return image.reshape(SIDE, SIDE, 3), counts


# %%
# The points are derived, and every start leads to one of them.
points = np.array([p.point for p in sl.stationary_points(himmelblau).points], dtype=float)
plane = np.array([[float(z), 0] for z in sp.roots(sp.diff(f, x))])
pictures = [
    (newton_of(himmelblau.expression, himmelblau.variables), (-6, 6, -6, 6), points, "Himmelblau"),
    (complex_newton_of(f, x), (-1, 4, -2.5, 2.5), plane, "x^4 - 3 x^3 + 2 in the complex plane"),
]
figure, axes = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
for ax, (runs, square, known, title) in zip(axes, pictures, strict=True):
    image, counts = basins(runs, square, known)
    print(f"{title}: " + ", ".join(f"{count} starts" for count in counts))
    ax.imshow(image, origin="lower", extent=square)
    ax.plot(*known.T, "o", color="white", markeredgecolor="black", label="derived")
    ax.set(title=title, xlim=square[:2], ylim=square[2:])
axes[0].legend(loc="upper left")
sl.plots.save_picture(figure, "newton_basins")
