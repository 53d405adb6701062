// Keeps what is typed into a form of the secretariat, for this person only, until it is
// saved. The form works without it: what shows only with it is marked js-only.
(() => {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = document.getElementById("autosave-state");
  const QUIET = 3000;
  let changed = false;
  let timer;

  for (const element of document.querySelectorAll(".js-only")) element.hidden = false;
  document.documentElement.classList.add("has-js");

  const autosave = async () => {
    try {
      const response = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form) });
      const answer = await response.json();
      state.textContent = response.ok ? `${answer.saved_at} に自動保存しました（保存はまだです）` : answer.error;
    } catch {
      state.textContent = "自動保存できませんでした。入力は画面に残っています。保存を押してください。";
    }
  };

  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(autosave, QUIET);
  });
  form.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener("submit", () => { clearTimeout(timer); changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
