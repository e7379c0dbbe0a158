// @ts-check
/** The rarely used pages of the menu close again by Escape, and by a click or the focus going elsewhere. */

import { seek } from "./dom.js";

const more = seek("details.more", HTMLDetailsElement);

/** @param {Event} event */
function closeOutside(event) {
  if (more && event.target instanceof Node && !more.contains(event.target)) more.open = false;
}

if (more) {
  document.addEventListener("click", closeOutside);
  document.addEventListener("focusin", closeOutside);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary")?.focus();
  });
}
