"""The chapter's CNN on its twenty images: ten steps of Nesterov."""

import sys

import numpy as np

import symlab as sl
from symlab import nn

data = np.load(sys.argv[1])
pixels = nn.Input((1, 6, 6))
maps = nn.Conv2D(2, (3, 3), padding="same", use_bias=False)(pixels)
pooled = nn.MaxPool2D((2, 2))(nn.Activation("relu")(maps))
model = nn.Model(pixels, nn.Dense(2, "softmax")(nn.Flatten()(pooled)), seed=0)
history = model.fit(
    data["x"],
    data["y"],
    loss="categorical_crossentropy",
    method=sl.nesterov(step_size=0.01, momentum=0.9),
    epochs=10,
    batch_size=len(data["x"]),
    backend=sys.argv[2],
)
print(history.loss[-1])
