// @ts-check
/** Keeps the first page fresh: asks once a second and changes only what differs. Without it the page is a still picture. */

import { make, need, say } from "./dom.js";
import { askJson } from "./fetching.js";

const PERIOD_MS = 1000;
const SLOW_MS = 5000;

/** @typedef {{key: string, source_path: string, station: string, stage_word: string, share: number, pct: string, href: string}} UnderWay */
/** @typedef {{station: string, source_path: string, size: string, state: string, state_word: string, reason: string}} Pickup */
/** @typedef {{number: string, at: string, word: string, actor: string, subject: string, href: string}} Entry */
/** @typedef {{figures: Record<string, string>, under_way: UnderWay[], pickups: Pickup[], findings: {kind: string, word: string, count: number}[], feed: Entry[]}} Live */

/**
 * Show the figures in the places that the page marks for them.
 * @param {Record<string, string>} figures
 */
function showFigures(figures) {
  for (const place of document.querySelectorAll("[data-live]")) {
    const text = figures[place.getAttribute("data-live") ?? ""];
    if (text !== undefined) say(place, text);
  }
}

/**
 * Make a list's rows equal to the items, keeping rows that stay.
 * @template T
 * @param {HTMLElement} list
 * @param {T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T, row: HTMLElement | null) => HTMLElement} draw makes a row, or brings an old one up to date
 */
function showRows(list, items, keyOf, draw) {
  const old = new Map([...list.children].map((row) => [row.getAttribute("data-key"), row]));
  const rows = items.map((item) => {
    const before = old.get(keyOf(item));
    const row = draw(item, before instanceof HTMLElement ? before : null);
    row.setAttribute("data-key", keyOf(item));
    return row;
  });
  if (rows.length === 0 && list.dataset.empty) rows.push(make("li", { class: "empty" }, list.dataset.empty));
  const same = rows.length === list.children.length && rows.every((row, at) => row === list.children[at]);
  if (!same) list.replaceChildren(...rows);
}

/**
 * @param {UnderWay} item
 * @param {HTMLElement | null} row
 */
function drawUnderWay(item, row) {
  const drawn = row ?? newUnderWay(item);
  say(need(".stage", HTMLElement, drawn), item.stage_word);
  say(need(".share", HTMLElement, drawn), item.pct);
  need("progress", HTMLProgressElement, drawn).value = item.share;
  return drawn;
}

/** @param {UnderWay} item */
function newUnderWay(item) {
  const name = make("bdi", { class: "path", title: item.source_path }, item.source_path);
  const file = item.href ? make("a", { href: item.href }, name) : name;
  return make(
    "li", {},
    make("span", { class: "file" }, file),
    make("span", { class: "where" }, item.station),
    make("span", { class: "stage" }),
    make("progress", { max: "1", "aria-label": item.source_path }),
    make("span", { class: "share" }),
  );
}

/** @param {Pickup} item */
function drawPickup(item) {
  const row = make(
    "li", {},
    make("span", { class: "file" }, make("bdi", { class: "path", title: item.source_path }, item.source_path)),
    make("span", { class: "where" }, item.station),
    make("span", {}, item.size),
    make("span", { class: `tag pickup-${item.state}` }, item.state_word),
  );
  if (item.reason) row.append(make("span", { class: "reason" }, item.reason));
  return row;
}

/** @param {{kind: string, word: string, count: number}} item @param {HTMLElement | null} row */
function drawKind(item, row) {
  const address = `/findings?kind=${encodeURIComponent(item.kind)}`;
  const drawn = row ?? make("li", {}, make("a", { href: address }, item.word), make("span", { class: "count" }));
  say(need(".count", HTMLElement, drawn), String(item.count));
  return drawn;
}

/** @param {Entry} item @param {HTMLElement | null} row */
function drawEntry(item, row) {
  if (row) return row;
  return make(
    "tr", {},
    make("td", { class: "nowrap quiet" }, item.at),
    make("td", {}, item.word),
    make("td", { class: "mono" }, item.href ? make("a", { href: item.href }, item.subject) : item.subject),
    make("td", { class: "quiet" }, item.actor),
  );
}

/** @param {Live} live */
function show(live) {
  showFigures(live.figures);
  showRows(need("#under-way", HTMLElement), live.under_way, (item) => item.key, drawUnderWay);
  showRows(need("#pickups", HTMLElement), live.pickups, (item) => `${item.station}/${item.source_path}/${item.state}`, (item, row) => row ?? drawPickup(item));
  need("#pickups-block", HTMLElement).hidden = live.pickups.length === 0;
  showRows(need("#kinds", HTMLElement), live.findings, (item) => item.kind, drawKind);
  showRows(need("#feed", HTMLElement), live.feed, (item) => item.number, drawEntry);
}

/** Ask, show, and ask again later; say so when the server does not answer. */
async function refresh() {
  const freshness = need("#freshness", HTMLElement);
  let wait = PERIOD_MS;
  try {
    if (!document.hidden) show(await askJson(`/api/live${location.search}`));
    say(freshness, freshness.dataset.liveText ?? "");
    freshness.className = "tag clock-trusted";
  } catch {
    say(freshness, freshness.dataset.staleText ?? "");
    freshness.className = "tag bad";
    wait = SLOW_MS;
  }
  setTimeout(refresh, wait);
}

void refresh();
