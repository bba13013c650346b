// What is wider than the screen scrolls in its own box; the keyboard must reach it.
"use strict";

function letTheKeyboardScroll() {
  for (const box of document.querySelectorAll(".formula, .pst-scrollable-table-container, div.output_subarea, pre")) {
    const isWider = box.scrollWidth > box.clientWidth + 1;
    if (isWider) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  }
}

window.addEventListener("load", letTheKeyboardScroll);
window.addEventListener("resize", letTheKeyboardScroll);
