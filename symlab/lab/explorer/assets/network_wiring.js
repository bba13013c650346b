// What the reader does on the page of a network, and what it changes.

/** A field for a whole number; what it may not be is put back. */
function wholeField(id, name, low, high, changed) {
  $(id).addEventListener("change", () => {
    state[name] = readWhole($(id).value, low, high(), state[name]);
    $(id).value = state[name] ?? "";
    changed();
  });
}

function wireFields() {
  const most = () => Number.MAX_SAFE_INTEGER;
  wholeField("batch", "batch", 1, () => TRAIN.length, renew);
  wholeField("seed", "seed", 0, most, renew);
  wholeField("order", "order", 0, most, renew);
  wholeField("steps", "steps", 1, () => MOST_STEPS, () => { state.at = Math.min(state.at, state.steps); renew(); });
  $("rule").addEventListener("change", () => {
    const method = METHODS[$("rule").value];
    Object.assign(state, { method, h: usualNumbersOf(method) });
    renew();
  });
  $("weight").addEventListener("change", () => { state.weight = Number($("weight").value); draw(); });
}

function wirePlayer() {
  $("back").addEventListener("click", () => { play(false); showStep(stepNow() - 1); });
  $("forward").addEventListener("click", () => { play(false); showStep(stepNow() + 1); });
  $("epoch").addEventListener("click", () => { play(false); showStep(stepNow() + stepsPerEpoch(training)); });
  $("play").addEventListener("click", () => play(playing === null));
  $("speed").addEventListener("change", () => { if (playing !== null) play(true); });
  $("scrub").addEventListener("input", () => { play(false); showStep(Number($("scrub").value)); });
}

function chooseWeight() {
  $("graph").addEventListener("click", (event) => {
    const box = $("graph").getBoundingClientRect();
    const weight = weightAt($("graph"), network, 2, [event.clientX - box.left, event.clientY - box.top]);
    if (!network.moving.includes(weight)) return;
    state.weight = weight;
    $("weight").value = weight;
    draw();
  });
}

function wireTaking() {
  const told = (what) => { $("said").textContent = what; };
  $("as-python").addEventListener("click", () => copy(asPython()).then(() => told("Python copied, with its points.")));
  $("as-javascript").addEventListener("click", () => copy(asJavaScript()).then(() => told("JavaScript copied: the network at this step.")));
  $("as-csv").addEventListener("click", () => save(asCsv(), "text/csv", "symlab.csv"));
  $("as-png").addEventListener("click", () => savePicture($("place")));
}

function wire() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) $("speed").value = "2";
  wireFields();
  wirePlayer();
  chooseWeight();
  wireTaking();
  $("table").addEventListener("toggle", tell);
  $("original").addEventListener("click", () => { play(false); openingState(); renew(); });
  window.addEventListener("resize", draw);
  fitFrame();
  printByDay(draw);
  window.addEventListener("hashchange", () => { play(false); openAddress(); renew(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

function openAddress() {
  openingState();
  readAddress(location.hash);
}

openAddress();
wire();
renew();
