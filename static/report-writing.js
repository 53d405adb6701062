// The report's writing screen: puts a figure where the cursor stands, and shows each section
// as it will look while somebody types. Without this script a button does the latter.
(() => {
  "use strict";
  const form = document.getElementById("writing-form");
  if (!form) return;
  const QUIET = 500;
  const timers = new Map();

  const preview = async (section, body) => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.set("kind", section.dataset.kind);
    data.set("body", body.value);
    let answer;
    try {
      const response = await fetch(form.dataset.preview, { method: "POST", body: data });
      if (!response.ok) return;
      answer = await response.json();
    } catch {
      return;
    }
    section.querySelector(".writing-prose").innerHTML = answer.html;
    const list = section.querySelector(".writing-findings");
    list.replaceChildren(...answer.findings.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  };

  form.addEventListener("input", (event) => {
    const body = event.target.closest("textarea");
    const section = body && body.closest(".writing-section");
    if (!section) return;
    clearTimeout(timers.get(section));
    timers.set(section, setTimeout(preview, QUIET, section, body));
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-token]");
    if (!button) return;
    const body = button.closest(".writing-section").querySelector("textarea");
    body.setRangeText(button.dataset.token, body.selectionStart, body.selectionEnd, "end");
    body.focus();
    body.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
