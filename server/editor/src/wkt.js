/** Reads well-known text in CRS84: points, lines and areas, also several of them and collections. */

const SHAPE = /(POINT|LINESTRING|POLYGON)\s*Z?\s*(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))/gi;
const AREA = /\((?:\s*\([^()]*\)\s*,?)+\)/g;
const PART = /\(([^()]+)\)/g;

/** The shapes of a geometry: `{kind: "point", points}`, "line", or "area" with `rings`. */
export function shapesOf(text) {
  if (/^\s*</.test(text) && !/^\s*<[^>]*CRS84>/.test(text)) return []; // another reference system
  return [...text.matchAll(SHAPE)].flatMap(([, kind, body]) => {
    if (/point/i.test(kind)) return pointsOf(body).map((point) => ({ kind: "point", points: [point] }));
    if (/line/i.test(kind)) return ringsOf(body).map((points) => ({ kind: "line", points }));
    return (body.match(AREA) ?? []).map(ringsOf).map((rings) => ({ kind: "area", rings, points: rings.flat() }));
  }).filter((shape) => shape.points.length);
}

function ringsOf(body) {
  return [...body.matchAll(PART)].map(([, part]) => pointsOf(part)).filter((points) => points.length > 1);
}

function pointsOf(part) {
  const pairs = part.replace(/[()]/g, " ").split(",").map((pair) => pair.trim().split(/\s+/).map(Number));
  return pairs.filter(([x, y]) => Math.abs(x) <= 180 && Math.abs(y) <= 90);
}
