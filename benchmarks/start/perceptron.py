"""The perceptron 2-4-2-1 on its moons: ten epochs of gradient descent on all samples."""

import sys

import numpy as np

import symlab as sl
from symlab import nn

data = np.load(sys.argv[1])
inputs = nn.Input(2)
hidden = nn.Dense(2, "sigmoid")(nn.Dense(4, "sigmoid")(inputs))
model = nn.Model(inputs, nn.Dense(1, "sigmoid")(hidden), seed=0)
history = model.fit(
    data["x"],
    data["y"],
    loss="binary_crossentropy",
    method=sl.gradient_descent(step_size=0.5),
    epochs=10,
    batch_size=len(data["x"]),
    backend=sys.argv[2],
)
print(history.loss[-1])
