// A network as a graph: a unit for each circle of the book, with what it gives over the plane inside it,
// and an edge for each weight, as wide as the weight is large, solid where it is positive and dashed where not.

const MOST_NUMBERED = 24;
const SHARES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8];

/** Where the units stand: places[layer][unit] = [x, y], and the side of their squares. */
function placesOfUnits(layers, inputs, width, height) {
  const counts = [inputs, ...layers.map(({ units }) => units)];
  const side = Math.min(46, (0.62 * height) / Math.max(...counts), (0.42 * width) / counts.length);
  const margin = side / 2 + 12;
  const x = (layer) => margin + ((width - 2 * margin) * layer) / (counts.length - 1);
  const y = (unit, count) => (height * (unit + 0.5)) / count;
  return { side, places: counts.map((count, layer) => Array.from({ length: count }, (_, unit) => [x(layer), y(unit, count) - 5])) };
}

/** Every weight between units as an edge: from where to where, and its place among the weights. */
function edgesOf(layers, places) {
  return layers.flatMap(({ inputs, units, kernel }, layer) => Array.from({ length: inputs * units }, (_, each) => {
    const [i, j] = [Math.floor(each / units), each % units];
    return { from: places[layer][i], to: places[layer + 1][j], weight: kernel + each };
  }));
}

function drawGraph(canvas, { network, weights, fields, chosen }) {
  const { pen, width, height } = frameOf(canvas, [0, 1], [0, 1]);
  const { side, places } = placesOfUnits(network.layers, fields[0].length, width, height);
  const edges = edgesOf(network.layers, places);
  const largest = Math.max(...edges.map(({ weight }) => Math.abs(weights[weight])), 1e-300);
  for (const edge of edges) drawEdge(pen, edge, weights[edge.weight], largest, edge.weight === chosen);
  places.forEach((units, layer) => units.forEach((place, unit) => drawUnit(pen, place, side, fields[layer][unit], biasText(network.layers[layer - 1], weights, unit))));
  if (edges.length <= MOST_NUMBERED) drawNumbers(pen, edges, weights, places.flat().map(([x, y]) => [x - side / 2, y - side / 2, side, side + 16]));
}

function drawEdge(pen, { from, to }, weight, largest, isChosen) {
  pen.save();
  pen.strokeStyle = colour(weight < 0 ? "c0" : "c1");
  pen.lineWidth = 0.6 + (6.4 * Math.abs(weight)) / largest;
  pen.setLineDash(weight < 0 ? [6, 5] : []);
  pen.globalAlpha = isChosen ? 1 : 0.7;
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
  if (isChosen) {
    Object.assign(pen, { strokeStyle: colour("ink"), lineWidth: 1 });
    pen.setLineDash([]);
    pen.stroke();
  }
  pen.restore();
}

/** The weights as numbers, each on its edge where it covers nothing else; where there is no such place it is left to the table. */
function drawNumbers(pen, edges, weights, taken) {
  pen.save();
  Object.assign(pen, { font: "11px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
  for (const { from, to, weight } of edges) {
    const text = decimal(weights[weight], 3);
    const [width, height] = [pen.measureText(text).width + 4, 14];
    const boxes = SHARES.map((share) => blend(from, to, share)).map(([x, y]) => [x - width / 2, y - height / 2, width, height]);
    const box = boxes.find((each) => taken.every((other) => areApart(each, other)));
    if (!box) continue;
    taken.push(box);
    pen.fillStyle = colour("paper");
    pen.fillRect(...box);
    pen.fillStyle = colour("ink");
    pen.fillText(text, box[0] + width / 2, box[1] + height / 2);
  }
  pen.restore();
}

const areApart = ([x, y, width, height], [left, top, across, down]) => x + width < left || left + across < x || y + height < top || top + down < y;

const biasText = (layer, weights, unit) => (layer && layer.bias !== null ? decimal(weights[layer.bias + unit], 3) : "");

function drawUnit(pen, [x, y], side, field, text) {
  const [left, top] = [x - side / 2, y - side / 2];
  pen.save();
  pen.drawImage(unitPicture(field), left, top, side, side);
  Object.assign(pen, { strokeStyle: colour("ink"), lineWidth: 1.5 });
  pen.strokeRect(left, top, side, side);
  Object.assign(pen, { font: "11px system-ui, sans-serif", textAlign: "center", textBaseline: "top", fillStyle: colour("ink") });
  pen.fillText(text, x, top + side + 3);
  pen.restore();
}

/** The edge nearest to a place on the canvas, by its weight. */
function weightAt(canvas, network, inputs, [x, y]) {
  const { places } = placesOfUnits(network.layers, inputs, canvas.clientWidth, canvas.clientHeight);
  const distance = ({ from, to }) => {
    const way = along(to, -1, from);
    const share = Math.min(Math.max(dot(along([x, y], -1, from), way) / dot(way, way), 0), 1);
    return norm(along([x, y], -1, along(from, share, way)));
  };
  return edgesOf(network.layers, places).reduce((best, edge) => (distance(edge) < distance(best) ? edge : best)).weight;
}

/** The loss of each batch, thin, and its mean over each epoch, thick; the step shown is a line. */
function drawLosses(canvas, { training, at, steps }) {
  const { losses } = training;
  const [, high] = spread([0, ...losses], 0.06);
  const frame = frameOf(canvas, [0, Math.max(1, steps)], [0, high > 0 ? high : 1]);
  drawAxes(frame, { xName: "step", yName: "loss" });
  inside(frame, () => {
    drawLine(frame, losses.map((loss, k) => [k, loss]), { stroke: colour("c2"), width: 1, alpha: 0.55 });
    drawLine(frame, epochMeans(training), { stroke: colour("ink"), width: 2.25 });
    drawLine(frame, [[at, 0], [at, frame.yHigh]], { stroke: colour("quiet"), width: 1, dash: [3, 3] });
  });
  return frame;
}
