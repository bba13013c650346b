// What the theme leaves undone for keyboards and screen readers.
"use strict";

/** What is wider than the screen scrolls in its own box, which the keyboard must reach. */
function letTheKeyboardScroll() {
  for (const box of document.querySelectorAll(".formula, .pst-scrollable-table-container, .output_subarea, pre")) {
    const isWider = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
    if (isWider) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  }
}

/** The arrows that open a list of pages in the side bar have a picture, and no name. */
function nameTheArrows() {
  for (const arrow of document.querySelectorAll("summary:has(.toctree-toggle)")) {
    arrow.setAttribute("aria-label", "Pages below");
  }
}

window.addEventListener("DOMContentLoaded", nameTheArrows);
window.addEventListener("load", letTheKeyboardScroll);
window.addEventListener("resize", letTheKeyboardScroll);
