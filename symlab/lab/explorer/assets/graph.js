// A network as a graph: a unit for each circle of the book, with what it gives over the plane inside it,
// and an edge for each weight, as wide as the weight is large, solid where it is positive and dashed where not.

const MOST_NUMBERED = 24;

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
    return { from: places[layer][i], to: places[layer + 1][j], weight: kernel + each, share: 0.28 + (0.46 * (i + 0.5)) / inputs };
  }));
}

function drawGraph(canvas, { network, weights, fields, chosen }) {
  const { pen, width, height } = frameOf(canvas, [0, 1], [0, 1]);
  const { side, places } = placesOfUnits(network.layers, fields[0].length, width, height);
  const edges = edgesOf(network.layers, places);
  const largest = Math.max(...edges.map(({ weight }) => Math.abs(weights[weight])), 1e-300);
  for (const edge of edges) drawEdge(pen, edge, weights[edge.weight], largest, edge.weight === chosen);
  if (edges.length <= MOST_NUMBERED) for (const edge of edges) drawNumber(pen, edge, weights[edge.weight]);
  places.forEach((units, layer) => units.forEach((place, unit) => drawUnit(pen, place, side, fields[layer][unit], biasText(network.layers[layer - 1], weights, unit))));
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

function drawNumber(pen, { from, to, share }, weight) {
  const [x, y] = blend(from, to, share);
  const text = decimal(weight, 3);
  pen.save();
  Object.assign(pen, { font: "11px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
  const half = pen.measureText(text).width / 2 + 2;
  pen.fillStyle = colour("paper");
  pen.globalAlpha = 0.85;
  pen.fillRect(x - half, y - 7, 2 * half, 14);
  pen.globalAlpha = 1;
  pen.fillStyle = colour("ink");
  pen.fillText(text, x, y);
  pen.restore();
}

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
