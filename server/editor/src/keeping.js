/** Keeps the text over a reload, and over a visit to another page. */

const KEY = "odis-query";

/** The text that was last written at this address; null when there is none, or it may not be kept. */
export function kept() {
  try {
    return place().getItem(key());
  } catch {
    return null;
  }
}

export function keep(text) {
  try {
    place().setItem(key(), text);
  } catch {
    // A browser that keeps nothing still has a working editor.
  }
}

/** A query that came with the address belongs to this tab alone; the reader's own is there next time. */
function place() {
  return shared() ? sessionStorage : localStorage;
}

function key() {
  return shared() ? `${KEY} ${shared()}` : KEY;
}

function shared() {
  return new URLSearchParams(location.search).get("query");
}
