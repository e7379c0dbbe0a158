// @ts-check
/** The case page: pointing at a step on the timeline lights its row in the table; the print button prints. */

import { seek } from "./dom.js";

for (const mark of document.querySelectorAll("a[data-step]")) {
  const row = document.getElementById((mark.getAttribute("href") ?? "").slice(1));
  mark.addEventListener("pointerenter", () => row?.classList.add("lit"));
  mark.addEventListener("pointerleave", () => row?.classList.remove("lit"));
}

const print = seek("#print", HTMLButtonElement);
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
