// @ts-check
/** The scrub bar: seek by pointer or keys, see a still of the place under the pointer. */

import { cueAt, readCues } from "./cues.js";
import { need, say } from "./dom.js";
import { askText } from "./fetching.js";
import { place } from "./time.js";

/** @typedef {import("./cues.js").Cue} Cue */

const KEYS = { ArrowLeft: -5, ArrowRight: 5, PageDown: -30, PageUp: 30 };

export class Scrub {
  /**
   * @param {HTMLMediaElement} media
   * @param {HTMLElement} bar
   * @param {{duration: number, sprite: string, nameOf: (at: number) => string}} about
   */
  constructor(media, bar, about) {
    this.media = media;
    this.bar = bar;
    this.about = about;
    this.still = need(".still", HTMLElement, bar);
    this.frame = need(".frame", HTMLElement, bar);
    this.when = need(".when", HTMLElement, bar);
    this.head = need(".playhead", SVGLineElement, bar);
    /** @type {Cue[]} */
    this.cues = [];
    this.listen();
  }

  /** Seconds the bar stands for. */
  get duration() {
    return Number.isFinite(this.media.duration) && this.media.duration > 0 ? this.media.duration : this.about.duration;
  }

  /**
   * Load the stills.
   * @param {string} address
   */
  async loadCues(address) {
    if (address) this.cues = readCues(await askText(address));
  }

  listen() {
    this.bar.addEventListener("pointermove", (event) => this.hover(event));
    this.bar.addEventListener("pointerleave", () => { this.still.hidden = true; });
    this.bar.addEventListener("pointerdown", (event) => {
      this.bar.setPointerCapture(event.pointerId);
      this.seek(this.at(event));
    });
    this.bar.addEventListener("keydown", (event) => this.key(event));
    for (const event of ["timeupdate", "seeking", "loadedmetadata"]) this.media.addEventListener(event, () => this.show());
  }

  /** @param {PointerEvent} event */
  at(event) {
    const box = this.bar.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * this.duration;
  }

  /** @param {number} at */
  seek(at) {
    if (this.duration > 0) this.media.currentTime = Math.min(this.duration, Math.max(0, at));
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const at = this.at(event);
    if (event.buttons & 1) this.seek(at);
    this.showStill(cueAt(this.cues, at));
    say(this.when, this.about.nameOf(at));
    this.still.hidden = false;
    const box = this.bar.getBoundingClientRect();
    const half = this.still.offsetWidth / 2;
    const left = Math.min(box.width - half, Math.max(half, event.clientX - box.left)) - half;
    this.still.style.left = `${left}px`;
  }

  /** @param {Cue | undefined} cue */
  showStill(cue) {
    this.frame.hidden = !cue || !this.about.sprite;
    if (!cue || !this.about.sprite) return;
    this.frame.style.width = `${cue.w}px`;
    this.frame.style.height = `${cue.h}px`;
    this.frame.style.backgroundImage = `url("${this.about.sprite}")`;
    this.frame.style.backgroundPosition = `-${cue.x}px -${cue.y}px`;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const stepBy = KEYS[/** @type {keyof typeof KEYS} */ (event.key)];
    if (event.key === "Home") this.seek(0);
    else if (event.key === "End") this.seek(this.duration);
    else if (stepBy) this.seek(this.media.currentTime + (event.shiftKey ? Math.sign(stepBy) : stepBy));
    else return;
    event.preventDefault();
  }

  show() {
    const share = this.duration > 0 ? Math.min(1, this.media.currentTime / this.duration) : 0;
    this.head.setAttribute("x1", `${share * 100}%`);
    this.head.setAttribute("x2", `${share * 100}%`);
    this.bar.setAttribute("aria-valuemax", this.duration.toFixed(1));
    this.bar.setAttribute("aria-valuenow", this.media.currentTime.toFixed(1));
    this.bar.setAttribute("aria-valuetext", place(this.media.currentTime));
  }
}
