// The plane of a network: what it says everywhere, behind the points that it learns from.

const GRID = [60, 44];

/** A part of the plane that holds all points. */
const viewOfRows = (rows) => [0, 1].map((i) => spread(rows.map(({ point }) => point[i]), 0.06));

/** What every unit gives on a grid: fields[layer][unit][column][row]; the first layer is the point itself. */
function fieldsOf(network, weights, view) {
  const [columns, rows] = GRID;
  const fields = [{ units: view.length }, ...network.layers].map(({ units }) => Array.from({ length: units }, () => Array.from({ length: columns + 1 }, () => new Array(rows + 1))));
  const at = ([low, high], i, count) => low + ((high - low) * i) / count;
  for (let i = 0; i <= columns; i += 1) {
    for (let j = 0; j <= rows; j += 1) {
      const { values } = forward(network.layers, weights, [at(view[0], i, columns), at(view[1], j, rows)]);
      values.forEach((layer, place) => layer.forEach((value, unit) => { fields[place][unit][i][j] = value; }));
    }
  }
  return fields;
}

/** Red, green and blue of one of the page's colours. */
function partsOf(name) {
  const text = colour(name).replace("#", "");
  return [0, 2, 4].map((at) => parseInt(text.slice(at, at + 2), 16));
}

const blend = (one, other, share) => one.map((each, i) => each + share * (other[i] - each));

/** A field as a small picture, from a function that gives a value's colour. */
function pictureOf(field, colourOf) {
  const [width, height] = [field.length, field[0].length];
  const picture = element("canvas", { width, height });
  const pen = picture.getContext("2d");
  const image = pen.createImageData(width, height);
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j < height; j += 1) image.data.set([...colourOf(i, j).map(Math.round), 255], 4 * ((height - 1 - j) * width + i));
  }
  pen.putImageData(image, 0, 0);
  return picture;
}

/** The colour of a unit: that of class 0 where it gives little, that of class 1 where it gives much. */
function unitPicture(field) {
  const finite = field.flat().filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const [less, more, ground] = ["c0", "c1", "paper"].map(partsOf);
  return pictureOf(field, (i, j) => {
    const share = high > low ? (2 * (field[i][j] - low)) / (high - low) - 1 : 0;
    return blend(ground, share < 0 ? less : more, 0.15 + 0.7 * Math.abs(share));
  });
}

/** The colour of the class at each place, paler where the network is less sure. */
function classPicture(network, outputs) {
  const ground = partsOf("paper");
  const classes = Array.from({ length: Math.max(2, outputs.length) }, (_, i) => partsOf(`c${i}`));
  return pictureOf(outputs[0], (i, j) => {
    const values = outputs.map((field) => field[i][j]);
    return blend(ground, classes[classOf(network, values)], 0.1 + 0.4 * sureness(network, values));
  });
}

function sureness({ threshold }, values) {
  if (values.length === 1) return Math.min(1, 2 * Math.abs(values[0] - threshold));
  const [first, second] = [...values].sort((one, other) => other - one);
  return Math.min(1, Math.max(0, first - second));
}

/** Points, classes and the line between them; those for testing hollow, those in the wrong class ringed. */
function drawBoundary(canvas, { network, weights, fields, view, train, test }) {
  const frame = frameOf(canvas, view[0], view[1]);
  const outputs = fields[fields.length - 1];
  inside(frame, () => {
    const { inner, pen } = frame;
    pen.imageSmoothingEnabled = true;
    pen.drawImage(classPicture(network, outputs), inner.left, inner.top, inner.right - inner.left, inner.bottom - inner.top);
    if (outputs.length === 1) drawPieces(frame, levelPieces(gridFrom(outputs[0], view), network.threshold), { stroke: colour("ink"), width: 2 });
    for (const [rows, hollow] of [[train, false], [test, true]]) drawRows(frame, network, weights, rows, hollow);
  });
  drawAxes(frame, { xName: "x₁", yName: "x₂", grid: false, isPlated: true });
  return frame;
}

const gridFrom = (heights, [[xLow, xHigh], [yLow, yHigh]]) => ({
  heights,
  x: (i) => xLow + ((xHigh - xLow) * i) / (heights.length - 1),
  y: (j) => yLow + ((yHigh - yLow) * j) / (heights[0].length - 1),
});

/** Points by class, in one stroke for each class, and rings around those in the wrong one. */
function drawRows(frame, network, weights, rows, hollow) {
  const { pen } = frame;
  const placed = rows.map(({ point, target }) => {
    const { values } = forward(network.layers, weights, point);
    const kind = classOf(network, target);
    return { kind, x: frame.x(point[0]), y: frame.y(point[1]), isWrong: classOf(network, values[values.length - 1]) !== kind };
  });
  const pathOf = (chosen, shape, size) => new Path2D(chosen.map(({ x, y }) => markerPath(shape, x, y, size)).join(""));
  for (const kind of new Set(placed.map((each) => each.kind))) {
    const own = colour(`c${kind}`);
    const path = pathOf(placed.filter((each) => each.kind === kind), MARKERS[kind], 2.6);
    Object.assign(pen, { fillStyle: hollow ? colour("paper") : own, strokeStyle: own, lineWidth: 1 });
    pen.fill(path);
    pen.stroke(path);
  }
  Object.assign(pen, { strokeStyle: colour("ink"), lineWidth: 0.75 });
  pen.stroke(pathOf(placed.filter(({ isWrong }) => isWrong), "circle", 5.5));
}
