"""A method is a rule, or a direction with a search; what users say is understood or refused."""

import pytest

from symlab.methods.directions import DIRECTIONS, bfgs, newton, steepest
from symlab.methods.method import METHODS, Method, as_method, method
from symlab.methods.rule import Rule
from symlab.methods.rules import RULES, gradient_descent, momentum
from symlab.methods.searches import SEARCHES, armijo, backtracking, exact_line_search, fixed


@pytest.mark.parametrize("direction", DIRECTIONS.values(), ids=DIRECTIONS)
@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_any_direction_goes_with_any_search(direction, search):
    """The two axes are independent."""
    made = method(direction=direction, search=search)
    assert (made.direction, made.search) == (direction, search)
    assert repr(made) == f"method(direction={direction!r}, search={search!r})"
    assert made == Method(direction, search)


def test_a_direction_alone_takes_full_steps():
    """Newton's method is the Newton direction with step 1."""
    assert method(newton) == as_method(newton) == Method(newton, fixed)
    assert as_method(newton).search.first_step == 1


def test_a_search_alone_goes_along_steepest_descent():
    """As the chapter's backtracking does."""
    assert as_method(backtracking) == Method(steepest, backtracking)
    assert as_method(exact_line_search) == Method(steepest, exact_line_search)


@pytest.mark.parametrize("name", METHODS)
def test_a_name_means_what_the_value_means(name):
    """The command line passes names; the library passes values."""
    assert as_method(name) == as_method(METHODS[name])
    assert isinstance(as_method(name), (Rule, Method))


def test_every_table_is_reachable_by_name():
    """No two rows share a name, or one would hide the other."""
    assert len(METHODS) == len(RULES) + len(DIRECTIONS) + len(SEARCHES)
    assert {*METHODS} == {*RULES, *DIRECTIONS, *SEARCHES}
    assert all(value.name == name for name, value in METHODS.items())


@pytest.mark.parametrize("value", [gradient_descent, momentum(step_size=0.2), method(bfgs, armijo)])
def test_what_is_a_method_already_is_left_alone(value):
    """Hyperparameters and all."""
    assert as_method(value) is value


def test_direction_and_search_are_also_found_by_their_names():
    """As `minimize` finds a method; a typo gets the nearest name."""
    assert method("newton", "armijo") == method(newton, armijo)
    assert method(direction="bfgs") == method(bfgs)
    with pytest.raises(ValueError, match=r"^direction: unknown name 'bgfs'; did you mean 'bfgs'"):
        method("bgfs")
    with pytest.raises(ValueError, match=r"^search: unknown name 'armjio'; did you mean 'armijo'"):
        method("bfgs", "armjio")
    with pytest.raises(ValueError, match=r"^direction: unknown name 'armijo'"):
        method("armijo")


@pytest.mark.parametrize(
    "name, near",
    [("netwon", "newton"), ("Newton", "newton"), ("armjio", "armijo"), ("bgfs", "bfgs")],
)
def test_a_typo_gets_the_nearest_name(name, near):
    """And the list of all of them."""
    with pytest.raises(ValueError, match=f"unknown name '{name}'; did you mean '{near}'.*momentum"):
        as_method(name)


@pytest.mark.parametrize("name", ["", "zzzzzz"])
def test_a_name_like_no_other_gets_the_list_alone(name):
    """No misleading hint."""
    with pytest.raises(ValueError, match=f"unknown name '{name}'. Known: gradient_descent"):
        as_method(name)


@pytest.mark.parametrize("value", [None, 3, [], 0.1, newton.expression])
def test_what_is_no_method_is_a_type_error(value):
    """The message says what would do."""
    with pytest.raises(
        TypeError, match=r"^method: expected a rule such as sl\.adam\(\), a method such"
    ):
        as_method(value)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((armijo, newton), "direction: expected one of steepest, newton, bfgs, .* got armijo"),
        ((gradient_descent,), "direction: expected one of .* got gradient_descent"),
        ((newton, newton), "search: expected one of .* got newton"),
    ],
)
def test_a_wrong_part_is_named(arguments, message):
    """Swapped arguments are the usual slip."""
    with pytest.raises(TypeError, match=message):
        method(*arguments)
