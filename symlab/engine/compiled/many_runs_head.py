"""What many runs in C begin with: their arguments, and the measured rate of one of them."""

WIDE = 32
"""Runs under way at a time: as many vectors of them as hide the time that one operation takes."""

MANY_HEAD = f"""
#define WIDE {WIDE}

struct Many {{
    npy_int64 runs, stride, last;  /* how many, numbers in a row of `given`, and the last iterate */
    double tolerance;
    const double *given;  /* rows: each coordinate of the start, step size, numbers of the rule */
    double *ends;         /* a row for each run */
    double *path;         /* a ring of last + 2 rows: the iterates of the runs under way */
    double *work;         /* room for 2 (last + 1) numbers */
}};

/* The natural logarithm of a positive number, the same on every machine. */
static inline double log_of(double a)
{{
    const bool small = a < 1e-290;
    union {{ double number; npy_uint64 bits; }} u, e;
    u.number = small ? a * 0x1p54 : a;
    e.bits = (u.bits >> 52) | 0x4330000000000000ULL;
    u.bits = (u.bits & 0xFFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL;
    const bool high = u.number > 1.4142135623730951;
    const double m = high ? 0.5 * u.number : u.number;
    const double s = (m - 1.0) / (m + 1.0), q = s * s;
    double sum = 1.0 / 21;
    sum = sum * q + 1.0 / 19; sum = sum * q + 1.0 / 17; sum = sum * q + 1.0 / 15;
    sum = sum * q + 1.0 / 13; sum = sum * q + 1.0 / 11; sum = sum * q + 1.0 / 9;
    sum = sum * q + 1.0 / 7; sum = sum * q + 1.0 / 5; sum = sum * q + 1.0 / 3;
    const double bias = 4503599627371519.0, up = (high ? 1.0 : 0.0) - (small ? 54.0 : 0.0);
    const double power = (e.number - bias) + up;
    return 2.0 * s * (sum * q + 1.0) + power * 0.6931471805599453;
}}

/* By which factor the steps of a run shrink: the slope of their logarithms over the second half of
   those that rounding has not swallowed, by least squares. */
static double rate_of(const struct Many *many, npy_int64 row, npy_int64 rows, int size, int lane)
{{
    double *length = many->work, *number = many->work + many->last + 1, least = 1e-300;
    const npy_int64 ring = many->last + 2;
    npy_int64 usable = 0;
    const double *here = NULL, *before = NULL;
    for (npy_int64 k = 0; k < rows; k++, before = here, row = row + 1 == ring ? 0 : row + 1) {{
        double squares = 0.0;
        here = many->path + row * size * WIDE + lane;
        for (int c = 0; c < size * WIDE; c += WIDE) least = larger(least, fabs(here[c]));
        if (!k) continue;
        for (int c = 0; c < size * WIDE; c += WIDE) {{
            squares += (here[c] - before[c]) * (here[c] - before[c]);
        }}
        length[k - 1] = size == 1 ? fabs(here[0] - before[0]) : sqrt(squares);
    }}
    for (npy_int64 k = 0; k + 1 < rows; k++) {{
        const double found = length[k];
        length[usable] = found; number[usable] = (double)k;
        usable += (found > 32 * 0x1p-52 * least) & (found < INFINITY);
    }}
    if (usable < 4) return NAN;

    const npy_int64 half = usable / 2;
    double sum_k = 0.0, sum_y = 0.0, over = 0.0, under = 0.0;
    #pragma omp simd
    for (npy_int64 j = half; j < usable; j++) length[j] = log_of(length[j]);
    for (npy_int64 j = half; j < usable; j++) {{ sum_k += number[j]; sum_y += length[j]; }}
    const double mean_k = sum_k / (usable - half), mean_y = sum_y / (usable - half);
    for (npy_int64 j = half; j < usable; j++) {{
        over += (number[j] - mean_k) * (length[j] - mean_y);
        under += (number[j] - mean_k) * (number[j] - mean_k);
    }}
    return exp(over / under);
}}
"""
"""What stands before many runs, behind the head of a single one."""

SINGLE = ("ending", "rows", "first_value", "half_value", "value", "rate")
"""Results of a run that are one number, in their order; points follow."""

POINTS = ("last", "gradient", "half")


def columns_of(size: int) -> dict[str, slice]:
    """Return where each result stands in a run's row of `ends`.

    Examples
    --------
    >>> columns_of(2)["last"]
    slice(6, 8, None)
    """
    places = {name: slice(i, i + 1) for i, name in enumerate(SINGLE)}
    first = len(SINGLE)
    for j, name in enumerate(POINTS):
        places[name] = slice(first + j * size, first + (j + 1) * size)
    return places


def row_length(size: int) -> int:
    """Return how many numbers a run's row of `ends` has."""
    return len(SINGLE) + len(POINTS) * size
