// @ts-check
/** Times as people here read them: Beijing time, UTC+8 the whole year. */

const BEIJING_MS = 8 * 3600 * 1000;

/**
 * Return `2026-11-23 16:52:07` in Beijing time.
 * @param {number} instant milliseconds since 1970 UTC
 */
export function beijing(instant) {
  return new Date(instant + BEIJING_MS).toISOString().slice(0, 19).replace("T", " ");
}

/**
 * Return a place in a clip as `1:02:03.4`.
 * @param {number} at seconds
 */
export function place(at) {
  const whole = Math.max(0, at);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = (whole % 60).toFixed(1).padStart(4, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
