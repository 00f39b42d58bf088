/** Geometries on a map of our own: SVG over a grid with the names of towns, no tiles from elsewhere. */

import { isGeometry, isNumber, linked, textOf } from "./cells.js";
import { element, svg } from "./dom.js";
import { number, say } from "./words.js";
import { shapesOf } from "./wkt.js";

const WIDEST = 720;
const LOWEST = 300;
const HIGHEST = 620;
const MARGIN = 26;
const DEGREE = 111_320; // metres of latitude
const MOST = 5000; // shapes that are drawn
const FINEST = 2000; // points of a line that are drawn
const STEPS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const METRES = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 500_000];
const SEEN = 5; // values of a row that are shown for a place
const SLACK = 4; // pixels

/** Every shape in an answer, with the row that it stands in. */
export function places({ head, results }) {
  const [latitude, longitude] = [/^lat(itude)?$/i, /^(long?|lng|longitude)$/i].map((one) =>
    head.vars.find((name) => one.test(name)),
  );
  return results.bindings.flatMap((row) => {
    const terms = head.vars.map((name) => row[name]).filter(isGeometry);
    const shapes = terms.flatMap((term) => shapesOf(term.value));
    const pair = [row[longitude], row[latitude]];
    if (!terms.length && pair.every(isNumber))
      shapes.push({ kind: "dot", points: [pair.map((term) => Number(term.value))] });
    return shapes.map((shape) => ({ ...shape, row }));
  });
}

/** A figure as wide as there is room; a click on a place tells its row, and zooming then keeps to it. */
export function map(found, { head }, vocabulary, towns, room) {
  const shapes = found.slice(0, MOST);
  const told = element("p", { class: "chosen-place", "aria-live": "polite" });
  const picture = svg("svg", { class: "map", "aria-hidden": "true", focusable: "false" });
  const view = new View(
    frameOf(
      shapes.flatMap((shape) => shape.points),
      Math.min(room, WIDEST),
    ),
    draw,
  );
  function choose({ row, points }) {
    view.centre = [0, 1].map((at) => middle(points.map((point) => point[at])));
    told.replaceChildren(...described(row, head.vars, vocabulary));
  }
  function draw(frame, zoomed) {
    picture.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
    picture.classList.toggle("zoomed", zoomed);
    const ground = svg("rect", { class: "ground", width: frame.width, height: frame.height });
    const drawn = shapes.map((shape) => shapeOf(shape, frame, choose, head.vars, vocabulary));
    picture.replaceChildren(ground, ...grid(frame), ...names(frame, towns), ...drawn, ...measure(frame));
  }
  drag(picture, (x, y) => view.move(x, y, picture.clientWidth));
  const caption = element("figcaption", {}, say("mapNote", number(found.length)));
  return element("figure", { class: "map" }, controls(view), picture, told, caption);
}

function described(row, variables, vocabulary) {
  const shown = variables.filter((name) => row[name] && !isGeometry(row[name])).slice(0, SEEN);
  return shown.flatMap((name) => [element("strong", {}, name), " ", linked(row[name], vocabulary), " "]);
}

/** What part of the world is seen. */
class View {
  /** A place that zooming keeps to, instead of the middle. */
  centre = null;
  #first;
  #frame;
  #draw;

  constructor(first, draw) {
    this.#first = first;
    this.#draw = draw;
    this.show(first);
  }

  show(frame) {
    this.#frame = frame;
    this.#draw(frame, frame !== this.#first);
  }

  whole() {
    this.show(this.#first);
  }

  zoom(factor) {
    const frame = this.#frame;
    this.show({ ...frame, scale: frame.scale * factor, middle: this.centre ?? frame.middle });
  }

  move(x, y, wide) {
    const {
      scale,
      middle: [longitude, latitude],
      squeeze,
      width,
    } = this.#frame;
    const pixels = scale * (wide / width);
    this.centre = null;
    this.show({ ...this.#frame, middle: [longitude - x / pixels / squeeze, latitude + y / pixels] });
  }
}

/** How degrees become places on the picture: as in server/pages/maps.py. */
function frameOf(points, width) {
  const [west, east] = bounds(points.map(([x]) => x));
  const [south, north] = bounds(points.map(([, y]) => y));
  const centre = [(west + east) / 2, (south + north) / 2];
  const squeeze = Math.max(Math.cos((centre[1] * Math.PI) / 180), 0.01);
  const wide = Math.max((east - west) * squeeze, 0.01);
  const tall = Math.max(north - south, 0.005);
  const scale = Math.min((width - 2 * MARGIN) / wide, (HIGHEST - 2 * MARGIN) / tall);
  return {
    middle: centre,
    squeeze,
    scale,
    width,
    height: Math.round(Math.max(LOWEST, tall * scale + 2 * MARGIN)),
  };
}

const middle = (values) => bounds(values).reduce((low, high) => (low + high) / 2);

function bounds(values) {
  return values.reduce(
    ([low, high], one) => [Math.min(low, one), Math.max(high, one)],
    [Infinity, -Infinity],
  );
}

const xOf = (frame, longitude) =>
  frame.width / 2 + (longitude - frame.middle[0]) * frame.squeeze * frame.scale;
const yOf = (frame, latitude) => frame.height / 2 - (latitude - frame.middle[1]) * frame.scale;
const thinned = (ring) => ring.filter((_, at) => at % Math.ceil(ring.length / FINEST) === 0);
const placed = (frame, [x, y]) => `${xOf(frame, x).toFixed(1)} ${yOf(frame, y).toFixed(1)}`;

function shapeOf(shape, frame, choose, variables, vocabulary) {
  const { kind, points, rings, row } = shape;
  const name = variables.map((one) => row[one]).find((term) => term?.type === "literal" && !isGeometry(term));
  const title = svg("title", {}, textOf(name, vocabulary));
  const click = () => choose(shape);
  if (kind === "dot") {
    const [[x, y]] = points;
    return svg("circle", { class: kind, cx: xOf(frame, x), cy: yOf(frame, y), r: 5, click }, title);
  }
  const path = (rings ?? [points]).map(
    (ring) =>
      `M${thinned(ring)
        .map((point) => placed(frame, point))
        .join("L")}`,
  );
  const d = path.join(rings ? "Z" : "");
  return svg("path", { class: kind, d, "fill-rule": "evenodd", click }, title);
}

function grid(frame) {
  const span = (frame.width - 2 * MARGIN) / frame.scale;
  const step = STEPS.find((one) => span / one <= 6) ?? 20;
  const [longitude, latitude] = frame.middle.map((one) => Math.floor(one / step) * step);
  const lines = [];
  for (let count = -14; count <= 14; count++) {
    const x = xOf(frame, longitude + count * step * 2).toFixed(1);
    const y = yOf(frame, latitude + count * step).toFixed(1);
    lines.push(`M${x} 0V${frame.height}M0 ${y}H${frame.width}`);
  }
  return [svg("path", { class: "grid", d: lines.join("") })];
}

function names(frame, towns) {
  const shown = [];
  return towns.flatMap(([name, longitude, latitude]) => {
    const [x, y] = [xOf(frame, longitude), yOf(frame, latitude)];
    const inside = x > 8 && x < frame.width - 90 && y > 14 && y < frame.height - 24;
    if (!inside || shown.some(([a, b]) => Math.abs(x - a) <= 92 && Math.abs(y - b) <= 22)) return [];
    shown.push([x, y]);
    const dot = svg("circle", { class: "town", cx: x, cy: y, r: 2 });
    return [dot, svg("text", { class: "town", x: x + 5, y: y + 4 }, name)];
  });
}

/** A bar that says how long so many metres are. */
function measure(frame) {
  const pixel = DEGREE / frame.scale;
  const metres = METRES.findLast((one) => one / pixel <= frame.width / 4) ?? METRES[0];
  const text = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  const length = metres / pixel;
  const bar = svg("path", { class: "measure", d: `M12 ${frame.height - 17}v5h${length.toFixed(1)}v-5` });
  return [bar, svg("text", { class: "measure", x: length + 18, y: frame.height - 12 }, text)];
}

function controls(view) {
  const button = (name, sign, click) =>
    element(
      "button",
      { type: "button", class: "quiet", "aria-label": say(name), title: say(name), click },
      sign,
    );
  return element(
    "div",
    { class: "zoom" },
    button("zoomIn", "+", () => view.zoom(1.6)),
    button("zoomOut", "−", () => view.zoom(1 / 1.6)),
    button("whole", "⤢", () => view.whole()),
  );
}

/** Calls `moved` with pixels while the picture is dragged; less than a few are a click. */
function drag(picture, moved) {
  let last = null;
  picture.addEventListener("pointerdown", (event) => (last = event));
  picture.addEventListener("pointermove", (event) => {
    const [x, y] = last ? [event.clientX - last.clientX, event.clientY - last.clientY] : [0, 0];
    if (!event.buttons || Math.hypot(x, y) < SLACK) return;
    moved(x, y);
    last = event;
  });
}
