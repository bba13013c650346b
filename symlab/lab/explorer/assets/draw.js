// Drawing on a canvas: a frame with axes, lines, markers, and the colours of the page.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A canvas at the screen's own resolution, with scales from numbers to pixels. */
function frameOf(canvas, [xLow, xHigh], [yLow, yHigh], margins = { left: 52, right: 12, top: 12, bottom: 26 }) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = "12px system-ui, sans-serif";
  const inner = { left: margins.left, right: width - margins.right, top: margins.top, bottom: height - margins.bottom };
  const bounded = (pixel) => Math.min(Math.max(pixel, -20000), 20000);
  return {
    pen, width, height, inner, xLow, xHigh, yLow, yHigh,
    x: (number) => bounded(inner.left + ((number - xLow) / (xHigh - xLow)) * (inner.right - inner.left)),
    y: (number) => bounded(inner.bottom - ((number - yLow) / (yHigh - yLow)) * (inner.bottom - inner.top)),
    xAt: (pixel) => xLow + ((pixel - inner.left) / (inner.right - inner.left)) * (xHigh - xLow),
    yAt: (pixel) => yLow + ((inner.bottom - pixel) / (inner.bottom - inner.top)) * (yHigh - yLow),
  };
}

/** Round numbers between two ends, about so many. */
function ticks(low, high, count = 6) {
  const rough = (high - low) / count;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const width = [1, 2, 5, 10].map((each) => each * ten).find((each) => each >= rough);
  const first = Math.ceil(low / width);
  return Array.from({ length: Math.max(0, Math.floor(high / width) - first + 1) }, (_, i) => (first + i) * width);
}

function drawAxes(frame, { xName = "", yName = "", yText = (y) => decimal(y, 3), xText = (x) => decimal(x, 3), yTicks = null, grid = true, isPlated = false } = {}) {
  const { pen, inner } = frame;
  pen.save();
  pen.lineWidth = 1;
  pen.strokeStyle = colour("line");
  pen.fillStyle = colour("quiet");
  pen.textBaseline = "middle";
  const lines = grid ? 1 : 0.4;
  pen.globalAlpha = lines;
  const down = yTicks || ticks(frame.yLow, frame.yHigh, Math.max(2, (inner.bottom - inner.top) / 45));
  const across = ticks(frame.xLow, frame.xHigh, Math.max(2, (inner.right - inner.left) / 75));
  pen.beginPath();
  for (const y of down) { pen.moveTo(inner.left, frame.y(y)); pen.lineTo(inner.right, frame.y(y)); }
  for (const x of across) { pen.moveTo(frame.x(x), inner.top); pen.lineTo(frame.x(x), inner.bottom); }
  pen.stroke();
  pen.globalAlpha = 1;
  pen.textAlign = "right";
  for (const y of down) pen.fillText(yText(y), inner.left - 6, frame.y(y));
  pen.textAlign = "center";
  for (const x of across) {
    const half = pen.measureText(xText(x)).width / 2;
    pen.fillText(xText(x), Math.min(frame.x(x), frame.width - half - 1), inner.bottom + 13);
  }
  drawName(pen, xName, inner.right - pen.measureText(xName).width - 4, inner.bottom - 9, isPlated);
  drawName(pen, yName, inner.left + 5, inner.top + 8, isPlated);
  pen.restore();
}

/** The name of an axis, on a plate where what lies behind it is coloured. */
function drawName(pen, text, x, y, isPlated) {
  pen.textAlign = "left";
  if (isPlated && text) {
    pen.fillStyle = colour("paper");
    pen.fillRect(x - 3, y - 8, pen.measureText(text).width + 6, 16);
    pen.fillStyle = colour("quiet");
  }
  pen.fillText(text, x, y);
}

/** Keep what is drawn next inside the axes. */
function inside(frame, draw) {
  const { pen, inner } = frame;
  pen.save();
  pen.beginPath();
  pen.rect(inner.left, inner.top, inner.right - inner.left, inner.bottom - inner.top);
  pen.clip();
  draw();
  pen.restore();
}

/** A line through points given in numbers; a point that is no number ends a piece of it. */
function drawLine(frame, points, { stroke = colour("ink"), width = 1.5, dash = [], alpha = 1 } = {}) {
  const { pen } = frame;
  pen.save();
  Object.assign(pen, { strokeStyle: stroke, lineWidth: width, globalAlpha: alpha, lineJoin: "round" });
  pen.setLineDash(dash);
  pen.beginPath();
  let isDown = false;
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) isDown = false;
    else if (isDown) pen.lineTo(frame.x(x), frame.y(y));
    else { pen.moveTo(frame.x(x), frame.y(y)); isDown = true; }
  }
  pen.stroke();
  pen.restore();
}

/** The outline of a marker around a place in pixels, one for each method. */
function markerPath(kind, x, y, r) {
  const corners = {
    square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
    triangle: [[0, -1.25], [1.15, 0.85], [-1.15, 0.85]],
    diamond: [[0, -1.4], [1.4, 0], [0, 1.4], [-1.4, 0]],
    cross: [[-1.1, -0.6], [-0.6, -1.1], [0, -0.5], [0.6, -1.1], [1.1, -0.6], [0.5, 0], [1.1, 0.6], [0.6, 1.1], [0, 0.5], [-0.6, 1.1], [-1.1, 0.6], [-0.5, 0]],
    plus: [[-0.4, -1.3], [0.4, -1.3], [0.4, -0.4], [1.3, -0.4], [1.3, 0.4], [0.4, 0.4], [0.4, 1.3], [-0.4, 1.3], [-0.4, 0.4], [-1.3, 0.4], [-1.3, -0.4], [-0.4, -0.4]],
  }[kind];
  if (!corners) return `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`;
  return `M${corners.map(([u, v]) => `${x + r * u},${y + r * v}`).join("L")}Z`;
}

function drawMarkers(frame, points, index, { radius = 3.2, alpha = 1, hollow = false } = {}) {
  const { pen } = frame;
  pen.save();
  const own = colour(`c${index}`);
  Object.assign(pen, { fillStyle: hollow ? colour("paper") : own, strokeStyle: hollow ? own : colour("paper"), lineWidth: hollow ? 2 : 0.75, globalAlpha: alpha });
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    const path = new Path2D(markerPath(MARKERS[index], frame.x(x), frame.y(y), radius));
    pen.fill(path);
    pen.stroke(path);
  }
  pen.restore();
}

/** Two ends that hold all finite numbers, with some room beyond. */
function spread(numbers, room = 0.08) {
  const finite = numbers.filter(Number.isFinite);
  if (!finite.length) return [-1, 1];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const width = high - low || Math.abs(high) || 1;
  return [low - room * width, high + room * width];
}
