"""Every lesson runs alone, from anywhere, nothing complains, and its prose comes true."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

LESSONS = sorted((Path(__file__).resolve().parents[1] / "lessons").glob("[0-9][0-9]_*.py"))

PRINTED = {
    "01_perceptron": [
        "w_after = (y - y\u0302)*x + w",
        "score before -1: corrected 11, as printed -13",
        "10          0.986       0.091",
        "second pass worse than the first: 28.5% of clouds",
    ],
    "02_one_neuron": [
        "L'(m) = -1/(Abs(m) + 1)**2",
        "second derivative left and right of 0: 2 -2",
        "softsign(10): 10/11 softsign(10/99): 10/109",
        "m = 0.1         0.0    1.0              0.826",
        "hinge of softsign pulled by 100% of the points",
    ],
    "03_multilayer_perceptron": [
        "p = sigmoid(z); J = -y*log(p) - (1 - y)*log(1 - p)",
        "700 to train with [359 341], 300 to test with [141 159]",
        "total 25; trainable 25; non-trainable 0",
        "after run A: train 0.9100, test 0.8733",
        "after run B: test 0.9967, and 200 epochs in all",
    ],
    "04_backpropagation": [
        "δ₁ = δ₂*w₂*z₁*(1 - z₁); ∂J/∂w₂ = δ₂*z₁",
        "delta1 = w2*z1*z2*(1 - z1)*(1 - z2)*(-y + z2)",
        "(16) ∂J/∂w₁ = δ₁*x   proved: ",
        "J start: 0.15947",
        "J added, as printed: 0.17471",
        "J subtracted: 0.14479",
        "agrees with 5 independent checks",
    ],
    "05_functional_models": [
        "as printed output(l1(x)); corrected output(l2(l1(x)))",
        "total 13;",
        "total 20;",
        "as printed: weights of l2 moved by 0.000, test accuracy 0.9967",
        "19% of the points are within 0.01 of (1/2, 1/2)",
    ],
    "06_computation_graphs": [
        "text:  (A + B)*C",
        "2 + 3 = 5",
        "[[40. 45. 50. 55.]",
        "[[160. 175. 190. 205.]",
        "3 inputs, 2 operations, 4 arrows",
        "as noted: inf, rewritten: 800.0",
    ],
    "19_cnn_trained": [
        "total 56; trainable 38; non-trainable 18",
        "hand-made convolution: 0.0",
        "in ninths: [3, 3, 3, 6, 3, 3, 9, 6, 3]",
        "trained: 20 of 20 right",
    ],
    "07_least_squares": [
        "(-b.T + x.T*A.T)*(A*x - b)",
        "gradient: 2*A.T*(A*x - b)",
        "[-37/464, 6839/11136, 259/2784]",
        "109759/5568",
        "[0] 55.000000 [1] 36.551736",
        "1 / 188.5217 = 0.0053044283",
        "0.991652 0.943391 0.622957",
        "1648.06",
        "measured factor 0.99165215, derived 0.99165215",
        "They agree.",
    ],
    "08_logistic_one_dimension": [
        "sum of log(1 + exp(-y*(b + w*x))) + w**2",
        "less the chain rule by hand: [0, 0]",
        "refused: data: y holds the labels 0, 1",
        "largest difference on the 20 points: 0.0021",
        "ours - 2 theirs at C = 1/2: 0",
        "ours, to the end       0.8052 -4.0901          0.0281      0.0010",
    ],
    "09_gradient_descent": [
        "x <- -alpha*g + x",
        "the limit is 8/81",
        "multiplier -41/40",
        "2.147502213140592 2.3365805265193877",
        "after 32 steps",
        "0.1000: within 1e-6 of 9/4 never",
        "alpha 0.25 : diverged",
        "They agree.",
    ],
    "10_newton": [
        "x = x₀ - f'(x₀)/f''(x₀)",
        "(6) x = 7/3",
        "they are 8 and 50",
        "solved from 2: 2.21175, not 2.33333",
        "2.3333333333333335",
        "2.2555555555555555",
        "2.2500272331154685",
        "2.250000000659214",
        "measured order: 2.000",
        "refused: start",
        "rate 0.5000",
        "a maximum",
        "80/161",
    ],
    "11_step_size": [
        "by hand: 0.32000000000000006 2.6",
        "0.32 13/5 | 0.32000000000000006 2.6",
        "2.6937",
        "0.06711",
        "7.443e-16",
        "listing from 2: stalled",
        "equation from 2: converged",
        "E = L**3*q**2*x**2/2",
        "E > 0   proved: ",
    ],
    "12_momentum": [
        "momentum: alpha < 2*(eta + 1)/L",
        "rate 0.634512",
        "heavy ball, best: step 1.3358, rate 0.6345, measured 0.6479",
        "forms equal, exactly: True",
        "as printed: {x: alpha*g/(eta - 1) + x}   here: {x: -g/5 + x}",
        "the ball is not what it says: x_after ≠",
        "heavy ball: converged",
        "limit 4/27",
        "-0.00018508",
    ],
    "13_moving_averages": [
        "pandas: 1 1/3 1/7 1/15 1/31",
        "text, kick at 0: (1 - a)**n",
        "at a = 1/2: 1/(2**(n + 1) - 1)",
        "text, n after a kick at k > 0: a*(1 - a)**n",
        "(1 - a)^n adds to 10, a (1 - a)^n to 1",
        "m - (1 - beta) upper: 0   divisor likewise: 0",
    ],
    "14_logistic_symbolic": [
        "-y + exp(b0*x0 + b1*x1 + bias)/(exp(b0*x0 + b1*x1 + bias) + 1)",
        "(9) ∇J = [[x₀*(sigmoid(z) - y)], [x₁*(sigmoid(z) - y)], [sigmoid(z) - y]]",
        "naive slope at 800: nan",
        "stable slope at 800: 1.0",
        "with probability 0.372",
        "J fell 1.90 times as far",
        "same draws, same bits: True",
    ],
    "15_logistic_compiled": [
        "w and b: [-3.4306  3.3107  0.3327]",
        "Numba, whole run",
        "fifty           6.971",
        "J reset  of its batch",
        "step 100000: |w| 40.68",
    ],
    "16_adaptive_methods": [
        "momentum         v           Polyak 1964",
        "[0.1   0.19  0.41  0.651]",
        "  adagrad, nadam, adamw\n  nadam, adamw, nesterov\n",
        "cosine",
    ],
    "17_convolution": [
        "(1797, 8, 8) from 0.0 to 16.0",
        "res[0,0]: printed 3, found 2   res[1,1]: 3",
        "1.0 by the sum, 0.333 by pixels",
        "text:  k_0_0*x_2_2 + k_0_1*x_2_1",
        "k0*x2 + k1*x1 + k2*x0",
        "convolve finds the corner at [[4, 4]]",
        "correlate finds the corner at [[1, 1]]",
        "height 2, width 3: [[8, 11], [20, 23]]",
    ],
    "18_cnn_by_hand": [
        "text:  Max(relu(k0*x1 + k1*x0), relu(k1*x1 + k2*x0))",
        "different images: 16 of 20",
        "back: 23 of 55",
        "forward: 15 of 55",
        "ones and zeros 0, scaled -0.4444",
        "[0 -2 6 0 2 0]",
        "all: 110 of 110 right",
    ],
    "24_variants": [
        "the same numbers: the largest difference is",
        "by 0.42 after 50 steps",
        "    u <- Max(beta2*u, epsilon + Abs(g))",
        "amsgrad          paper, torch, optax, keras, keras3  paper, optax, keras, keras3",
        "lion: variant: torch (PyTorch 2.14, torch.optim) has no such rule. Known: optax, keras3.",
        "2  0.4215 0.0998 0.0974 0.0998  0.0998",
        "steps below 1.0e-04 settle",
        "worth at k = 0 to 6: [1.0, 2.0, 3.0, 4.0, 5.0, 5.99, 6.99]",
        "19 0.100  0.008      0.219 0.617",
        "yogi      s after 1, 20, 60 steps: [1166.4 3428.4 3262.1]",
    ],
    "21_how_fast": [
        "text:  -2*x**3/5 + 9*x**2/10 + x",
        "differ by less than 1e-11: True",
        "/* gradient_descent: x**4 - 3*x**3 + 2 */",
        "        x = x - d_x * step_size;",
        "operations in 1 loop, ",
        "x**4 -> sqr(sqr(x))",
        "SymPy loop 1000 times slower than a run: True",
        "8 operations, the longest chain 3",
        "One run on ",
    ],
    "23_regression": [
        "text:  P = -(J.T*J)**(-1)*J.T*R",
        "dr/db1: x*exp(-b1*x)/(b2 + b3*x)",
        "0     Hahn1      full    stalled     22  False",
        "2     Hahn1     price  converged     14   True",
        "5  Eckerle4     price  converged     18   True",
        "(22) d \u2265 -\u03bc*e",
        "length of the step, mu from 0 on: 6.627 4.834 1.241 0.148 0.003",
        "3     Hahn1  near  converged     14      True",
        "b1          0.16657667     0.038303287   0.038303287",
        "scatter 3.1717133, with 51 degrees of freedom",
        "levenberg_marquardt: 40 steps of 6, b = [0.086816 0.954981",
        "variable_projection: 17 steps of 3, b = [0.086816 0.954981",
        "reads y: False",
    ],
    "22_trust": [
        "text:  -(mu*E + H)**(-1)*G",
        "damping 1.7728, the largest difference is below 1e-12: True",
        "radius 2   mu   0.000",
        "24 steps, 8 of them to the edge; converged",
        "newton, full steps   8 evaluations, highest f 1412",
        "trust region        26 evaluations, highest f 24.2",
        "modified newton    (0, 0)  f =  0.0  saddle",
        "trust region       (0, 1)  f = -0.5  converged",
        "1 [0.5 0. ] indefinite",
        "newton, armijo        1 evaluations, f =      1.1  stalled",
        "93 evaluations, f =",
        "half axes of the region at step 40: 3e-07 in x1, 0.2 in x2",
        "difference in 20 steps: 0.0",
    ],
    "25_sweeps": [
        "[L*alpha, -L*alpha + 2*eta + 2]  so alpha < 2*(eta + 1)/L",
        "the derived edge lies 0.",
        "cells beyond the measured one",
        "without momentum",
        "% of the runs below the limit explode",
        "alpha/epsilon < 3.8; ",
        "gain W*c/(W*r + c)",
        "    1000        500.000",
    ],
    "20_accuracy": [
        "the same numbers: the values are equal",
        "False 0.000000e+00 4.248354e-18",
        "float64: 0 up to -39.3, infinite from 725.0 on",
        "float32: 0 up to -17.1, infinite from 90.4 on",
        "float32 {88.72: 1.0, 88.73: nan}",
        "float64 {709.78: 1.0, 709.79: nan}",
        "exp(z)*sigmoid(-z)  ->  sigmoid(z)",
        "Largest errors in ulps over a, b = 1:",
        "stabilised: x*(4*x - 9)/(6*(2*x - 3))",
        "as distance to the power -1.0",
        "sin(z): {'c': ",
    ],
}
"""What a lesson's prose promises, as it prints it."""

OPENING = ["LaTeX: ", "text:  ", "the same numbers: "]
"""What every lesson prints in its opening."""


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_alone_and_prints_what_it_promises(lesson, once):
    """Warnings are errors, and stderr tells of compiling alone, not what a dependency says."""
    ran = once.lesson(lesson)
    assert {line.partition(" ")[0] for line in ran.stderr.splitlines()} <= {"compiling"}
    assert ran.returncode == 0
    promised = [*OPENING, *PRINTED.get(lesson.stem, [])]
    assert [text for text in promised if text not in ran.stdout] == []


def test_a_lesson_runs_as_its_readers_run_it(tmp_path):
    """Plain Python; its figures go to a folder where it runs."""
    lesson = next(path for path in LESSONS if path.stem == "13_moving_averages")
    command = [sys.executable, "-W", "error", str(lesson)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {path.name for path in (tmp_path / "figures").glob("gradient*")} == {
        "gradient_descent_005.png",
        "gradient_descent_005.json",
    }


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_has_the_shape_of_a_lesson(lesson):
    """A title, a question, a place in the chapter; titled cells; an end with an exercise."""
    text = lesson.read_text(encoding="utf-8")
    docstring, *cells = text.split("\n# %%\n")
    assert re.match(r'r?"""\n\S.*\n=+\n', docstring)
    assert "?" in docstring
    assert re.search(r"Chapter, sections? \d+( to \d+)?\.", docstring)
    assert len(text.splitlines()) <= 171
    assert all(cell.startswith("# ") for cell in cells)
    assert cells[-1].startswith("# What we saw\n# ---")
    assert "# Exercise." in cells[-1]
    assert f"Practise: `symlab exercise {lesson.stem[:2]}`." in cells[-1].splitlines()[-1]
    assert "Not shown" in cells[-1]
    assert not re.search(r"^(def|class) ", text, re.MULTILINE)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_that_compiles_says_so_while_its_reader_waits(lesson):
    """An empty cache costs seconds a compile; a screen that stands still looks broken."""
    text = lesson.read_text(encoding="utf-8")
    compiles = re.search(
        r'backend="(c|numba)"|\.fit\((?!.*"interpreted").*(method|how|settings)|sl\.compare\(', text
    )
    said = re.search(r'print\("compiling .*\.\.\."\)', text)
    assert not compiles or (said and said.start() < compiles.start() + 400)


@pytest.mark.timeout(900)  # of all tests the longest on a busy machine
def test_the_digits_example_reads_97_of_100_unseen_digits(tmp_path):
    """The layers are real: a small network learns real images in seconds."""
    script = Path(__file__).resolve().parents[1] / "examples" / "digits.py"
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    accuracy = float(re.search(r"test accuracy ([0-9.]+)", ran.stdout)[1])
    assert accuracy >= 0.97


def test_the_parquet_example_has_the_digits_of_memory(capsys):
    """A fit on a folder, and the same in memory."""
    script = Path(__file__).resolve().parents[1] / "examples" / "parquet_regression.py"
    runpy.run_path(str(script))
    shown = capsys.readouterr().out
    assert "1000000 samples in 2 blocks, Parquet 'trips', 10 files" in shown
    assert "converged, start=4.003" in shown
    assert "to the last bit: True" in shown
