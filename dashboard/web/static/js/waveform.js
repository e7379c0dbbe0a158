// @ts-check
/** Draws the peak levels behind the scrub bar. */

import { askJson } from "./fetching.js";

/**
 * Draw levels 0–1 over the whole width.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} levels
 */
export function drawLevels(canvas, levels) {
  const ratio = window.devicePixelRatio || 1;
  const width = (canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio)));
  const height = (canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio)));
  const pen = canvas.getContext("2d");
  if (!pen || levels.length === 0) return;
  pen.fillStyle = getComputedStyle(canvas).color;
  pen.globalAlpha = 0.38;
  for (let x = 0; x < width; x += 1) {
    const from = Math.floor((x / width) * levels.length);
    const upTo = Math.max(from + 1, Math.floor(((x + 1) / width) * levels.length));
    const peak = Math.min(1, Math.max(...levels.slice(from, upTo)));
    const tall = Math.max(1, peak * (height - 6));
    pen.fillRect(x, (height - tall) / 2, 1, tall);
  }
}

/**
 * Fetch the levels and keep them drawn at the canvas's size.
 * @param {HTMLCanvasElement} canvas
 * @param {string} address
 */
export async function keepWaveform(canvas, address) {
  if (!address) return;
  const levels = await askJson(address);
  if (!Array.isArray(levels)) return;
  new ResizeObserver(() => drawLevels(canvas, levels.map(Number))).observe(canvas);
}
