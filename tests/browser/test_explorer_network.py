"""The page of a network: its training against Python's, and the page as a reader uses it."""

import json

import numpy as np
import pytest

import symlab as sl
from symlab import nn
from symlab.book.explored import explore_named
from symlab.engine.streams import BATCH_STREAM, WEIGHTS_STREAM, generator_of

pytestmark = pytest.mark.browser

CLOSE = 1e-12


def dense(*layers, seed=0):
    """A model of dense layers on two inputs: units and activation of each."""
    inputs = outputs = nn.Input(2)
    for units, activation, *options in layers:
        outputs = nn.Dense(units, activation, **(options[0] if options else {}))(outputs)
    return nn.Model(inputs, outputs, seed=seed)


def points(count, seed=5):
    """Points of the plane, in no order."""
    return np.random.default_rng(seed).normal(size=(count, 2))


@pytest.fixture(scope="module")
def moons(tmp_path_factory):
    """The address of the page of the chapter's network."""
    page = explore_named("moons").save(tmp_path_factory.mktemp("network") / "moons.html")
    return f"{page.as_uri()}#steps=440"


def train(tab, rule, steps, **options):
    """The weights at every step of a training in the page."""
    h = {letter.name: float(value) for letter, value in rule.hyperparameters.items()}
    asked = ", ".join(json.dumps(each) for each in (rule.name, h, steps, options))
    return tab.evaluate(f"symlab.train({asked})")


def vector(model):
    """All weights of a model, layer by layer."""
    return np.concatenate([each.ravel() for pair in model.get_weights().values() for each in pair])


def test_a_fit_of_the_moons_ends_with_the_same_weights(tab, moons):
    """The chapter's rule, batches and seeds: ten epochs of 22 steps, the last batch smaller."""
    tab.goto(moons)
    model = dense((4, "sigmoid"), (2, "sigmoid"), (1, "sigmoid"), seed=132)
    X, _, y, _ = sl.data.split(*sl.data.moons())
    history = model.fit(X, y, loss="binary_crossentropy", method=sl.adam(step_size=0.05),
                        epochs=10, seed=132, backend="interpreted")  # fmt: skip
    found = train(tab, sl.adam(step_size=0.05), 220)
    assert np.abs(np.array(found["weights"][220]) - vector(model)).max() <= CLOSE
    sizes = np.tile([32] * 21 + [28], 10)
    means = (np.array(found["losses"]) * sizes).reshape(10, 22).sum(axis=1) / 700
    assert np.abs(means - history.loss).max() <= CLOSE


RULES = [sl.gradient_descent(step_size=0.5), sl.momentum, sl.nesterov, sl.rmsprop, sl.adamw]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_step_of_a_training_is_that_of_python(tab, moons, rule):
    """All 25 weights at each of 200 steps, from another seed and in other batches."""
    tab.goto(moons)
    model = dense((4, "sigmoid"), (2, "sigmoid"), (1, "sigmoid"), seed=7)
    X, _, y, _ = sl.data.split(*sl.data.moons())
    traced = nn.trace(model, X, y, loss="binary_crossentropy", method=rule, epochs=20,
                      batch_size=70, seed=3, backend="interpreted")  # fmt: skip
    found = train(tab, rule, 200, batch=70, order=3, seed=7)
    assert np.abs(np.array(found["weights"]) - traced.iterates).max() <= CLOSE
    assert np.abs(np.array(found["losses"]) - traced.values[:-1]).max() <= CLOSE


NETWORKS = [
    (dense((3, "tanh"), (1, "linear")), "mse", lambda x: x[:, 0] * x[:, 1]),
    (dense((4, "relu"), (1, "softsign")), "hinge", lambda x: np.sign(x[:, 0])),
    (dense((3, "tanh"), (3, "softmax")), "categorical_crossentropy",
     lambda x: nn.one_hot((x[:, 0] > 0).astype(int) + (x[:, 1] > 0), 3)),
    (dense((2, "sigmoid", {"trainable": False}), (2, "linear", {"use_bias": False})), "mse",
     lambda x: np.tanh(x)),
]  # fmt: skip


@pytest.mark.parametrize("model, loss, target", NETWORKS, ids=range(len(NETWORKS)))
def test_other_activations_and_losses_are_trained_alike(tab, tmp_path, model, loss, target):
    """Layers without bias and layers that do not learn too; and the loss is that of `evaluate`."""
    x = points(50)
    page = sl.explore_network(model, x, target(x), loss=loss, batch_size=20, seed=4, steps=60)
    tab.goto(page.save(tmp_path / "page.html").as_uri())
    rule = sl.gradient_descent(step_size=0.1)
    traced = nn.trace(model, x, target(x), loss=loss, method=rule, epochs=20, batch_size=20,
                      seed=4, backend="interpreted")  # fmt: skip
    found = np.array(train(tab, rule, 60)["weights"])
    moving = tab.evaluate("symlab.network.moving")
    assert np.abs(found[:, moving] - traced.iterates).max() <= CLOSE
    frozen = np.delete(found, moving, axis=1)
    assert (frozen == frozen[0]).all()
    told = tab.evaluate("symlab.score()[0]")
    known = model.evaluate(x, target(x), loss=loss)
    assert told["loss"] == pytest.approx(known["loss"], abs=CLOSE)
    assert told["right"] == round(50 * known["accuracy"])


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**32 + 5, 2**53 - 1])
def test_a_seed_draws_what_it_draws_in_python(tab, moons, seed):
    """To the last bit: NumPy's generator, its uniform numbers and its permutations."""
    tab.goto(moons)
    drawn = tab.evaluate(f"symlab.draw({seed}, 700)")
    generator = generator_of(seed, WEIGHTS_STREAM)
    assert drawn["uniform"] == [generator.uniform(-0.3, 0.7) for _ in range(5)]
    orders = generator_of(seed, BATCH_STREAM)
    assert drawn["orders"] == [orders.permutation(700).tolist() for _ in range(2)]


def test_the_weights_of_a_seed_are_those_of_a_model(tab, moons):
    """The number is typed into the page; cleared, it is that of the model again."""
    tab.goto(moons)
    tab.fill("#seed", "9")
    tab.press("#seed", "Enter")
    model = dense((4, "sigmoid"), (2, "sigmoid"), (1, "sigmoid"), seed=9)
    kernel = model.get_weights()["dense"][0]
    tab.click("#table summary")
    cells = tab.locator("#weights tbody tr >> nth=0").locator("td").all_text_contents()
    assert [float(cell.replace("−", "-")) for cell in cells] == pytest.approx(kernel[0], rel=1e-5)
    assert "seed=9" in tab.url
    tab.click("#original")
    assert "seed=132" in tab.url


def test_the_training_is_played_stepped_and_set_to_any_step(tab, moons):
    """The sentence above says where it is, how large the loss is, and how many are right."""
    tab.goto(moons)
    assert tab.text_content("#verdict").startswith("Step 0, epoch 0: the mean loss of the 700")
    tab.click("#forward")
    tab.click("#epoch")
    assert tab.text_content("#now") == "23"
    tab.fill("#scrub", "440")
    said = tab.text_content("#verdict")
    model = dense((4, "sigmoid"), (2, "sigmoid"), (1, "sigmoid"), seed=132)
    X, X_test, y, y_test = sl.data.split(*sl.data.moons())
    model.fit(X, y, loss="binary_crossentropy", method=sl.adam(step_size=0.05), epochs=20,
              seed=132, backend="interpreted")  # fmt: skip
    pairs = ((X, y), (X_test, y_test))
    right = [round(len(b) * model.evaluate(a, b)["accuracy"]) for a, b in pairs]
    assert f"and {right[0]} (" in said
    assert f"of 300 others {right[1]} (" in said
    tab.fill("#scrub", "0")
    tab.click("#play")
    tab.wait_for_timeout(300)
    tab.click("#play")
    assert 0 < int(tab.text_content("#now")) < 440


def test_a_step_of_a_weight_is_shown_with_its_numbers(tab, moons):
    """That which is chosen in the list, or clicked in the graph."""
    tab.goto(moons)
    tab.select_option("#rule", "gradient_descent")
    tab.click("#forward")
    lines = tab.locator("#numbers p").all_text_contents()
    assert lines[0] == "w ← w − α·g"
    before, after = (row[0] for row in train(tab, sl.gradient_descent, 1)["weights"])
    assert lines[1].startswith(f"w(1) = {before:.5g} − 0.1·")
    assert lines[1].endswith(f"{after:.7g}")
    box = tab.locator("#graph").bounding_box()
    tab.mouse.click(box["x"] + 0.85 * box["width"], box["y"] + 0.42 * box["height"])
    chosen = tab.evaluate("document.querySelector('#weight').selectedOptions[0].text")
    assert chosen == "dense_2: weight from 1 to 1"


def test_the_address_brings_the_training_back(tab, moons):
    """Rule, numbers, batch, seeds, step and weight; what it may not hold is left out."""
    tab.goto(moons)
    tab.select_option("#rule", "momentum")
    tab.fill("#batch", "50")
    tab.press("#batch", "Enter")
    tab.click("#epoch")
    address, said = tab.url, tab.text_content("#verdict")
    tab.goto("about:blank")
    tab.goto(address)
    assert (tab.url, tab.text_content("#verdict")) == (address, said)
    tab.goto("about:blank")
    tab.goto(f"{moons}&run=momentum;alpha=-3;eta=2&batch=0&at=-4&weight=77")
    plain = tab.url.replace("%3D", "=").replace("%3B", ";")
    assert "run=momentum;alpha=0.1;eta=0.9&batch=1&" in plain
    assert "steps=440&at=0&weight=0" in plain


def test_what_is_copied_is_the_network_shown(tab, moons):
    """The program in JavaScript gives the model's outputs, and that in Python its training."""
    tab.goto(f"{moons}&run=adam;alpha=0.05&at=44")
    weights = train(tab, sl.adam(step_size=0.05), 44)["weights"][44]
    program, python = tab.evaluate("symlab.asJavaScript()"), tab.evaluate("symlab.asPython()")
    X, *_ = sl.data.split(*sl.data.moons())
    tab.goto("about:blank")
    alone = "\n".join(program.splitlines()[:-1])
    script = f"{alone}; {X[:9].tolist()}.map(predict);"
    found = tab.evaluate(f"(0, eval)({json.dumps(script)})")
    copied: dict = {}
    plain = python.replace("epochs=", 'backend="interpreted", epochs=')
    lines = [line for line in plain.splitlines() if not line.startswith("print")]
    exec(compile("\n".join(lines), "copied", "exec"), copied)
    model = copied["model"]
    assert np.abs(np.array(found) - model.predict(X[:9])).max() <= CLOSE
    assert np.abs(vector(model) - weights).max() <= CLOSE


def test_every_step_is_saved_with_its_loss(tab, moons):
    """A row for each step, a column for each weight."""
    tab.goto(moons.replace("440", "22"))
    with tab.expect_download() as download:
        tab.click("#as-csv")
    rows = download.value.path().read_text().splitlines()
    assert rows[0] == ",".join(["step", "batch_loss", *(f"w{i}" for i in range(25))])
    assert len(rows) == 1 + 23


def test_a_finger_trains_the_network_on_a_telephone(chromium, moons):
    """At 360 pixels nothing sticks out, and what is touched is large enough."""
    with chromium.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    ) as context:
        tab = context.new_page()
        tab.goto(moons)
        assert tab.evaluate("document.documentElement.scrollWidth") == 360
        tab.tap("#epoch")
        assert tab.text_content("#now") == "22"
        box = tab.locator("#graph").bounding_box()
        tab.touchscreen.tap(box["x"] + 0.85 * box["width"], box["y"] + 0.42 * box["height"])
        assert tab.input_value("#weight") == "22"
        small = tab.evaluate(
            "[...document.querySelectorAll('button, summary')].filter(one =>"
            " one.getBoundingClientRect().height < 24).map(one => one.textContent)"
        )
        assert small == []
