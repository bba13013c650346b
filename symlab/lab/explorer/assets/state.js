// What is shown, and how it stands in the address: everything that a link must bring back.

const MOST_SHOWN = 6;

const MEASURES = { gradient: "by-gradient", value: "by-value" };
const PHASES = { start: "by-start", number: "by-number" };

const state = {
  objective: GIVEN,
  text: "",
  start: [...GIVEN.start],
  shown: [],
  chosen: 0,
  steps: 50,
  at: 50,
  measure: "gradient",
  phase: "start",
};

/** The state a page opens with. */
function openingState() {
  state.objective = GIVEN;
  state.text = "";
  state.start = [...GIVEN.start];
  state.shown = SHOWN.map(({ name, h, set }) => ({ method: METHODS[name], h: usualNumbers(GIVEN, METHODS[name], GIVEN.start, h, set) }));
  Object.assign(state, { chosen: 0, steps: 50, at: 50, measure: "gradient", phase: "start" });
}

function addressOf() {
  const words = new URLSearchParams();
  if (state.text) words.set("f", state.text);
  words.set("start", state.start.join(","));
  words.set("steps", state.steps);
  words.set("at", state.at);
  words.set("chosen", state.chosen);
  for (const { method, h } of state.shown) words.append("run", textOfRun(method, h));
  if (state.measure !== "gradient") words.set("measure", state.measure);
  if (state.phase !== "start") words.set("phase", state.phase);
  return `#${words}`;
}

/** Take from an address what can be read of it; the rest stays. */
function readAddress(address) {
  const words = new URLSearchParams(address.replace(/^#/, ""));
  const text = words.get("f");
  if (text) setFormula(text);
  const start = (words.get("start") || "").split(",").map(Number);
  if (start.length === state.objective.names.length && allFinite(start) && words.get("start")) state.start = start;
  const shown = words.getAll("run").map(readRun).filter(Boolean).slice(0, MOST_SHOWN);
  if (shown.length) state.shown = shown;
  state.steps = readWhole(words.get("steps"), 1, 5000, state.steps);
  state.at = readWhole(words.get("at"), 0, state.steps, state.steps);
  if (Object.hasOwn(MEASURES, words.get("measure"))) state.measure = words.get("measure");
  if (Object.hasOwn(PHASES, words.get("phase"))) state.phase = words.get("phase");
  state.chosen = readWhole(words.get("chosen"), 0, state.shown.length - 1, 0);
}

function setFormula(text) {
  const objective = typedObjective(text);
  state.objective = objective;
  state.text = text;
  if (state.start.length !== objective.names.length || !Number.isFinite(objective.value(state.start))) state.start = [...objective.start];
  state.shown = state.shown.map(({ method }) => ({ method, h: usualNumbers(objective, method, state.start) }));
}
