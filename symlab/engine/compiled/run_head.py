"""What every run in C begins with: its arguments, its endings, and the functions that it calls."""

from symlab.engine.compiled.c_text import HELPERS

LANES = 8
"""Samples taken at a time: as many doubles as the widest vector registers hold."""

WIDTH = f"#define LANES {LANES}\n"

TOTAL = """\
/* The sum of all lanes, in an order of its own. */
static inline double total(const double *s)
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}
"""

HEAD = f"""
{HELPERS}
{WIDTH}
enum {{ GOES_ON, NOT_FINITE, LEFT_DOMAIN, SMALL_GRADIENT, NO_GRADIENT, UNCHANGED, LAST_STEP }};

struct Run {{
    npy_int64 first, count;      /* steps from iterate `first` on, at most `count` of them */
    npy_int64 due, every, last;  /* the next iterate to record, each so many, and the last */
    double step_size, tolerance;
    const double *numbers;       /* those of the rule beside the step size */
    double *held;                /* iterate and state */
    double *rows;                /* recorded: iterate, state, value, length of the gradient */
    double *seen;                /* value and gradient at the last iterate looked at */
    const double *data;          /* columns of `stride` numbers, or rows of as many */
    const double *const *columns;  /* or columns anywhere in memory */
    const npy_int64 *batches;    /* the samples of each step */
    const npy_int64 *batch;      /* those of this step */
    const double *design;        /* a row for each sample: what the parameters are multiplied by */
    double *parts;               /* room for the sums of each block of samples */
    npy_int64 samples, stride, batch_size, threads;
}};

/* The Euclidean length; squares overflow and underflow long before lengths do. */
static double length_of(const double *g, int n)
{{
    double squares = 0.0, largest = 0.0;
    for (int i = 0; i < n; i++) squares += g[i] * g[i];
    if (squares > 1e-292 && squares < INFINITY) return sqrt(squares);
    for (int i = 0; i < n; i++) largest = fabs(g[i]) > largest ? fabs(g[i]) : largest;
    if (!(largest > 0.0 && largest < INFINITY)) return sqrt(squares);
    squares = 0.0;
    for (int i = 0; i < n; i++) squares += (g[i] / largest) * (g[i] / largest);
    return largest * sqrt(squares);
}}

/* Why a run ends at its k-th iterate, if it does. */
static inline int ending_at(const struct Run *run, npy_int64 k, double length, bool unchanged)
{{
    if (length <= run->tolerance) return SMALL_GRADIENT;
    if (!isfinite(length)) return NO_GRADIENT;
    if (unchanged && run->tolerance >= 0) return UNCHANGED;
    return k >= run->last ? LAST_STEP : GOES_ON;
}}

static inline npy_int64 next_due(const struct Run *run, npy_int64 k)
{{
    return k < run->last - run->every ? k + run->every : run->last;
}}

{TOTAL}"""

ENDINGS = (
    "goes on",
    "not finite",
    "left domain",
    "small gradient",
    "no gradient",
    "unchanged",
    "last step",
)
"""The words for the numbers that a run returns, in the order of the enum above."""
