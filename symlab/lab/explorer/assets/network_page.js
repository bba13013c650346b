// The page of a network: what is shown is computed from the state, and drawn.

const PATIENCE = 250;
let working = 0;
let playing = null;
let view = null;

/** Train anew from the start; what takes long goes on while the page can be used. */
function compute() {
  renewTraining();
  catchUp();
}

function catchUp() {
  clearTimeout(working);
  const isMore = trainUpTo(training, state.at, performance.now() + PATIENCE);
  working = setTimeout(isMore ? () => { catchUp(); draw(); } : finish, 20);
}

/** Train to the last step, a little at a time, so that the whole curve of losses is seen. */
function finish() {
  const isMore = trainUpTo(training, state.steps, performance.now() + 30);
  drawLosses($("losses"), { training, at: stepNow(), steps: state.steps });
  if (isMore) working = setTimeout(finish, 5);
  else tell();
}

function draw() {
  const weights = weightsNow();
  const fields = fieldsOf(network, weights, view);
  drawBoundary($("place"), { network, weights, fields, view, train: TRAIN, test: TEST });
  drawGraph($("graph"), { network, weights, fields, chosen: state.weight });
  drawLosses($("losses"), { training, at: stepNow(), steps: state.steps });
  tell();
}

/** All that is words: where the training is, the numbers of the step, the table of weights. */
function tell() {
  const at = stepNow();
  const weights = weightsNow();
  const [learnt, tested] = [TRAIN, TEST].map((rows) => (rows.length ? score(network, weights, rows) : null));
  const epoch = at / stepsPerEpoch(training);
  const others = tested ? `; of ${TEST.length} others ${shareOf(tested, TEST)}, their mean loss is ${decimal(tested.loss, 4)}` : "";
  const ending = training.isFinite || at < training.points.length - 1 ? "" : " In the next step a number is no longer finite: a smaller step size may help.";
  $("verdict").textContent = `Step ${at}, epoch ${decimal(epoch, 3)}: the mean loss of the ${TRAIN.length} points is ${decimal(learnt.loss, 4)}, and ${shareOf(learnt, TRAIN)} are in their class${others}.${ending}`;
  $("verdict").className = training.isFinite ? "plain" : "bad";
  $("now").textContent = at;
  Object.assign($("scrub"), { max: state.steps, value: at });
  const rows = rowsOfWeight(training, state.weight, at);
  const lines = stepLines({ symbols: ["w"] }, { method: state.method, h: state.h, rows }, at);
  $("numbers").replaceChildren(...lines.map((line) => element("p", { class: line.quiet ? "quiet" : false }, line.text)));
  if ($("table").open) tellWeights(weights);
  putAddress(addressOf());
}

const shareOf = ({ right }, rows) => `${right} (${decimal((100 * right) / rows.length, 3)} %)`;

/** A table for each layer: a column for each unit, a row for each input and one for the biases. */
function tellWeights(weights) {
  $("weights").replaceChildren(...network.layers.map(({ name, inputs, units, kernel, bias }) => {
    const row = (head, first) => element("tr", {}, element("th", { scope: "row" }, head), ...Array.from({ length: units }, (_, j) => element("td", {}, decimal(weights[first + j], 6))));
    const heads = Array.from({ length: units }, (_, j) => element("th", { scope: "col" }, `to ${j + 1}`));
    return element("table", {}, element("caption", {}, name), element("thead", {}, element("tr", {}, element("td", {}), ...heads)),
      element("tbody", {}, ...Array.from({ length: inputs }, (_, i) => row(`from ${i + 1}`, kernel + i * units)), ...(bias === null ? [] : [row("bias", bias)])));
  }));
}

/** Build what has controls. */
function build() {
  view = viewOfRows([...TRAIN, ...TEST]);
  const units = network.layers.map((layer) => `${layer.units} ${layer.activation}`).join(" → ");
  $("formula").textContent = `2 inputs → ${units}`;
  $("rule").replaceChildren(...Object.keys(METHODS).map((name) => element("option", { value: name, selected: name === state.method.name }, name)));
  const changed = () => { compute(); draw(); };
  $("sliders").replaceChildren(...state.method.hyperparameters.map((hyper) => slider(hyper, {
    name: state.method.name, id: `slider-${hyper.letter}`, h: state.h, changed,
    range: hyper.letter === state.method.stepSize ? usualStepRange(hyper) : usualRange(hyper),
  })));
  $("weight").replaceChildren(...network.moving.map((i) => element("option", { value: i, selected: i === state.weight }, nameOfWeight(i))));
  Object.assign($("batch"), { value: state.batch, max: TRAIN.length });
  $("order").value = state.order;
  $("seed").value = state.seed === null ? "" : state.seed;
  $("steps").value = state.steps;
}

function renew() {
  build();
  compute();
  draw();
}

function showStep(at) {
  state.at = Math.min(Math.max(at, 0), state.steps);
  catchUp();
  draw();
}

function play(isOn) {
  clearInterval(playing);
  playing = null;
  $("play").textContent = isOn ? "Pause" : "Play";
  $("play").setAttribute("aria-pressed", String(isOn));
  $("verdict").setAttribute("aria-live", isOn ? "off" : "polite");
  if (!isOn) return;
  if (state.at >= state.steps) showStep(0);
  const perSecond = Number($("speed").value);
  const stride = Math.max(1, Math.round(perSecond / 20));
  playing = setInterval(() => (stepNow() < state.steps && training.isFinite ? showStep(state.at + stride) : play(false)), (1000 * stride) / perSecond);
}
