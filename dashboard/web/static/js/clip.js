// @ts-check
/** The clip page: puts the scrub bar, the real-time label, frame steps and the picture check on the player. */

import { need, say, seek } from "./dom.js";
import { Frames } from "./frames.js";
import { watchPicture } from "./picture.js";
import { keepRealTime, realTime } from "./real_time.js";
import { Scrub } from "./scrub.js";
import { keepWaveform } from "./waveform.js";

const player = need("#player", HTMLElement);
const media = need("video, audio", HTMLMediaElement, player);
const about = player.dataset;
const words = { zone: about.zone ?? "", unknown: about.unknown ?? "" };
const starts = about.starts ?? "";

keepRealTime(media, need("#real-time", HTMLElement), starts, words);

const scrub = new Scrub(media, need("#scrub", HTMLElement), {
  duration: Number(about.duration),
  sprite: about.sprite ?? "",
  nameOf: (at) => realTime(starts, at, words),
});

const note = need("#picture", HTMLElement);
if (media instanceof HTMLVideoElement) {
  stepFrames(media);
  watchPicture(media, note, {
    noPicture: about.noPicture ?? "", frozen: about.frozen ?? "", error: about.error ?? "", ok: about.ok ?? "",
  });
} else {
  media.addEventListener("error", () => {
    note.classList.add("bad");
    say(note, about.error ?? "");
  });
}

for (const button of player.querySelectorAll(".jump")) {
  button.addEventListener("click", () => scrub.seek(Number(button.getAttribute("data-seconds"))));
}

scrub.loadCues(about.cues ?? "").catch(reportMissing);
keepWaveform(need(".wave", HTMLCanvasElement, player), about.waveform ?? "").catch(reportMissing);

/** @param {HTMLVideoElement} video */
function stepFrames(video) {
  const frames = new Frames(video, Number(about.frame));
  const back = seek("#frame-back", HTMLButtonElement);
  const forward = seek("#frame-forward", HTMLButtonElement);
  back?.addEventListener("click", () => void frames.back());
  forward?.addEventListener("click", () => void frames.forward());
  document.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    if (event.key === ",") void frames.back();
    if (event.key === ".") void frames.forward();
  });
}

/** @param {unknown} error stills or waveform did not come: the player works without them */
function reportMissing(error) {
  console.warn(String(error));
}
