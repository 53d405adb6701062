// The minutes editor with a keyboard: add and move entries (autosave.js saves). Without this
// script the same form works with its position numbers, blank rows and save button.
(() => {
  "use strict";
  const form = document.getElementById("record-form");
  if (!form) return;
  const list = document.getElementById("entries");
  const blank = document.getElementById("empty-entry");
  const total = form.elements["e-TOTAL_FORMS"];

  const entries = () => [...list.querySelectorAll(":scope > .entry")];
  const field = (entry, name) => entry.querySelector(`[name$="-${name}"]`);

  // The order on screen is the order that is saved.
  const renumber = () => entries().forEach((entry, index) => { field(entry, "position").value = index + 1; });

  // Adding and moving is a change like typing.
  const touch = () => form.dispatchEvent(new Event("input", { bubbles: true }));

  const add = (after, item) => {
    const holder = document.createElement("div");
    holder.innerHTML = blank.innerHTML.replaceAll("__prefix__", total.value);
    total.value = Number(total.value) + 1;
    const entry = holder.firstElementChild;
    if (after) after.after(entry); else list.append(entry);
    for (const element of entry.querySelectorAll(".js-only")) element.hidden = false;
    const inherited = item ?? (after && field(after, "agenda_item").value);
    if (inherited) field(entry, "agenda_item").value = inherited;
    renumber();
    field(entry, "kind").focus();
    touch();
  };

  const move = (entry, step) => {
    const rows = entries();
    const other = rows[rows.indexOf(entry) + step];
    if (!other) return;
    const focused = document.activeElement;
    if (step < 0) other.before(entry); else other.after(entry);
    renumber();
    focused.focus();
    touch();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const entry = button.closest(".entry");
    if (button.classList.contains("move-up")) move(entry, -1);
    else if (button.classList.contains("move-down")) move(entry, 1);
    else if (button.classList.contains("add-entry")) {
      const item = button.dataset.item;
      const last = item && entries().filter((row) => field(row, "agenda_item").value === item).pop();
      add(last || null, item);
    }
  });
  form.addEventListener("keydown", (event) => {
    const entry = event.target.closest(".entry");
    if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); add(entry); }
    else if (event.altKey && entry && event.key === "ArrowUp") { event.preventDefault(); move(entry, -1); }
    else if (event.altKey && entry && event.key === "ArrowDown") { event.preventDefault(); move(entry, 1); }
  });
})();
