"""Slash images: the chapter's rule by counting, its twenty images by its printed numbers."""

from fractions import Fraction

import numpy as np
import pytest

from symlab.nn import images
from symlab.nn.images import KERNELS, convolve, max_pool, relu

# Chapter, section 21: max_pool(relu(convolve)) in ninths, for the scaled kernels.
POOLED = """
0 1 333/633/963 333/553/253
1 1 633/753/333 453/433/333
2 1 923/292/325 253/535/352
3 1 233/733/253 533/353/433
4 1 292/339/332 524/352/335
5 1 292/337/333 524/353/333
6 1 633/993/296 453/455/544
7 1 923/273/333 253/533/333
8 1 633/993/296 453/455/544
9 1 367/334/333 353/353/333
10 0 253/553/333 963/633/333
11 0 544/455/453 296/993/633
12 0 253/533/333 633/333/333
13 0 253/553/333 963/633/333
14 0 353/515/353 327/292/723
15 0 354/554/445 336/399/692
16 0 352/515/253 329/292/923
17 0 425/253/533 292/933/233
18 0 425/253/533 292/933/233
19 0 253/533/333 633/333/333
"""

# Chapter, section 21: convolve with the first kernel, in ninths.
CONVOLVED = {
    0: "0 2 2 2 2 2 / 2 3 3 3 3 2 / 0 1 3 3 3 2 / 6 -1 1 3 3 2 / -2 9 -1 1 3 2 / 0 -2 6 0 2 0",
    1: "-2 0 2 2 2 2 / 6 -1 1 3 3 2 / -2 7 1 3 3 2 / 0 1 5 3 3 2 / 2 3 3 3 3 2 / 2 2 2 2 2 0",
}

DRAWS = 4000


def pixels(image):
    """Where a slash is."""
    return [tuple(place) for place in np.argwhere(image == 1).tolist()]


def by_the_rule(kind, m, n):
    """Each image that the rule can accept, by its pixels, with its share; a loop of its own."""
    shares = {}
    lengths = range(2, min(m, n) + 1)
    for length in lengths:
        offsets = range(-length, max(m, n))
        for offset in offsets:
            square = np.diag(np.ones(length), offset)
            places = np.argwhere(square if kind == "back" else np.flipud(square))
            if np.all(places < (m, n)):
                key = tuple(map(tuple, places.tolist()))
                weight = Fraction(1, len(lengths) * len(offsets))
                shares[key] = shares.get(key, 0) + weight
    return shares


def test_the_fixture_is_the_chapters_by_its_pooled_numbers():
    """Twenty images, both kernels, nine ninths each: 360 printed digits and the labels."""
    drawn, labels = images.fixture()
    for row in POOLED.split("\n")[1:-1]:
        number, label, *printed = row.split()
        assert labels[int(number)] == int(label)
        for kernel, digits in zip(("diagonal", "antidiagonal"), printed, strict=True):
            found = max_pool(relu(convolve(drawn[int(number)], KERNELS[f"scaled {kernel}"])))
            expected = [[int(digit) for digit in line] for line in digits.split("/")]
            assert 9 * found == pytest.approx(np.array(expected), abs=1e-14)


@pytest.mark.parametrize("number", CONVOLVED)
def test_the_convolved_fixture_has_the_chapters_arrays(number):
    """Every entry, and zeros that are exact, since the figures leave exactly those blank."""
    rows = CONVOLVED[number].split("/")
    expected = np.array([[int(entry) for entry in row.split()] for row in rows])
    found = convolve(images.fixture()[0][number], KERNELS["scaled diagonal"])
    assert 9 * found == pytest.approx(expected, abs=1e-14)
    assert np.array_equal(found == 0, expected == 0)


def test_the_fixtures_repeat_as_the_chapters_do():
    """Images 6 and 8, 10 and 13, 12 and 19, 17 and 18 are one; sixteen are different."""
    drawn, _ = images.fixture()
    same = {(6, 8), (10, 13), (12, 19), (17, 18)}
    pairs = {(i, j) for i in range(20) for j in range(i) if np.array_equal(drawn[i], drawn[j])}
    assert {(j, i) for i, j in pairs} == same
    assert len(np.unique(drawn, axis=0)) == 16


def test_the_fixture_of_figure_014_is_the_older_draw():
    """First and last images by the spec's coordinates, labels as in the other fixture."""
    drawn, labels = images.fixture_014()
    assert pixels(drawn[0]) == [(0, 1), (1, 2), (2, 3)]
    assert pixels(drawn[11]) == [(i, 5 - i) for i in range(6)]
    assert pixels(drawn[19]) == [(1, 3), (2, 2), (3, 1)]
    assert labels.tolist() == 10 * [1] + 10 * [0]
    assert not np.array_equal(drawn, images.fixture()[0])


@pytest.mark.parametrize(
    "kind, distinct, acceptance, lengths",
    [
        ("back", 23, 0.502, [0.349, 0.310, 0.199, 0.109, 0.033]),
        ("forward", 15, 0.714, [0.245, 0.218, 0.196, 0.178, 0.163]),
    ],
)
def test_the_generator_draws_the_rules_images_in_the_rules_shares(
    kind, distinct, acceptance, lengths
):
    """The rule enumerated exactly gives the chapter's counts; draws stay within 4.5 deviations."""
    shares = by_the_rule(kind, 6, 6)
    total = sum(shares.values())
    assert len(shares) == distinct
    assert float(total) == pytest.approx(acceptance, abs=5e-4)
    for length, printed in enumerate(lengths, start=2):
        share = sum(weight for key, weight in shares.items() if len(key) == length) / total
        assert float(share) == pytest.approx(printed, abs=5e-4)

    generator = np.random.default_rng(0)
    drawn = [tuple(pixels(images.slash_image(kind, generator))) for _ in range(DRAWS)]
    for key in {*shares, *drawn}:
        p = float(shares.get(key, 0) / total)
        assert abs(drawn.count(key) / DRAWS - p) <= 4.5 * np.sqrt(p * (1 - p) / DRAWS)


@pytest.mark.parametrize("shape", [(6, 6), (4, 7), (5, 2)])
@pytest.mark.parametrize("kind", ["back", "forward"])
def test_chances_are_those_of_the_rule(kind, shape):
    """Exactly, as fractions, against a loop over diagonals of squares that knows no starts."""
    chances = images.slash_chances(kind, shape)
    found = {tuple(pixels(images.slash(*start, kind, shape))): p for start, p in chances.items()}
    assert found == by_the_rule(kind, *shape)


@pytest.mark.parametrize("shape", [(4, 7), (5, 2)])
@pytest.mark.parametrize("kind", ["back", "forward"])
def test_the_generator_fills_other_shapes_too(shape, kind):
    """Every image that the rule accepts comes, and no other."""
    generator = np.random.default_rng(1)
    drawn = {tuple(pixels(images.slash_image(kind, generator, shape))) for _ in range(1500)}
    assert drawn == set(by_the_rule(kind, *shape))


@pytest.mark.parametrize("seed", range(20))
def test_a_training_set_is_back_slashes_then_forward_ones(seed):
    """-1 and 1 alone; the slant of each slash is that of its label."""
    drawn, labels = images.slash_images(each=10, seed=seed)
    assert drawn.shape == (20, 6, 6)
    assert labels.tolist() == 10 * [1] + 10 * [0]
    assert set(np.unique(drawn)) == {-1, 1}
    for image, label in zip(drawn, labels, strict=True):
        steps = np.diff(pixels(image), axis=0)
        assert set(map(tuple, steps.tolist())) == ({(1, 1)} if label else {(1, -1)})


def test_a_seed_means_the_same_images_and_another_seed_others():
    """And a generator goes on: its second image is another draw."""
    assert np.array_equal(images.slash_images(seed=3)[0], images.slash_images(seed=3)[0])
    assert not np.array_equal(images.slash_images(seed=3)[0], images.slash_images(seed=4)[0])
    assert np.array_equal(images.slash_image(seed=3), images.slash_images(seed=3)[0][0])
    assert images.slash_images(seed=3)[0][1:3].tolist() != 2 * [images.slash_image(seed=3).tolist()]


def test_all_slashes_are_110_and_each_comes_once():
    """E21: 55 of each kind, mirror images of each other, and the drawn ones are among them."""
    every, labels = images.every_slash()
    back = {image.tobytes() for image in every[labels == 1]}
    forward = {image[::-1].tobytes() for image in every[labels == 0]}
    assert len(every) == 110
    assert len(back) == 55
    assert back == forward
    assert {image.tobytes() for image in images.slash_images(50)[0][:50]} <= back
    starts = [images.slash(*start) for start in images.slash_starts()]
    assert np.array_equal(every[labels == 1], starts)


def test_two_kernels_name_every_slash_without_training():
    """What lesson 18 ends with: the kernel with the larger answer is the slash's own."""
    every, labels = images.every_slash()
    first, second = (
        convolve(every, KERNELS[name]).max(axis=(1, 2))
        for name in ("scaled diagonal", "scaled antidiagonal")
    )
    assert np.array_equal(first > second + 0.1, labels == 1)
    assert np.array_equal(second > first + 0.1, labels == 0)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: images.slash(0, 0, 7), ValueError, "slash: length 7 back from row 0"),
        (lambda: images.slash(0, 0, 2, "forward"), ValueError, "length 2 forward .* does not fit"),
        (lambda: images.slash(0, 0, 0), ValueError, "length: expected at least 1, got 0"),
        (lambda: images.slash(0, 0, 2, "foward"), ValueError, "did you mean 'forward'"),
        (lambda: images.slash_image("down"), ValueError, "kind: unknown name 'down'"),
        (lambda: images.slash_image(seed=-1), ValueError, "seed: expected at least 0, got -1"),
        (lambda: images.slash_image(shape=(1, 6)), ValueError, "shape: expected at least 2, got 1"),
        (lambda: images.slash_image(shape=6), TypeError, "shape: expected a pair such as"),
        (lambda: images.slash_images(each=0), ValueError, "each: expected at least 1, got 0"),
        (lambda: images.slash_images(each=2.5), TypeError, r"each: expected an integer, got 2\.5"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(call, error, words):
    """The argument, what came and what was expected."""
    with pytest.raises(error, match=words):
        call()
