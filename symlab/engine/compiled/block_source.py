"""The C text of sums over many samples: blocks of them, shared among threads, added in order.

A block has the same samples however many threads there are, and the sums of the blocks are added in
the order of the samples: so no digit depends on the machine's cores. Threads are those of the
language, made for each sum and gone after it: nothing is left over that a forked process or another
library's threads could meet.
"""

from math import ceil

from symlab.algebra.blocks.source import BLOCK

WORTH_A_THREAD = 1_000_000
"""Operations of a sum for each thread that shares in it. They take 50 to 100 µs, a thread costs 20:
measured with logistic regression in 2, 20 and 100 parameters over 4 000 to 64 000 samples, on two
cores of an AMD EPYC (Zen 5)."""

SHARED = f"""
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>
#define BLOCK {BLOCK}

typedef void Part(const Run *run, const double *point,
                  npy_int64 first, npy_int64 last, double *sums);

/* The sums of each block of `count` samples: whichever thread is free takes the next block. A
   thread more is made for each `worth` blocks, as far as the run may. */
static void parts_of_blocks(Part part, const Run *run, const double *point, npy_int64 count,
                            npy_int64 each, npy_int64 worth, int size, double *parts)
{{
    const npy_int64 blocks = (count + each - 1) / each;
    std::atomic<npy_int64> next(0);
    const auto take = [&] {{
        for (npy_int64 b = next++; b < blocks; b = next++)
            part(run, point, b * each, b + 1 < blocks ? (b + 1) * each : count, parts + b * size);
    }};
    std::vector<std::thread> team;
    try {{
        for (npy_int64 t = 2; t <= run->threads && t * worth <= blocks; t++)
            team.emplace_back(take);
    }} catch (const std::exception &) {{
        /* fewer threads find the same numbers */
    }}
    take();
    for (std::thread &one : team) one.join();
}}

/* Sums over `count` samples: the sums of the blocks, added in the order of the samples. */
static inline void sum_of_blocks(Part part, const Run *run, const double *point, npy_int64 count,
                                 npy_int64 worth, int size, double *sums)
{{
    const npy_int64 blocks = (count + BLOCK - 1) / BLOCK;
    const double *parts = run->parts;
    parts_of_blocks(part, run, point, count, BLOCK, worth, size, run->parts);
    for (int j = 0; j < size; j++) sums[j] = 0.0;
    for (npy_int64 b = 0; b < blocks; b++)
        for (int j = 0; j < size; j++) sums[j] += parts[b * size + j];
}}
"""
"""What a text with blocks calls."""

ROWS = """
/* The product of a row of the data with the parameters, while a row to come is fetched. */
template <int N>
static inline double product(const double *row, const double *to_come, const double *x)
{
    double sums[LANES] = {0};
    for (int j = 0; j + LANES <= N; j += LANES) {
        __builtin_prefetch(to_come + j);
        #pragma omp simd
        for (int lane = 0; lane < LANES; lane++) sums[lane] += row[j + lane] * x[j + lane];
    }
    for (int j = N - N % LANES; j < N; j++) sums[j % LANES] += row[j] * x[j];
    return total(sums);
}

/* Rows r of the data, each t times, added to the gradient while they are still near. */
template <int N>
static inline void add_rows(const double *const *r, const double *t, double *g)
{
    #pragma omp simd
    for (int j = 0; j < N; j++)
        g[j] += ((t[0] * r[0][j] + t[1] * r[1][j]) + (t[2] * r[2][j] + t[3] * r[3][j]))
              + ((t[4] * r[4][j] + t[5] * r[5][j]) + (t[6] * r[6][j] + t[7] * r[7][j]));
}
"""
"""What a text calls that reads the data row by row."""


def blocks_worth_a_thread(operations: int) -> int:
    """Return how many blocks a thread must have, from the operations on a sample.

    Examples
    --------
    >>> blocks_worth_a_thread(25), blocks_worth_a_thread(425)
    (40, 3)
    """
    return ceil(WORTH_A_THREAD / (operations * BLOCK))
