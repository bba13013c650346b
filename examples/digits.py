r"""
A small convolutional network on real digits
============================================
The layers of the lessons, asked to read 1797 handwritten digits of 8 by 8 pixels. A quarter of them
is kept aside, so that the number at the end is about images the network has not seen.
"""

# %%
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import symlab as sl
from symlab import nn

digits = load_digits()
images = digits.images[:, None] / 16
train_x, test_x, train_y, test_y = train_test_split(
    images, digits.target, test_size=0.25, random_state=0, stratify=digits.target
)

pixels = nn.Input((1, 8, 8))
edges = nn.Conv2D(16, (3, 3), padding="same", activation="relu")(pixels)
features = nn.Flatten()(nn.MaxPool2D((2, 2))(edges))
scores = nn.Dense(10, activation="softmax")(nn.Dense(64, activation="relu")(features))
model = nn.Model(pixels, scores, seed=0)
print(model.summary())

# %%
print("compiling one epoch, then training ...")
history = model.fit(
    train_x,
    nn.one_hot(train_y, 10),
    loss="categorical_crossentropy",
    method=sl.adam(step_size=0.003),
    epochs=20,
    batch_size=32,
    seed=0,
)
accuracy = (model.predict(test_x).argmax(1) == test_y).mean()
print(f"{history}\ntest accuracy {accuracy:.4f} on {len(test_y)} images")
