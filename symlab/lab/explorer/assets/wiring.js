// What the reader does, and what it changes.

function dragStart() {
  const canvas = $("place");
  const pointOf = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = Number(frames.place.xAt(event.clientX - box.left).toPrecision(4));
    const y = Number(frames.place.yAt(event.clientY - box.top).toPrecision(4));
    return state.start.length === 1 ? [x] : [x, y];
  };
  let isDown = false;
  canvas.addEventListener("pointerdown", (event) => {
    isDown = true;
    canvas.setPointerCapture(event.pointerId);
    moveStart(pointOf(event));
  });
  canvas.addEventListener("pointermove", (event) => { if (isDown) moveStart(pointOf(event)); });
  const end = () => { if (isDown) rebuild(); isDown = false; };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
    if (!Object.hasOwn(ways, event.key)) return;
    event.preventDefault();
    const size = event.shiftKey ? 100 : 500;
    const point = state.start.map((x, i) => Number((x + (ways[event.key][i] * (view[i][1] - view[i][0])) / size).toPrecision(8)));
    if (moveStart(point)) rebuild();
  });
}

function clickMap() {
  $("phase").addEventListener("click", (event) => {
    const box = $("phase").getBoundingClientRect();
    const { across, up } = frames.axes;
    const step = Number(frames.phase.xAt(event.clientX - box.left).toPrecision(4));
    const upwards = Number(frames.phase.yAt(event.clientY - box.top).toPrecision(4));
    const { h } = state.shown[state.chosen];
    if (isAllowed(across, step)) h[across.letter] = step;
    if (up.isStart) moveStart([upwards, ...state.start.slice(1)]);
    else if (isAllowed(up, upwards)) h[up.letter] = upwards;
    compute();
    rebuild();
  });
}

/** Two buttons of which one is pressed. */
function pair(name, ids) {
  Object.entries(ids).forEach(([value, id]) => $(id).addEventListener("click", () => {
    state[name] = value;
    draw();
  }));
}

function readFormula(event) {
  event.preventDefault();
  if (tryReading(() => setFormula($("text").value))) renew();
}

/** Read something with a formula in it; a refusal, or how it was read, is said beside the field. */
function tryReading(read) {
  let refusal = "";
  try {
    read();
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error;
    refusal = error.message;
  }
  $("refusal").textContent = refusal;
  $("reading").textContent = refusal ? "" : (state.objective.notes ?? []).join(" ");
  return !refusal;
}

function wire() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) $("speed").value = "2";
  dragStart();
  clickMap();
  pair("measure", MEASURES);
  pair("phase", PHASES);
  $("typed").addEventListener("submit", readFormula);
  $("original").addEventListener("click", () => { openingState(); tryReading(() => {}); $("text").value = ""; renew(); });
  $("back").addEventListener("click", () => { play(false); showStep(state.at - 1); });
  $("forward").addEventListener("click", () => { play(false); showStep(state.at + 1); });
  $("play").addEventListener("click", () => play(playing === null));
  $("speed").addEventListener("change", () => { if (playing !== null) play(true); });
  $("scrub").addEventListener("input", () => { play(false); showStep(Number($("scrub").value)); });
  $("steps").addEventListener("change", () => {
    const isAtEnd = state.at === state.steps;
    state.steps = readWhole($("steps").value, 1, 5000, state.steps);
    if (isAtEnd) state.at = state.steps;
    renew();
  });
  $("add").addEventListener("change", () => addMethod($("add").value));
  const told = (what) => { $("said").textContent = what; };
  $("as-python").addEventListener("click", () => copy(asPython()).then(() => told("Python copied.")));
  $("as-javascript").addEventListener("click", () => copy(asJavaScript()).then(() => told("JavaScript copied.")));
  $("as-csv").addEventListener("click", () => save(asCsv(runs), "text/csv", "symlab.csv"));
  $("as-png").addEventListener("click", () => savePicture(state.objective.names.length > 2 ? $("convergence") : $("place")));
  window.addEventListener("resize", draw);
  fitFrame();
  printByDay(() => { draw(); drawPhase(); });
  window.addEventListener("hashchange", () => { openAddress(); renew(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

/** Show what an address asks for; what cannot be read of it is said. */
function openAddress() {
  openingState();
  tryReading(() => readAddress(location.hash));
  $("text").value = state.text;
}

openAddress();
wire();
renew();
