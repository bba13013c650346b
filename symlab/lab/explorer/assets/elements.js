// Elements of the page: made, and named by their id.

const $ = (id) => document.getElementById(id);

/** An element with attributes, children and text. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick" || name === "oninput" || name === "onchange") made[name] = value;
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** On paper the pictures are those of the day. */
function printByDay(draw) {
  const day = (isOn) => () => { document.documentElement.toggleAttribute("data-day", isOn); draw(); };
  window.addEventListener("beforeprint", day(true));
  window.addEventListener("afterprint", day(false));
}

/** Inside another page, as in a notebook, the frame is as high as what stands in it. */
function fitFrame() {
  const frame = location.protocol === "about:" ? window.frameElement : null;
  if (!frame) return;
  const fit = () => { frame.style.height = `${Math.ceil(document.documentElement.getBoundingClientRect().height)}px`; };
  new ResizeObserver(fit).observe(document.body);
}

/** A marker as a small picture, for the legend. */
function markerPicture(index) {
  const space = "http://www.w3.org/2000/svg";
  const drawn = document.createElementNS(space, "svg");
  drawn.setAttribute("viewBox", "0 0 16 16");
  drawn.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", markerPath(MARKERS[index], 8, 8, 5));
  drawn.append(path);
  return drawn;
}
