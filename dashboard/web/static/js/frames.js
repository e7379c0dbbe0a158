// @ts-check
/** Steps by the frames a clip has, as the browser presents them, not by a rate it claims. */

const TRIES = 12;
const LIMIT_MS = 1500;

/**
 * Seek and return the media time of the frame that is then shown; the last known one when none comes.
 * @param {HTMLVideoElement} video
 * @param {number} at
 * @param {number} known
 * @returns {Promise<number>}
 */
function shownAfter(video, at, known) {
  return new Promise((resolve) => {
    const limit = setTimeout(() => resolve(known), LIMIT_MS);
    video.requestVideoFrameCallback((_, frame) => {
      clearTimeout(limit);
      resolve(frame.mediaTime);
    });
    video.currentTime = at;
  });
}

export class Frames {
  /**
   * @param {HTMLVideoElement} video
   * @param {number} frame length of a frame in seconds by the measured rate; the first guess only
   */
  constructor(video, frame) {
    this.video = video;
    this.frame = frame;
    this.shown = 0;
    this.busy = false;
    this.watch();
  }

  /** Remember the media time of each frame that is presented. */
  watch() {
    this.video.requestVideoFrameCallback((_, frame) => {
      this.shown = frame.mediaTime;
      this.watch();
    });
  }

  /** Show the next frame: small seeks until another frame comes. */
  async forward() {
    await this.alone(async () => {
      const from = this.shown;
      for (let step = 1; step <= TRIES && this.shown <= from; step += 1) {
        const at = from + this.frame * (0.5 + step / 2);
        if (at > this.video.duration) return;
        this.shown = await shownAfter(this.video, at, this.shown);
      }
    });
  }

  /** Show the frame before: the browser shows the last frame that began before the place asked for. */
  async back() {
    await this.alone(async () => {
      const at = this.shown - Math.min(0.002, this.frame / 4);
      if (at > 0) this.shown = await shownAfter(this.video, at, this.shown);
    });
  }

  /** @param {() => Promise<void>} work */
  async alone(work) {
    if (this.busy) return;
    this.busy = true;
    this.video.pause();
    await work().finally(() => { this.busy = false; });
  }
}
