"""PyTensor's record of its rewrites: what is named, what kind it is, and where it ends."""

import numpy as np
import pytensor.tensor as pt
import pytest
import sympy as sp

import symlab as sl
from symlab.engine.computation_graph import describe
from symlab.engine.lowering.lower import lower
from symlab.engine.lowering.stabilize import explain, stabilize_partly
from symlab.engine.rewriting.kinds import (
    BLAS,
    CHEAPER,
    FUSION,
    IN_PLACE,
    KINDS,
    OTHER,
    SHARED,
    STABILITY,
    kind_of,
)
from symlab.engine.rewriting.record import record_rewrites
from symlab.engine.rewriting.stage import LARGEST, Stage, written_out
from symlab.engine.rewriting.text import formula_of

x, y = sp.symbols("x y", real=True)
z = pt.dscalar("z")

FORMULAS = (
    sp.log(1 + sp.exp(x)),
    x**4 - 3 * x**3 + 2,
    (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    sp.sqrt(x + 1) - sp.sqrt(x),
    sp.exp(x) / (1 + sp.exp(x)),
)


def stage_of(*expressions):
    """Return expressions as a graph with nothing shared."""
    symbols = sorted(set().union(*(each.free_symbols for each in expressions)), key=str)
    inputs, outputs = lower(expressions, symbols)
    return Stage(tuple(inputs), tuple(written_out(outputs)))


def essence(graph):
    """Return the operations of a graph, each with its arguments by name, in alphabetical order."""
    return sorted(
        (node.name, *(graph.nodes[each].name for each in node.sources))
        for node in graph.nodes
        if node.kind == "operation"
    )


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_the_record_ends_where_the_compiler_does(formula):
    """The last stage is the graph that a compiled objective runs, made by PyTensor alone."""
    f = sl.Objective(formula)
    expressions = [sl.stabilize(each) for each in (f.expression, *f.gradient)]
    last = record_rewrites(stage_of(*expressions), "c")[-1].stage
    inputs, outputs = lower(expressions, f.variables)
    own = record_rewrites(Stage(tuple(inputs), tuple(outputs)), "c")[-1].stage
    assert essence(last.graph) == essence(own.graph)
    assert last.nodes == 1
    function = sl.compile(f, "interpreted")._value_and_gradient.call._function
    slow = record_rewrites(stage_of(*expressions), "interpreted")
    end = slow[-1].stage if slow else stage_of(*expressions)
    assert essence(describe(function.maker.fgraph.outputs)) == essence(end.graph)


def test_kinds_are_read_from_pytensors_own_databases():
    """One of each; what is in none of them is said to be something else."""
    names = ("local_log1p", "MergeOptimizer", "FusionOptimizer", "local_mul_to_sqr")
    assert [kind_of(name, z) for name in names] == [STABILITY, SHARED, FUSION, CHEAPER]
    assert kind_of("Elemwise_inplace_optimizer", z) == IN_PLACE
    assert kind_of("anything", z) == OTHER
    assert len(set(KINDS)) == len(KINDS)


@pytest.mark.parametrize("backend", ["c", "interpreted"])
def test_a_product_of_matrices_is_handed_to_blas(backend):
    """By our own rewrite in C, by PyTensor's where it interprets."""
    a, b = pt.dmatrices("a", "b")
    changes = record_rewrites(Stage((a, b), (pt.exp(a @ b),)), backend)
    (product,) = [change for change in changes if change.kind == BLAS]
    assert product.replaced.startswith("matmul(a, b)")


def test_what_is_written_twice_is_one_node_less_when_it_is_shared():
    """A large graph stays shared: written out it would be beyond all bounds."""
    twice = pt.exp(z) * pt.exp(z)
    (first, *_) = record_rewrites(Stage((z,), (twice,)), "interpreted")
    assert (first.kind, first.replaced, first.stage.nodes) == (SHARED, "exp(z)", 2)
    deep = z
    for _ in range(12):
        deep = deep * deep
    assert len(describe(written_out([deep])).operations) == 12
    assert LARGEST < 2**12


def test_shapes_and_types_are_no_change():
    """A whole number that becomes a float, which PyTensor calls a rewrite."""
    assert record_rewrites(Stage((z,), (pt.constant(2) + z,)), "interpreted") == []


def test_a_formula_is_written_with_the_brackets_it_needs():
    """Checked against SymPy, which reads it back."""
    a, b = pt.dscalars("a", "b")
    p, q = sp.symbols("a b")
    for graph, right in (
        (a - (b - a), p - (q - p)),
        ((a - b) - a, -q),
        ((a + b) * (a - b), (p + q) * (p - q)),
        (a / (b / a), p**2 / q),
        (-((a + b) ** 2), -((p + q) ** 2)),
        ((-a) ** b, (-p) ** q),
        ((a**b) ** a, (p**q) ** p),
        (a ** (-2.0), p**-2),
    ):
        assert sp.simplify(sp.sympify(formula_of(graph)) - right) == 0


def test_partly_stable_is_stable_in_the_end():
    """With as many rewrites as `explain` lists it is the stable form, with none the stated one."""
    for formula in FORMULAS:
        steps = explain(formula).steps
        assert stabilize_partly(formula, 0) == formula
        assert stabilize_partly(formula, len(steps)) == sl.stabilize(formula)
        forms = [stabilize_partly(formula, count) for count in range(len(steps) + 1)]
        assert len(set(forms)) == len(forms)


def test_columns_give_what_scalars_give():
    """A graph of scalars called on a column, entry by entry; a constant stays one number."""
    stage = stage_of(x**2 + sp.exp(x), sp.Integer(3))
    column = np.array([0.5, -2.0, 3.0])
    over = stage.over_columns().compile("interpreted", [column]).call(column)
    one = [stage.compile("interpreted", [each]).call(each) for each in map(np.asarray, column)]
    assert over[0].tolist() == [float(value) for value, _ in one]
    assert float(over[1]) == 3.0


def test_a_run_computes_what_is_equal_once():
    """A sine and an exponential are read twice; a product of matrices is not of scalars."""
    wave = sp.exp(sp.sin(x))
    assert stage_of(wave * x, wave + x).in_a_run == (6, 4)
    matrix = pt.dmatrix("a")
    assert Stage((matrix,), (matrix @ matrix,)).in_a_run is None


def test_a_name_with_a_comma_is_no_list_of_types():
    """PyTensor reads the name of a variable as a type, and with a comma as several."""
    strange = sp.Symbol("a, b", real=True)
    (variable,), (square,) = lower([strange**2], [strange])
    assert float(square.eval({variable: 3.0})) == 9.0
