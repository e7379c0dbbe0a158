// @ts-check
/** Follows a preparation of copies; at its end the page is asked for anew. Without it the page asks for itself. */

import { need, say } from "./dom.js";
import { askJson } from "./fetching.js";

const PERIOD_MS = 1000;
const panel = need("#preparing", HTMLElement);
const bar = need("progress", HTMLProgressElement, panel);
const share = need(".share", HTMLElement, panel);

/** Ask how far it is, and again in a while. */
async function follow() {
  try {
    const told = await askJson(panel.dataset.address ?? "");
    if (!told.preparing?.under_way) return window.location.replace(window.location.pathname);
    bar.value = told.preparing.share;
    say(share, `${(told.preparing.share * 100).toFixed(1)}%`);
  } catch {
    share.classList.add("quiet"); // the server is away for a moment: what was told last stays, and is asked for again
  }
  window.setTimeout(follow, PERIOD_MS);
}

window.setTimeout(follow, PERIOD_MS);
