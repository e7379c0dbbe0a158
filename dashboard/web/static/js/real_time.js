// @ts-check
/** The label under the player: the judged start of the recording plus the place in it, in Beijing time. */

import { say } from "./dom.js";
import { beijing, place } from "./time.js";

/**
 * Return the label's text for a place in a clip.
 * @param {string} starts judged start in UTC ISO 8601, empty when unknown
 * @param {number} at seconds
 * @param {{zone: string, unknown: string}} words
 */
export function realTime(starts, at, words) {
  if (!starts) return `${place(at)} · ${words.unknown}`;
  return `${beijing(Date.parse(starts) + at * 1000)} ${words.zone}`;
}

/**
 * Keep the label right while the clip plays or is sought.
 * @param {HTMLMediaElement} media
 * @param {HTMLElement} label
 * @param {string} starts
 * @param {{zone: string, unknown: string}} words
 */
export function keepRealTime(media, label, starts, words) {
  const show = () => say(label, realTime(starts, media.currentTime, words));
  for (const event of ["timeupdate", "seeking", "seeked", "loadedmetadata"]) media.addEventListener(event, show);
  show();
}
