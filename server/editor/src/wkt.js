/** Reads well-known text in CRS84: points, lines and areas, also several of them and collections. */

const SHAPE = /(POINT|LINESTRING|POLYGON)\s*Z?\s*(?=\()/gi;

/** The shapes of a geometry: `{kind, points}` with the kind "dot", "line" or "area", which has `rings`. */
export function shapesOf(text) {
  if (/^\s*</.test(text) && !/^\s*<[^>]*CRS84>/.test(text)) return []; // another reference system
  const found = [...text.matchAll(SHAPE)].flatMap((match) => {
    const body = bracketed(text, match.index + match[0].length);
    if (/point/i.test(match[1])) return pointsOf(body).map((point) => ({ kind: "dot", points: [point] }));
    if (/line/i.test(match[1])) return ringsOf(body).map((points) => ({ kind: "line", points }));
    const areas = body.split(/\)\s*\)/).map(ringsOf);
    return areas.map((rings) => ({ kind: "area", rings, points: rings.flat() }));
  });
  return found.filter((shape) => shape.points.length);
}

function bracketed(text, from) {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return text.slice(from, at + 1);
  }
  return "";
}

function ringsOf(body) {
  return body
    .split(")")
    .map(pointsOf)
    .filter((points) => points.length > 1);
}

function pointsOf(part) {
  const pairs = part
    .replace(/[()]/g, " ")
    .split(",")
    .map((pair) => pair.trim().split(/\s+/).map(Number));
  return pairs.filter(([x, y]) => Math.abs(x) <= 180 && Math.abs(y) <= 90);
}
