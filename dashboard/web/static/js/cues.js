// @ts-check
/** Reads the WebVTT cues of a storyboard: which rectangle of the mosaic shows which stretch. */

/** @typedef {{start: number, end: number, x: number, y: number, w: number, h: number}} Cue */

const TIMING = /((?:\d+:)?\d{1,2}:\d{1,2}\.\d+)\s+-->\s+((?:\d+:)?\d{1,2}:\d{1,2}\.\d+)/;
const PLACE = /#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)/;

/**
 * Return seconds of a WebVTT time stamp.
 * @param {string} stamp
 */
export function seconds(stamp) {
  return stamp.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/**
 * Return the cues of a file, in order.
 * @param {string} text
 * @returns {Cue[]}
 */
export function readCues(text) {
  /** @type {Cue[]} */
  const cues = [];
  for (const block of text.split(/\r?\n\r?\n/)) {
    const timing = TIMING.exec(block);
    const place = PLACE.exec(block);
    if (!timing || !place) continue;
    const [x, y, w, h] = place.slice(1).map(Number);
    cues.push({ start: seconds(timing[1]), end: seconds(timing[2]), x, y, w, h });
  }
  return cues;
}

/**
 * Return the cue that shows a moment, or the last before it.
 * @param {Cue[]} cues
 * @param {number} at
 * @returns {Cue | undefined}
 */
export function cueAt(cues, at) {
  return cues.findLast((cue) => cue.start <= at) ?? cues[0];
}
