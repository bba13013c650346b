"""Descriptions of PyTensor graphs: what was built is what is told."""

import pytensor.tensor as pt
import pytest
from pytensor import grad

from symlab.engine.computation_graph import Graph, Node, computation_graph

A, B, C = pt.matrices("a", "b", "c")
V = pt.vector("v")


def test_an_adder_feeding_a_multiplier_has_three_inputs_and_four_arrows():
    """The chapter's third drawing, node by node."""
    graph = computation_graph((A + B) @ C)
    names = [node.name for node in graph.nodes]
    arrows = {(names[source], names[place]) for source, place in graph.edges}
    assert set(graph.inputs) == {"a", "b", "c"}
    assert graph.operations == ("add", "matmul")
    assert arrows == {("a", "add"), ("b", "add"), ("add", "matmul"), ("c", "matmul")}


@pytest.mark.parametrize(
    "result", [(A + B) @ C, pt.sigmoid(A @ V + 2) * V, A.T @ A, grad(((A + B) @ C).sum(), B)]
)
def test_every_node_comes_after_its_sources_and_the_result_is_last(result):
    """So that the nodes can be run, or drawn from left to right, in their order."""
    graph = computation_graph(result)
    assert all(source < place for source, place in graph.edges)
    used = {source for source, _ in graph.edges}
    assert set(range(len(graph.nodes))) - used == {len(graph.nodes) - 1}


@pytest.mark.parametrize(
    "result, operations",
    [
        (pt.dot(A, B), ("matmul",)),
        (A @ V, ("matmul",)),
        (V @ V, ("matmul",)),
        (A + V, ("add",)),
        (pt.scalar("s", dtype="int16") + 1.5, ("add",)),
        (A.T, ("transpose",)),
        (pt.tensor3("t").transpose(1, 0, 2), ("transpose",)),
        ((A * A).sum(), ("mul", "sum")),
        (pt.exp(A).max(), ("exp", "max")),
    ],
)
def test_an_operation_has_one_plain_name_whatever_wraps_it(result, operations):
    """Added axes and casts are no steps, but a transposition and a sum are."""
    assert computation_graph(result).operations == operations


def test_the_order_of_arguments_is_kept():
    """Or a - b could not be told from b - a."""
    for first, second in ((A, B), (B, A)):
        graph = computation_graph(first - second)
        names = [graph.nodes[each].name for each in graph.nodes[-1].sources]
        assert names == [first.name, second.name]


def test_a_constant_is_no_input():
    """It need not be fed in; without a name it has its value."""
    graph = computation_graph(pt.constant(2, name="a") + pt.constant(2.5))
    assert graph.inputs == ()
    assert [node.name for node in graph.nodes] == ["a", "2.5", "add"]


def test_a_value_used_twice_is_one_node_with_two_arrows():
    """A graph is not a tree: what is shared is computed once."""
    shared = pt.exp(A)
    graph = computation_graph(shared * shared)
    assert graph.operations == ("exp", "mul")
    assert graph.edges == ((0, 1), (1, 2), (1, 2))


def test_an_input_alone_is_a_graph():
    """Without an operation, and with its one node as result."""
    assert computation_graph(A) == Graph((Node("a", "input"),))


@pytest.mark.parametrize("wrong", [3, "a", None])
def test_only_a_variable_is_accepted(wrong):
    """Named, with what came."""
    with pytest.raises(TypeError, match="result: expected a PyTensor variable"):
        computation_graph(wrong)
