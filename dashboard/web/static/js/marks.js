// @ts-check
/** Marks on the clip page: one click or key marks the moment that plays; a mark's time leads there. */

import { need, seek } from "./dom.js";
import { place } from "./time.js";

const panel = need("#marks", HTMLElement);
const form = seek("form.marking", HTMLFormElement, panel);
const media = seek("#player video, #player audio", HTMLMediaElement);

if (media) {
  openAt(media, panel.dataset.at ?? "");
  for (const link of panel.querySelectorAll("a.jump-to")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      media.currentTime = Number(link.getAttribute("data-seconds"));
      need("#player", HTMLElement).scrollIntoView({ block: "nearest" });
    });
  }
}
if (form) listen(form);

/**
 * Follow the player in the field of the moment, unless a person writes there; take keys as buttons.
 * @param {HTMLFormElement} marking
 */
function listen(marking) {
  const field = need("#mark-at", HTMLInputElement, marking);
  if (media) {
    let own = false;
    field.addEventListener("input", () => { own = field.value !== ""; });
    const follow = () => { if (!own && document.activeElement !== field) field.value = place(media.currentTime); };
    for (const event of ["timeupdate", "seeking", "seeked", "loadedmetadata"]) media.addEventListener(event, follow);
    marking.addEventListener("submit", () => { if (!own) field.value = media.currentTime.toFixed(3); });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const at = event.target;
    if (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement) return;
    const button = seek(`button[data-key="${CSS.escape(event.key)}"]`, HTMLButtonElement, marking);
    if (button) marking.requestSubmit(button);
  });
}

/**
 * Open at a moment, once the media can go there.
 * @param {HTMLMediaElement} playing
 * @param {string} at seconds, empty for the beginning
 */
function openAt(playing, at) {
  if (!at) return;
  const go = () => { playing.currentTime = Number(at); };
  if (playing.readyState >= HTMLMediaElement.HAVE_METADATA) go();
  else playing.addEventListener("loadedmetadata", go, { once: true });
}
