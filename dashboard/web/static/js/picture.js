// @ts-check
/** Looks whether there is a picture: some browsers play the sound of a clip over black and report no error. */

import { say } from "./dom.js";

const PATIENCE_MS = 3000;

/** @typedef {{noPicture: string, frozen: string, error: string, ok: string}} Words */

/**
 * Watch a video and say below it what was seen; ``data-picture`` is ``ok``, ``missing``, ``frozen`` or ``error``.
 * @param {HTMLVideoElement} video
 * @param {HTMLElement} place
 * @param {Words} words
 */
export function watchPicture(video, place, words) {
  let frames = 0;

  /** @param {string} state @param {string} text */
  const tell = (state, text) => {
    place.dataset.picture = state;
    place.classList.toggle("bad", state !== "ok");
    say(place, text);
  };
  const count = () => video.requestVideoFrameCallback((_, frame) => {
    frames = frame.presentedFrames;
    if (place.dataset.picture !== "ok" && !video.paused && video.currentTime > 0 && frames > 1) tell("ok", words.ok);
    count();
  });
  const checkSize = () => { if (video.videoWidth === 0) tell("missing", words.noPicture); };

  video.addEventListener("loadeddata", checkSize);
  video.addEventListener("error", () => tell("error", words.error));
  video.addEventListener("playing", () => {
    const before = frames;
    const from = video.currentTime;
    setTimeout(() => {
      if (video.paused || video.seeking || video.videoWidth === 0) return;
      if (frames === before && video.currentTime > from + 1) tell("frozen", words.frozen);
    }, PATIENCE_MS);
  });
  if (video.error) tell("error", words.error);
  else if (video.readyState >= 2) checkSize();
  count();
}
