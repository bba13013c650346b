// The page: what is shown is computed anew from the state, and drawn.

let view = null;
let runs = [];
let frames = {};
let playing = null;

const MOST_LISTED = 12;

function compute() {
  const { objective, start, steps } = state;
  runs = state.shown.map(({ method, h }) => ({ method, h, ...run(objective, method, h, start, steps) }));
  state.at = Math.min(state.at, steps);
}

const shownNow = () => ({ objective: state.objective, runs, start: state.start, at: state.at, chosen: state.chosen, view });

/** Draw all but the map, which takes longer and follows when there is time. */
function draw() {
  const shown = shownNow();
  const size = state.objective.names.length;
  $("place-figure").hidden = size > 2;
  $("cobweb-figure").hidden = size !== 1;
  $("place-figure").parentElement.classList.toggle("wide", size !== 1);
  if (size <= 2) frames.place = drawPlace($("place"), shown);
  if (size === 1) drawCobweb($("cobweb"), shown);
  const values = runs.flatMap(({ rows }) => rows.map((row) => row.value));
  const minima = state.objective.points.filter(({ kind, value }) => kind === "minimum" && value !== null).map(({ value }) => value);
  const lowest = Math.min(...values, ...minima);
  drawConvergence($("convergence"), { ...shown, measure: state.measure, steps: state.steps, lowest });
  tell();
  clearTimeout(mapWaiting);
  mapWaiting = setTimeout(drawPhase, 120);
}

/** All that is words: verdict, numbers of the step, captions, status of each method. */
function tell() {
  const chosen = state.shown[state.chosen];
  const { text, mood } = verdict(state.objective, chosen.method, chosen.h, state.start);
  const spoken = `${state.shown.length > 1 ? `${chosen.method.name}: ` : ""}${text}`;
  if ($("verdict").textContent !== spoken) $("verdict").textContent = spoken;
  $("verdict").className = mood;
  $("now").textContent = state.at;
  $("scrub").max = state.steps;
  $("scrub").value = state.at;
  $("numbers").replaceChildren(...stepLines(state.objective, runs[state.chosen], state.at).map((line) => element("p", { class: line.quiet ? "quiet" : false }, line.text)));
  runs.forEach((each, index) => { const place = $(`status-${index}`); if (place) place.textContent = statusOf(state.objective, each); });
  $("convergence-caption").textContent = state.measure === "gradient" ? "The gradient’s length at each step." : "The value above the lowest known, at each step.";
  for (const [name, ids] of [["measure", MEASURES], ["phase", PHASES]]) {
    for (const [value, id] of Object.entries(ids)) $(id).setAttribute("aria-pressed", String(state[name] === value));
  }
  putAddress(addressOf());
}

function statusOf(objective, { rows, status }) {
  const last = rows[rows.length - 1];
  const where = last.point.length <= 2 ? ` at (${last.point.map((x) => decimal(x)).join(", ")})` : "";
  const steps = `${rows.length - 1} step${rows.length === 2 ? "" : "s"}`;
  return `${wordOf(arrival(objective, rows, status))} ${steps}${where}, f = ${decimal(last.value)}`;
}

const wordOf = (end) => (end === "running" ? "after" : `${KINDS.includes(end) ? `reached a ${end}` : end} after`);

/** Build what has controls: methods, start, points. */
function build() {
  const { objective } = state;
  $("formula").textContent = `f(${objective.symbols.join(", ")}) = ${objective.formula}`;
  $("original").hidden = objective === GIVEN;
  view = viewOf(objective, runs.filter(({ status }) => status !== "diverged"), state.start);
  $("methods").replaceChildren(...state.shown.map(methodCard));
  $("start").replaceChildren(...state.start.map(startField));
  $("add").replaceChildren(element("option", { value: "" }, "choose …"), ...Object.keys(METHODS).map((name) => element("option", { value: name }, name)));
  $("add").disabled = state.shown.length >= MOST_SHOWN;
  $("steps").value = state.steps;
  const lines = [...objective.points.map((point) => `${point.kind} ${point.text}, f = ${point.valueText}`.replace("= ≈", "≈")), ...objective.continua, ...objective.kinks];
  const extent = objective.complete ? [] : [`found in ${objective.searched || "the formula"}; not proved to be all`];
  const more = lines.length > MOST_LISTED ? [`and ${lines.length - MOST_LISTED} more`] : [];
  $("points").replaceChildren(...[...(lines.length ? lines.slice(0, MOST_LISTED) : ["none known"]), ...more, ...extent].map((line) => element("li", {}, line)));
  $("place").setAttribute("aria-label", `The runs from the start (${state.start.map((x) => decimal(x)).join(", ")}). Arrow keys move the start.`);
  $("place-caption").replaceChildren(...state.shown.map(({ method }, index) => {
    const entry = element("span", { class: `legend method-legend own${index}` }, markerPicture(index), ` ${method.name}`);
    return entry;
  }), element("span", {}, objective.names.length === 1 ? "Dotted and dashed: tangent and parabola of the step, where it has one. " : "Dashed: the quadratic model of the step, where it has one. "), element("span", { class: "hint" }, "Drag the start, or move it with the arrow keys."));
}

function methodCard({ method, h }, index) {
  const changed = (isFinal) => { state.chosen = index; markChosen(); compute(); draw(); if (isFinal) rebuild(); };
  const head = element("h3", {}, markerPicture(index),
    element("button", { type: "button", class: "name", "aria-pressed": String(index === state.chosen), onclick: () => choose(index) }, method.name),
    state.shown.length > 1 ? element("button", { type: "button", "aria-label": `Remove ${method.name}`, onclick: () => removeMethod(index) }, "×") : "");
  return element("div", { class: `method own${index}`, id: `method-${index}` }, head, element("p", { class: "status", id: `status-${index}` }),
    ...method.hyperparameters.map((hyper) => slider(hyper, {
      name: method.name, id: `${method.name}-${hyper.letter}-${index}`.replace(/[^\w-]/g, "_"), h, changed,
      range: sliderRange(state.objective, method, h, hyper, state.start),
      ...(hyper.letter === method.stepSize ? marksOf(state.objective, method, h, state.start) : {}),
    })));
}

function startField(value, i) {
  const input = element("input", { type: "number", step: "any", value, onchange: () => {
    const point = state.start.map((each, j) => (i === j ? Number(input.value) : each));
    if (!moveStart(point)) input.value = state.start[i];
    else { rebuild(); }
  } });
  return element("label", {}, `${state.objective.symbols[i]} `, input);
}

function markChosen() {
  state.shown.forEach((_, index) => {
    const card = $(`method-${index}`);
    if (!card) return;
    card.classList.toggle("chosen", index === state.chosen && state.shown.length > 1);
    card.querySelector(".name").setAttribute("aria-pressed", String(index === state.chosen));
  });
}

/** Build again, and put the focus back where it was. */
function rebuild() {
  const focused = document.activeElement;
  const places = [...document.querySelectorAll("aside button, aside input, aside select")];
  const place = places.indexOf(focused);
  build();
  markChosen();
  draw();
  const again = [...document.querySelectorAll("aside button, aside input, aside select")];
  if (place >= 0 && again.length === places.length) again[place].focus({ preventScroll: true });
}

function renew() {
  compute();
  build();
  markChosen();
  draw();
}

function choose(index) {
  state.chosen = index;
  rebuild();
}

function removeMethod(index) {
  state.shown.splice(index, 1);
  state.chosen = Math.min(state.chosen, state.shown.length - 1);
  renew();
}

function addMethod(name) {
  if (!Object.hasOwn(METHODS, name) || state.shown.length >= MOST_SHOWN) return;
  state.shown.push({ method: METHODS[name], h: usualNumbers(state.objective, METHODS[name], state.start) });
  state.chosen = state.shown.length - 1;
  renew();
}

/** Begin elsewhere, where the objective has a value. */
function moveStart(point) {
  const { objective } = state;
  if (!allFinite(point) || !isInside(objective, point) || !Number.isFinite(objective.value(point))) return false;
  state.start = point;
  compute();
  draw();
  return true;
}

function showStep(at) {
  state.at = Math.min(Math.max(at, 0), state.steps);
  draw();
}

function play(isOn) {
  clearInterval(playing);
  playing = null;
  $("play").textContent = isOn ? "Pause" : "Play";
  $("play").setAttribute("aria-pressed", String(isOn));
  if (!isOn) return;
  if (state.at >= state.steps) showStep(0);
  playing = setInterval(() => (state.at < state.steps ? showStep(state.at + 1) : play(false)), 1000 / Number($("speed").value));
}
