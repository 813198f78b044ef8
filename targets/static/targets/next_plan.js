// The page that opens the next plan: choose all or none, and show what is left out.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const boxes = [...document.querySelectorAll(".next-plan-targets .choose input[type=checkbox]")];
  const show = (box) => box.closest("tr").classList.toggle("left-out", !box.checked);
  for (const box of boxes) {
    box.addEventListener("change", () => show(box));
    show(box);
  }
  for (const button of document.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => {
      for (const box of boxes) {
        box.checked = button.dataset.choose === "all";
        show(box);
      }
    });
  }
});
