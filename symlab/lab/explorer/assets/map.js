// The map of what numbers do: how many steps a run takes for each step size and start, or another number.

const CELLS = [44, 30];
const MAP_STEPS = 200;
const [STAYS, DIVERGES] = [-1, -2];
const SLICE = 30;
let mapWaiting = 0;
let mapKnown = { key: null };

/** The first number of a method that lies between 0 and 1, such as its momentum. */
const secondNumber = (method) => method.hyperparameters.find(({ letter, high }) => letter !== method.stepSize && high === 1);

/** What the two axes of the map are: the step size across, and a start or another number upwards. */
function mapAxes({ objective, chosen, runs, view, start }, phase) {
  const { method, h } = runs[chosen];
  const across = method.hyperparameters.find(({ letter }) => letter === method.stepSize);
  if (!across) return null;
  const second = secondNumber(method);
  const byStart = phase === "start" || !second;
  return {
    across: { ...across, range: sliderRange(objective, method, h, across, start) },
    up: byStart ? { symbol: objective.symbols[0], word: "start", range: view[0], isStart: true } : { ...second, range: [0, 0.999] },
  };
}

/** A column of the map: how many steps a run takes from each start, or with each pair of numbers. */
function mapColumn({ objective, chosen, runs, start }, axes, i) {
  const { method, h } = runs[chosen];
  const [columns, rows] = CELLS;
  const at = ([low, high], place, count) => low + ((high - low) * (place + 0.5)) / count;
  return Array.from({ length: rows }, (_, j) => {
    const numbers = { ...h, [method.stepSize]: at(axes.across.range, i, columns) };
    const upwards = at(axes.up.range, j, rows);
    const from = axes.up.isStart ? [upwards, ...start.slice(1)] : start;
    if (!axes.up.isStart) numbers[axes.up.letter] = upwards;
    const { rows: found, status } = run(objective, method, numbers, from, MAP_STEPS, 1e-6);
    return status === "converged" ? found.length - 1 : status === "diverged" ? DIVERGES : STAYS;
  });
}

function drawMap(canvas, shown, axes, cells) {
  const frame = frameOf(canvas, axes.across.range, axes.up.range);
  const { pen, inner } = frame;
  const [columns, rows] = CELLS;
  const [width, height] = [(inner.right - inner.left) / columns, (inner.bottom - inner.top) / rows];
  cells.forEach((column, i) => column.forEach((steps, j) => {
    pen.fillStyle = mapColour(steps);
    pen.fillRect(inner.left + i * width, inner.bottom - (j + 1) * height, width + 0.6, height + 0.6);
  }));
  const named = ({ word, symbol }) => `${word.replace("_", " ")} ${symbol}`;
  drawAxes(frame, { grid: false, xName: named(axes.across), yName: named(axes.up), isPlated: true });
  const { h, method } = shown.runs[shown.chosen];
  const here = [h[method.stepSize], axes.up.isStart ? shown.start[0] : h[axes.up.letter]];
  inside(frame, () => {
    const [x, y] = [frame.x(here[0]), frame.y(here[1])];
    for (const [stroke, lineWidth] of [["#000", 5], ["#fff", 2]]) {
      Object.assign(pen, { strokeStyle: stroke, lineWidth });
      pen.beginPath();
      pen.moveTo(x - 9, y); pen.lineTo(x + 9, y); pen.moveTo(x, y - 9); pen.lineTo(x, y + 9);
      pen.stroke();
    }
  });
  return frame;
}

/** Few steps are light, many dark; grey stays, and the darkest grey explodes. */
function mapColour(steps) {
  if (steps === DIVERGES) return "#3a3a3e";
  if (steps === STAYS) return "#9b9ba1";
  const share = Math.log(1 + steps) / Math.log(1 + MAP_STEPS);
  const ends = [[253, 231, 37], [33, 145, 140], [68, 1, 84]];
  const [one, other, part] = share < 0.5 ? [ends[0], ends[1], share * 2] : [ends[1], ends[2], share * 2 - 1];
  return `rgb(${one.map((each, i) => Math.round(each + part * (other[i] - each))).join(" ")})`;
}

/** What a map depends on, as a text. */
function keyOfMap({ objective, runs, chosen, start }, axes) {
  const { method, h } = runs[chosen];
  const varied = [method.stepSize, axes.up.letter];
  const fixed = Object.entries(h).filter(([letter]) => !varied.includes(letter));
  return JSON.stringify([objective.formula, method.name, fixed, axes.across.range, axes.up.range, axes.up.isStart ? start.slice(1) : start]);
}

/** Compute some columns more, and draw; the rest follows when the page has had time for its reader. */
function drawPhase() {
  const shown = shownNow();
  const axes = mapAxes(shown, state.phase);
  $("phase").parentElement.hidden = !axes;
  if (!axes) return;
  const key = keyOfMap(shown, axes);
  if (mapKnown.key !== key) mapKnown = { key, cells: [] };
  const until = performance.now() + SLICE;
  while (mapKnown.cells.length < CELLS[0] && performance.now() < until) mapKnown.cells.push(mapColumn(shown, axes, mapKnown.cells.length));
  frames.phase = drawMap($("phase"), shown, axes, mapKnown.cells);
  frames.axes = axes;
  tellPhase(shown.runs[shown.chosen].method, axes);
  if (mapKnown.cells.length < CELLS[0]) mapWaiting = setTimeout(drawPhase, 0);
}

function tellPhase(method, axes) {
  $("phase-caption").textContent = `${axes.up.word.replace("_", " ")} ${axes.up.symbol} upwards, step size ${axes.across.symbol} across: few steps are light, many dark, grey does not end in ${MAP_STEPS}, black diverges. A click sets both.`;
  const second = secondNumber(method);
  $("varied").hidden = !second;
  if (second) $("by-number").textContent = second.word.replace("_", " ");
}
