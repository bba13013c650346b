"""Arguments and files of networks: what is taken, what is refused and in which words; copies."""

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest

import symlab as sl
from symlab import nn
from symlab.engine.archive import pack, unpack

X, Y = np.random.default_rng(0).normal(size=(4, 2)), [0, 1, 0, 1]
FIT = {"loss": "mse", "backend": "interpreted"}


def model() -> nn.Model:
    """A small model, always the same."""
    inputs = nn.Input(2)
    return nn.Model(inputs, nn.Dense(1, "sigmoid")(nn.Dense(3, "tanh")(inputs)))


BAD = {
    "fit x text": lambda: model().fit([["a", "b"]] * 4, Y, **FIT),
    "fit x digits": lambda: model().fit(X.astype(str), Y, **FIT),
    "fit x durations": lambda: model().fit(X.astype("m8[s]"), Y, **FIT),
    "fit x table": lambda: model().fit(pd.DataFrame({"a": ["x"] * 4, "b": 1}), Y, **FIT),
    "fit x big": lambda: model().fit([[10**400, 0]] * 4, Y, **FIT),
    "fit y text": lambda: model().fit(X, ["a", "b", "a", "b"], **FIT),
    "fit y masked": lambda: model().fit(X, np.ma.masked_array(Y, [0, 1, 0, 0]), **FIT),
    "fit y ragged": lambda: model().fit(X, [[0], [1, 2], [0], [1]], **FIT),
    "fit validation": lambda: model().fit(X, Y, validation_data=(X, [1j] * 4), **FIT),
    **{
        f"fit {name} {value!r}": lambda name=name, value=value: model().fit(
            X, Y, **FIT, **{name: value}
        )
        for name in ("shuffle", "reset", "keep_state", "progress")
        for value in ("text", np.array([1, 0]), None, 1)
    },
    "fit metrics number": lambda: model().fit(X, Y, metrics=3, **FIT),
    "fit metrics numbers": lambda: model().fit(X, Y, metrics=[3], **FIT),
    "predict digits": lambda: model().predict([["1", "2"]]),
    "predict dates": lambda: model().predict(np.array([["2020", "2021"]], dtype="M8[Y]")),
    "evaluate complex": lambda: model().evaluate(X + 0j, Y, loss="mse"),
    "function": lambda: (lambda m: m.function(m.outputs)("text"))(model()),
    "set_weights number": lambda: model().set_weights(3),
    "set_weights complex": lambda: model().set_weights({"dense_1": [np.ones((3, 1)) * 1j, [0]]}),
    "set_weights text": lambda: model().set_weights("weights"),
    "set_weights a long name": lambda: model().set_weights({"x" * 500: [0]}),
    "Dense trainable": lambda: nn.Dense(2, trainable="text"),
    "Dense bias": lambda: nn.Conv2D(2, 2, use_bias=1),
    "Dense name": lambda: nn.Dense(2, name="a\0b"),
    "Dense activation": lambda: nn.Dense(2, activation=np.array(["relu", "tanh"])),
    "Input enormous": lambda: nn.Input(10**18),
    "Dense enormous": lambda: nn.Dense(10**12)(nn.Input(2)),
    "Model enormous": lambda: (lambda i: nn.Model(i, nn.Dense(10**6)(i)))(nn.Input(10**6)),
    "clip text": lambda: nn.binary_crossentropy(clip="a"),
    "fans text": lambda: nn.fans("ab"),
    "glorot none": lambda: nn.glorot_limit(None),
    "to_keras none": lambda: nn.to_keras(None),
    "from_keras complex": lambda: nn.from_keras([1j]),
    "trace digits text": lambda: nn.trace(model(), X, Y, loss="mse", digits="50"),
    "trace digits huge": lambda: nn.trace(model(), X, Y, loss="mse", digits=10**9),
    "trace model": lambda: nn.trace(None, X, Y, loss="mse"),
    "compare_training model": lambda: sl.compare_training(None, X, Y, loss="mse"),
    "relu none": lambda: nn.images.relu(None),
    "relu text": lambda: nn.images.relu(["a"]),
    "convolve complex": lambda: nn.images.convolve(np.eye(3) * 1j, [[1]]),
    "slash shape": lambda: nn.images.slash(0, 0, 2, shape=3),
    "slash shape huge": lambda: nn.images.slash(0, 0, 2, shape=(10**9, 10**9)),
    "fit optimizer": lambda: model().fit(X, Y, optimizer="adam", **FIT),
    "fit without a loss": lambda: model().fit(X, Y),
    "trace los": lambda: nn.trace(model(), X, Y, los="mse"),
    "compare_training backend": lambda: sl.compare_training(model(), X, Y, loss="mse", lr=1),
    "fit epochs without end": lambda: model().fit(X, Y, epochs=10**12, **FIT),
    "kernel beyond a graph": lambda: nn.Conv2D(1, 1000, padding="same"),
    "strides beyond int64": lambda: nn.MaxPool2D(2, strides=10**30),
    "every slash of many pixels": lambda: nn.images.every_slash((2000, 2000)),
    "save a long name": lambda: model().save("a" * 300),
    "load number": lambda: nn.load(3),
    "load null byte": lambda: nn.load("a\0"),
    "save number": lambda: model().save(3),
    "save null byte": lambda: model().save("a\0"),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD)
def test_what_a_door_does_not_take_is_refused_in_one_line(call):
    """With an error of ours, whatever came."""
    with pytest.raises((TypeError, ValueError), match=r"^[\w.\[\]]+[:, (]") as caught:
        call()
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


def test_k14_fit_reads_objects_nullable_columns_and_categories():
    """The same numbers give the same weights."""
    table = pd.DataFrame(X.astype(object), columns=["a", "b"])
    targets = pd.Series(Y, dtype="Int64")
    plain, odd = model(), model()
    plain.fit(X, Y, **FIT)
    odd.fit(table, targets, **FIT)
    np.testing.assert_array_equal(odd.predict(table), plain.predict(X))


def test_k15_fit_pairs_rows_by_their_index():
    """Targets in another order are brought into that of the samples; others are refused."""
    table, targets = pd.DataFrame(X, index=list("abcd")), pd.Series(Y, index=list("abcd"))
    plain, shuffled = model(), model()
    plain.fit(table, targets, **FIT)
    shuffled.fit(table, targets.iloc[[2, 0, 3, 1]], **FIT)
    np.testing.assert_array_equal(shuffled.predict(X), plain.predict(X))
    with pytest.raises(ValueError, match=r"y: its index differs from that of x"):
        model().fit(table, targets.reset_index(drop=True), **FIT)


def test_k15_one_hot_takes_text_labels_and_returns_the_classes():
    """The case R44, and the same for categories, mixed labels and named columns."""
    rows, classes = nn.one_hot(["red", "green", "red"])
    np.testing.assert_array_equal(rows, [[0, 1], [1, 0], [0, 1]])
    assert classes[rows.argmax(axis=1)].tolist() == ["red", "green", "red"]
    sizes = pd.Categorical(["low", "high"], categories=["low", "high"])
    assert nn.one_hot(sizes)[1].tolist() == ["low", "high"]
    assert nn.one_hot(["a", 1])[1].tolist() == ["a", 1]
    np.testing.assert_array_equal(nn.one_hot(["b"], ["a", "b"]), [[0, 1]])
    np.testing.assert_array_equal(nn.one_hot([-1, 1], [-1, 1]), np.eye(2))
    assert nn.one_hot([1, 0], return_classes=True)[1].tolist() == [0, 1]
    assert isinstance(nn.one_hot(["a"], return_classes=False), np.ndarray)


@pytest.mark.parametrize(
    "labels",
    [[np.nan, 1], [0, -1], [10**15], [0.5], [1j], ["a", None], ["a", np.nan], "abc", 5, [], [[1]],
     [{}], range(10**12), np.ma.masked_array([1, 2], [0, 1]), pd.Series(["a", None])],
    ids=repr,
)  # fmt: skip
def test_one_hot_refuses_what_is_no_label_in_one_line(labels):
    """Missing, negative, fractional, complex, enormous; without a warning."""
    with pytest.raises((TypeError, ValueError), match=r"^labels: ") as caught:
        nn.one_hot(labels)
    assert len(str(caught.value)) < 200
    with pytest.raises(ValueError, match=r"'rad' in row 0 is no class; did you mean 'red'"):
        nn.one_hot(["rad"], ["red", "green"])


def test_copies_of_a_model_learn_by_themselves():
    """Shallow, deep or pickled: fitting one leaves the other alone."""
    original = model()
    before = original.predict(X)
    for twin in (
        copy.copy(original),
        copy.deepcopy(original),
        pickle.loads(pickle.dumps(original)),
    ):
        np.testing.assert_array_equal(twin.predict(X), before)
        history = twin.fit(X, Y, epochs=3, **FIT)
        assert pickle.loads(pickle.dumps(history)).loss.tolist() == history.loss.tolist()
        assert not np.array_equal(twin.predict(X), before)
        np.testing.assert_array_equal(original.predict(X), before)


@pytest.fixture
def saved(tmp_path):
    """A saved model."""
    return model().save(tmp_path / "model")


def described(change):
    """Return a change of the description, as a change of the archive's arrays."""

    def changed(arrays):
        layers = json.loads(str(arrays["description"]))
        return {**arrays, "description": np.array(json.dumps(change(layers) or layers))}

    return changed


def without(name):
    """Return the arrays without one."""
    return lambda arrays: {key: array for key, array in arrays.items() if key != name}


DAMAGED = {
    "no description": without("description"),
    "weights missing": without("dense/0"),
    "no weights": lambda arrays: {"description": arrays["description"]},
    "weights more": lambda arrays: {**arrays, "new/0": np.zeros(2)},
    "weights empty": lambda arrays: {**arrays, "dense/0": arrays["dense/0"][:0]},
    "weights not finite": lambda arrays: {**arrays, "dense/0": arrays["dense/0"] * np.nan},
    "weights whole": lambda arrays: {**arrays, "dense/0": arrays["dense/0"].astype(int)},
    "weights of a shape": lambda arrays: {**arrays, "dense/0": arrays["dense/0"].T},
    "description list": described(lambda _: [1]),
    "description number": lambda arrays: {**arrays, "description": np.zeros(2)},
    "deep": lambda arrays: {**arrays, "description": np.array("[" * 100_000)},
    "no layers": described(lambda d: {"input_shape": d["input_shape"]}),
    "no input_shape": described(lambda d: {"layers": d["layers"]}),
    "input enormous": described(lambda d: {**d, "input_shape": [10**12]}),
    "input text": described(lambda d: {**d, "input_shape": "ab"}),
    "layers of numbers": described(lambda d: {**d, "layers": [1]}),
    "unknown kind": described(lambda d: d["layers"][0].update(kind="Exec")),
    "kind list": described(lambda d: d["layers"][0].update(kind=["Dense"])),
    "no kind": described(lambda d: d["layers"][0].pop("kind") and None),
    "owner text": described(lambda d: d["layers"][0].update(owner="0")),
    "owner later": described(lambda d: d["layers"][0].update(owner=1)),
    "units enormous": described(lambda d: d["layers"][0].update(units=10**12)),
    "an option more": described(lambda d: d["layers"][0].update(more=1)),
    "a name twice": described(lambda d: d["layers"][1].update(name="dense")),
}


@pytest.mark.parametrize("change", DAMAGED.values(), ids=DAMAGED)
def test_a_model_that_was_tampered_with_is_one_error_that_names_the_file(change, saved):
    """Nothing is filled in, and the model that loads it keeps its weights."""
    saved.write_bytes(pack(change(unpack(saved.read_bytes()))))
    present = model()
    for load in (nn.load, present.load):
        with pytest.raises(ValueError, match=r"model\.npz.*no model that was saved") as caught:
            load(saved)
        assert len(str(caught.value)) < 200
    np.testing.assert_array_equal(present.predict(X), model().predict(X))


def test_a_damaged_archive_is_one_error_that_names_the_file(saved):
    """Cut off, a byte flipped, compressed, text, complex weights."""
    content = saved.read_bytes()
    flipped = bytearray(content)
    flipped[content.index(b"i\0\0\0n")] ^= 1
    arrays = unpack(content)
    for damaged in (content[:-100], bytes(flipped), b"text", b""):
        saved.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"model\.npz.*no model that was saved"):
            nn.load(saved)
    complex_ones = {**arrays, "dense/0": arrays["dense/0"] * 1j}
    for write in (np.savez_compressed, np.savez):
        write(saved, **(arrays if write is np.savez_compressed else complex_ones))
        with pytest.raises(ValueError, match=r"model\.npz.*no model that was saved"):
            nn.load(saved)


def test_a_failed_save_leaves_the_old_model(saved, monkeypatch):
    """A full disk is one sentence with the name of the file."""
    before = saved.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"No space left on device.*model\.npz"):
        model().save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["model.npz"]
