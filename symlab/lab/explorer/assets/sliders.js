// A slider for a hyperparameter, with what is derived of it as marks that a click sets.

const POSITIONS = 1000;

/** The scale of a slider: even, or by powers of ten for numbers of any size. */
function scaleOf(hyper, [low, high]) {
  const byTens = low > 0 && high / low > 1000;
  const share = (number) => (byTens ? Math.log(number / low) / Math.log(high / low) : (number - low) / (high - low));
  const number = (part) => (byTens ? low * (high / low) ** part : low + part * (high - low));
  return { share: (each) => Math.min(Math.max(share(each), 0), 1), number: (part) => Number(number(part).toPrecision(4)) };
}

/** The numbers a slider spans where nothing is derived of them. */
function usualRange(hyper) {
  if (hyper.high !== null) return [hyper.openLow ? 0.001 : hyper.low, hyper.openHigh ? 0.999 * hyper.high : hyper.high];
  return hyper.openLow ? [1e-12, 1] : [0, Math.max(2, 2 * hyper.value)];
}

const usualStepRange = (hyper) => [hyper.value / 50, Math.max(10 * hyper.value, 0.5)];

/** A slider with its number and its marks; `changed` is told whether the reader has let go of it. */
function slider(hyper, { name, id, h, range, marks = [], band = null, changed }) {
  const scale = scaleOf(hyper, range);
  const set = (value, isFinal) => {
    if (!isAllowed(hyper, value)) return false;
    h[hyper.letter] = value;
    number.value = value;
    position.value = Math.round(POSITIONS * scale.share(value));
    changed(isFinal);
    return true;
  };
  const number = element("input", { type: "number", step: "any", value: h[hyper.letter], "aria-label": `${hyper.word} of ${name}, as a number`,
    onchange: () => { if (!set(Number(number.value), true)) number.value = h[hyper.letter]; } });
  const position = element("input", { type: "range", id, min: 0, max: POSITIONS, step: 1, value: Math.round(POSITIONS * scale.share(h[hyper.letter])),
    oninput: () => set(scale.number(position.value / POSITIONS), false), onchange: () => changed(true) });
  const buttons = marks.map(({ name, value }) => element("button", { type: "button", "data-mark": name, onclick: () => set(value, true) }, `${name} ${shortly(value)}`));
  return element("div", { class: "slider" },
    element("label", { for: id }, `${hyper.word.replace("_", " ")} ${hyper.symbol}`), number,
    element("div", { class: "track" }, trackOf(marks, band, scale), position),
    marks.length ? element("div", { class: "marks" }, ...buttons) : "");
}

/** What lies behind the slider: a stroke for each mark, and the stretch in which the 2-cycle attracts. */
function trackOf(marks, band, scale) {
  const space = "http://www.w3.org/2000/svg";
  const drawn = document.createElementNS(space, "svg");
  drawn.setAttribute("viewBox", "0 0 100 10");
  drawn.setAttribute("preserveAspectRatio", "none");
  drawn.setAttribute("aria-hidden", "true");
  const add = (tag, attributes) => {
    const shape = document.createElementNS(space, tag);
    Object.entries(attributes).forEach(([name, value]) => shape.setAttribute(name, value));
    drawn.append(shape);
  };
  if (band) add("rect", { x: 100 * scale.share(band.start), y: 2.5, width: 100 * (scale.share(band.end) - scale.share(band.start)), height: 5 });
  for (const { value } of marks) add("line", { x1: 100 * scale.share(value), x2: 100 * scale.share(value), y1: 1, y2: 9, "vector-effect": "non-scaling-stroke" });
  return drawn;
}
