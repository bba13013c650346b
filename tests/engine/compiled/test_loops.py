"""Graphs of tensors as loops over samples in lanes, compiled: they add PyTensor's numbers up.

All graphs are in one library, so that g++ is called once.
"""

import ctypes
import subprocess
from sysconfig import get_path

import numpy as np
import pytensor.tensor as pt
import pytest
from pytensor import config
from pytensor.compile.mode import Mode
from pytensor.gradient import grad

from symlab.engine.compiled.c_text import HELPERS, NoProgramError
from symlab.engine.compiled.loops import write_loops

LANES = 8
X = pt.tensor("x", shape=(3, 4), dtype="float64")
W = pt.tensor("w", shape=(4, 5), dtype="float64")
FILLED = pt.set_subtensor(pt.zeros((5, 4))[1:4], X)

GRAPHS = {
    "a product": pt.dot(X, W),
    "a product of many rows": pt.dot(W.T, X.T),
    "its gradient": grad(pt.tanh(pt.dot(X, W)).sum(), W),
    "what is read and an output": pt.exp(X) * pt.exp(X).sum(axis=1, keepdims=True),
    "shapes": pt.concatenate([X.T, W], axis=1).reshape((2, 16)).dimshuffle(1, "x", 0),
    "means and largest": pt.stack([X.mean(axis=1), X.max(axis=1)]),
    "where the largest is": X.argmax(axis=1) + 0.0,
    "padding alone": FILLED[::-2, 1:],
    "padding, and what is added to it": pt.inc_subtensor(FILLED[::2], X),
    "choices": pt.switch(pt.ge(X, 0), X, pt.log1p(pt.abs(X))),
    "true or false, as numbers": pt.cast(pt.ge(X, X[1]), "float64") * X,
    "weights alone": W**2 + 1,
}

FRAME = """
void {name}(double (*v)[LANES], const double *w, const double *share) {{
{tables}
{lines}
}}
double {name}_sum(double (*v)[LANES], int output, int i, int lane) {{
{sums}
return 0;
}}
"""


def function(name, graph):
    """The C text of a graph's loops, and of what finds its sums."""
    sums = [f"if (output == {n}) return v[{row}][lane];" for n, row in enumerate(graph.sums)]
    return FRAME.format(
        name=name,
        tables="\n".join(graph.tables),
        lines="\n".join(graph.lines),
        sums="\n".join(graph.tables + sums),
    )


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Every graph's loops, and the library in which they are."""
    graphs = {name: write_loops([X], [W], [each], {}, 2000) for name, each in GRAPHS.items()}
    parts = [function(f"f{i}", graph) for i, graph in enumerate(graphs.values())]
    support = sorted({each for graph in graphs.values() for each in graph.support})
    text = f"""
#include <cmath>
#include <cstdint>
#include <numpy/npy_common.h>
#define LANES {LANES}
typedef double Lanes __attribute__((vector_size(sizeof(double[LANES])), may_alias));
#define ALL(row) (*(Lanes *)(row))
{HELPERS}{"".join(support)}
extern "C" {{{"".join(parts)}}}
"""
    folder = tmp_path_factory.mktemp("loops")
    (folder / "loops.cpp").write_text(text)
    headers = [f"-I{np.get_include()}", "-I" + get_path("include")]
    command = [config.cxx, "-O0", "-fPIC", "-shared", *headers, "loops.cpp", "-o", "loops.so"]
    subprocess.run(command, cwd=folder, check=True)
    return graphs, ctypes.CDLL(str(folder / "loops.so"))


def aligned(shape):
    """Zeros that lie as vectors of lanes must."""
    size = int(np.prod(shape))
    memory = np.zeros(size + LANES)
    first = (-memory.ctypes.data // 8) % LANES
    return memory[first : first + size].reshape(shape)


def pointer(array):
    """Where an array lies, for C."""
    return ctypes.c_void_p(array.ctypes.data)


@pytest.mark.parametrize("name", GRAPHS)
def test_loops_add_up_the_numbers_of_the_graph_with_each_samples_share(compiled, name):
    """Every operation that networks are made of; what PyTensor's own interpreter finds is right."""
    graphs, library = compiled
    graph, place = graphs[name], list(GRAPHS).index(name)
    rng = np.random.default_rng(1)
    samples, w, share = rng.normal(size=(LANES, 3, 4)), rng.normal(size=(4, 5)), aligned((LANES,))
    share[...] = rng.normal(size=LANES)
    entries, v = np.concatenate([w.ravel(), graph.constants]), aligned((graph.rows, LANES))
    v[:12] = samples.reshape(LANES, 12).T
    for entry, row in graph.copies.items():
        v[row] = entries[entry]
    library[f"f{place}"](pointer(v), pointer(entries), pointer(share))
    found_sum = library[f"f{place}_sum"]
    found_sum.restype = ctypes.c_double
    size, lanes = graph.sizes[0], range(LANES)
    found = [[found_sum(pointer(v), 0, i, lane) for i in range(size)] for lane in lanes]
    expected = [
        part * GRAPHS[name].eval({X: x, W: w}, on_unused_input="ignore", mode=Mode("py", None))
        for part, x in zip(share, samples, strict=True)
    ]
    wanted = np.reshape(expected, (LANES, -1))
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-14)


def test_what_only_moves_numbers_takes_no_loop_but_the_one_that_adds_up():
    """Padding, slices and transposes are settled when the text is made."""
    moved = pt.concatenate([FILLED[:, 1:].T, X.T[1:]], axis=1)
    graph = write_loops([X], [], [moved], {}, 2000)
    assert sum(line.startswith("for (int i") for line in graph.lines) == 1


def test_elementwise_operations_of_one_shape_share_a_loop():
    """What lies between them is kept in registers and not in rows."""
    graph = write_loops([X], [], [pt.tanh(pt.exp(X) * 2 - X)], {}, 2000)
    assert sum(line.startswith("for (int i") for line in graph.lines) == 1
    assert graph.sizes == [12]


@pytest.mark.parametrize(
    "graph, most, words",
    [
        (pt.sort(X), 2000, "no operation that can be looped over"),
        (pt.dot(X, W), 31, "more than 31 numbers"),
        (pt.tanh(pt.dot(X, W)), 40, "more than 40 numbers"),
        (pt.argmax(X), 2000, "along one axis"),
    ],
)
def test_what_cannot_be_looped_over_is_refused(graph, most, words):
    """An operation that is not known, too many inputs, too many rows, two axes at once."""
    with pytest.raises(NoProgramError, match=words):
        write_loops([X], [W], [graph], {}, most)
