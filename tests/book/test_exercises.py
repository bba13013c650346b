"""Every exercise knows its answer in many forms, and what is wrong with one that is not it."""

import re
from collections import Counter
from html import escape

import numpy as np
import pytest
import sympy as sp
from typed_answers import RIGHT, WRONG

import symlab as sl
from symlab.book.exercises.mistakes import MISTAKES
from symlab.book.lessons import lessons

IDS = tuple(sl.exercises)
x = sp.Symbol("x", real=True)


@pytest.mark.parametrize("id", IDS)
def test_the_right_answer_is_right_in_five_forms(id):
    """They were typed by hand from the question; what the exercise derives must agree."""
    wrong = [form for form in RIGHT[id] if not sl.exercise(id).check(form)]
    assert len(set(RIGHT[id])) == 5
    assert wrong == []


@pytest.mark.parametrize("id", IDS)
def test_three_wrong_answers_are_told_their_mistake(id):
    """And no verdict on a wrong answer has the right one in it."""
    exercise = sl.exercise(id)
    verdicts = {text: exercise.check(text) for text in WRONG[id]}
    named = {text: getattr(each.mistake, "name", None) for text, each in verdicts.items()}
    assert len(WRONG[id]) == 3
    assert named == WRONG[id]
    assert not any(verdicts.values())


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("nonsense", ["", "x +", "import os", "1/0", "sin(", None, object(), {}])
def test_nonsense_is_refused_in_one_line(id, nonsense):
    """Of the house's form, whatever kind of answer is expected."""
    with pytest.raises((ValueError, TypeError)) as caught:
        sl.exercise(id).check(nonsense)
    told = str(caught.value)
    assert told.startswith("answer: ")
    assert "\n" not in told
    assert len(told) < 200


@pytest.mark.parametrize("id", IDS)
def test_the_answer_that_is_shown_is_right_when_it_is_typed(id):
    """What the last help says can be copied back."""
    shown = sl.exercise(id).hint(5).removeprefix("The answer: ")
    assert sl.exercise(id).check(shown)


@pytest.mark.parametrize("id", IDS)
def test_no_hint_gives_the_answer_away(id):
    """Neither the three hints nor those of the mistakes have it, in any form that was typed."""
    exercise = sl.exercise(id)
    told = [*exercise.hints, *(slip.hint for slip in exercise.known_slips)]
    squeezed = re.sub(r"\s", "", " ".join(told))
    forms = {re.sub(r"\s", "", form) for form in (*RIGHT[id], str(exercise.right))}
    assert [form for form in forms if len(form) > 3 and form in squeezed] == []
    words = set(re.findall(r"[\w.^/-]+", " ".join(exercise.hints)))
    assert exercise.kind != "number" or not words & {str(exercise.right)}


def test_every_lesson_has_one_to_four():
    """Numbered from 1, in the order of the lessons."""
    counts = Counter(exercise.lesson for exercise in sl.exercises.values())
    assert set(counts) == {lesson.number for lesson in lessons()}
    assert set(counts.values()) <= {1, 2, 3, 4}
    expected = [f"{n:02}.{i}" for n in sorted(counts) for i in range(1, counts[n] + 1)]
    assert list(sl.exercises) == expected
    assert [each.id for each in sl.exercises.of_lesson(9)] == ["09.1", "09.2", "09.3", "09.4"]


def test_every_mistake_is_known_by_name_and_made_somewhere():
    """No class of mistakes is there for nothing."""
    named = {slip.mistake for each in sl.exercises.values() for slip in each.known_slips}
    typed = {name for wrong in WRONG.values() for name in wrong.values()}
    assert named | typed == set(MISTAKES)


def test_what_a_verdict_says():
    """The plainest point at which two answers differ, the class of the mistake, and no more."""
    verdict = sl.exercise("09.1").check("9x^2 - 4x^3")
    assert not verdict
    assert str(verdict) == (
        "Wrong: at x = 1 it is 5, and the right answer is -5.\n"
        "Mistake: sign. The size is right, the sign is not: ask which way things move."
    )
    assert verdict._repr_html_().startswith("<p>Wrong: at x = 1 it is 5")
    unknown = sl.exercise("09.1").check("x^7")
    assert unknown.mistake is None
    assert str(unknown).endswith(
        "None of the mistakes that are known here leads to it; a hint may help."
    )
    right = sl.exercise("09.1").check("x^2 (4x - 9)")
    assert right
    assert str(right) == "Right: the difference expands to 0."


@pytest.mark.parametrize(
    "id, answer, told",
    [
        ("09.2", "(0, 1/4)", "1/5 is in your interval and not in the right one"),
        ("09.2", "(0, 8/81]", "the end 8/81 is in yours and not in the right one"),
        ("11.2", "(0, 2(1 - c)/L)", "the end (2 - 2*c)/L is in the right one, not yours"),
        ("07.2", "(0, 2/L)", "at L = 1, 3/2 is in your interval and not in the right one"),
        ("11.2", "(c, 2(1-c)/L]", "at c = 1/2, L = 1, 1/3 is in the right interval and not"),
        ("10.4", "x > sqrt(2)", "10/7 is in your interval and not in the right one"),
        ("10.4", "(-oo, 3/2)", "0 is in your interval and not in the right one"),
        ("12.1", "(0, 1/(1-eta)^2)", "at eta = 0, L = 1, 3/2 is in the right interval"),
        ("09.2", "(0, 8/81 + 10^-9)", "is in your interval and not in the right one"),
        ("09.1", "4x^3 - 9.000000000001x^2", "it is -5.000000000001, and the right answer is -5"),
        ("18.2", "0.22", "it is right as far as it goes; give at least three digits"),
        ("09.1", "log(x - 1) + 4x^3 - 9x^2", "and the right answer is"),
        ("09.3", "1/20", "With step size 1/20 a small distance from 9/4 is multiplied by -1/80"),
        ("09.3", "0.05", "it is too large"),
        ("12.3", "1, 3/4, 9/16, 27/64", "iterate 2 is too large"),
        ("06.1", "[[c11, c12], [c21, c22]]", "entry (1, 1) at c11 = 0, c12 = 1 is 0"),
        ("04.3", "[d1 x1, d2 x2]", "it has 2 entries, and the right answer 2 rows and 3 columns"),
        ("12.2", "gradient_descent(step_size=0.1)", "three steps lead to -0.1"),
        ("09.4", "-2", "it has 1 number, and the right answer 2"),
    ],
)
def test_a_wrong_answer_is_shown_where_it_is_wrong(id, answer, told):
    """By a number that can be checked by hand, and without the number that was asked for."""
    assert told in str(sl.exercise(id).check(answer))


@pytest.mark.parametrize(
    "id, answer",
    [
        ("09.1", 4 * sp.Symbol("x") ** 3 - 9 * sp.Symbol("x") ** 2),
        ("09.1", sp.diff(x**4 - 3 * x**3 + 2, x)),
        ("09.2", sp.Interval.open(0, sp.Rational(8, 81))),
        ("09.2", (0, 8 / 81)),
        ("09.3", 4 / 81),
        ("09.3", np.float64(4 / 81)),
        ("09.4", {2, -2}),
        ("09.4", np.array([2.0, -2.0])),
        ("04.3", sp.Matrix(sp.symbols("d1:3")) * sp.Matrix(sp.symbols("x1:4")).T),
        ("01.1", np.array([-3, 3, -2])),
        ("12.2", sl.gradient_descent(step_size=0.2)),
        ("12.2", sl.printed_momentum(step_size=0.1, momentum=0.5)),
        ("12.3", [1, 0.75, 0.4375, 0.171875]),
    ],
)
def test_answers_may_be_objects(id, answer):
    """Symbols whatever is assumed of them, sets, arrays, and methods."""
    assert sl.exercise(id).check(answer)


@pytest.mark.parametrize(
    "id, answer",
    [
        ("09.1", "f'(x) = 4x^3 - 9x^2"),
        ("09.1", "df/dx = 4x³ - 9x²"),
        ("09.1", r"x^{2}\left(4x - 9\right)"),
        ("09.2", r"\left(0, \frac{8}{81}\right)"),
        ("09.2", r"$0 < \alpha < \frac{8}{81}$"),
        ("09.2", r"\alpha \in (0, 8/81)"),
        ("09.2", "(0; 0,0988)"),
        ("09.2", "]0; 8/81["),
        ("09.3", "0,0494"),
        ("09.3", r"\alpha = \frac{4}{81}"),
        ("09.4", r"\{-2, 2\}"),
        ("09.4", "{-2,0; 2,0}"),
    ],
)
def test_answers_are_read_as_they_are_written_elsewhere(id, answer):
    """In LaTeX, with a name before them, with decimal commas and semicolons between."""
    assert sl.exercise(id).check(answer)


@pytest.mark.parametrize("answer", ["f''(x) = 4x^3 - 9x^2", "f'(x) == 4x^3 - 9x^2"])
def test_only_the_name_of_one_derivative_is_left_out(answer):
    """What says something else than the answer is not made into one."""
    with pytest.raises(ValueError, match="a derivative is not read"):
        sl.exercise("09.1").check(answer)


@pytest.mark.parametrize("backend, digits", [("interpreted", 50), ("sympy", "exact")])
def test_a_trace_is_an_answer(backend, digits):
    """Of floats or of fractions: the run that the exercise asks for."""
    ball = sl.momentum(step_size=0.25, momentum=0.5)
    run = sl.minimize(
        sl.Objective(x**2 / 2), [1], ball, 3, backend=backend, digits=digits, tolerance=0
    )
    assert sl.exercise("12.3").check(run)


def test_three_hints_then_the_way_then_the_answer():
    """In this order, and no more."""
    exercise = sl.exercise("09.3")
    first = [exercise.hint(number).partition(":")[0] for number in range(1, 6)]
    assert first == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "The way", "The answer"]
    assert exercise.hint() == exercise.hint(1)
    with pytest.raises(ValueError, match="number: expected 1 to 5, got 6"):
        exercise.hint(6)


def test_a_question_has_its_formulas_as_text_and_as_latex():
    """As they are typed in a terminal, and as mathematics in a notebook."""
    exercise = sl.exercise("09.1")
    assert "f(x) = x^4 - 3*x^3 + 2" in str(exercise)
    assert "$f(x) = x^{4} - 3 x^{3} + 2$" in exercise._repr_html_()
    assert "Answer with an expression in x." in str(exercise)


@pytest.mark.parametrize(
    "id, told",
    [
        ("9", "exercise: '9' is a lesson; its exercises are 09.1, 09.2, 09.3, 09.4."),
        ("09.7", "exercise: unknown id '09.7'; the lesson has 09.1, 09.2, 09.3, 09.4."),
        ("90.1", "exercise: unknown id '90.1'"),
    ],
)
def test_an_unknown_exercise_is_answered_with_those_there_are(id, told):
    """As every table of the house does."""
    with pytest.raises(ValueError, match=re.escape(told)):
        sl.exercise(id)


@pytest.mark.parametrize("id", [id for id, each in sl.exercises.items() if each.stage])
def test_an_exercise_about_a_run_can_be_seen(id):
    """On the explorer's page of its own function, once."""
    exercise = sl.exercise(id)
    page = exercise.explore()
    assert page.objective == exercise.stage().objective
    assert page.html.count('<section aria-label="Exercise">') == 1
    assert all(escape(hint, quote=False) in page.html for hint in exercise.hints)


def test_no_question_shows_python_or_asks_for_letters_that_there_are_none_of():
    """A matrix is shown as it is typed in an answer; where there are no letters, a number is."""
    for exercise in sl.exercises.values():
        assert "Matrix(" not in exercise.question.text + exercise.question.markdown
        assert not str(exercise).endswith("in .")
