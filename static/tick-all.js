// Ticks or unticks every box of the page's list at once; without a script each is ticked by hand.
"use strict";

for (const group of document.querySelectorAll(".tick-all")) {
  group.hidden = false;
  for (const button of group.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      for (const box of document.querySelectorAll('input[name="row"]')) {
        box.checked = button.dataset.tick === "all";
      }
    });
  }
}
