// Saves an answer while somebody types. Everything on the page works without it.
(() => {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = form.querySelector("[data-autosave-state]");
  const seen = form.querySelector("[name=seen]");
  const QUIET = 3000;
  let timer = null;
  let dirty = false;
  let stopped = false;
  let running = null;

  const say = (text) => { state.textContent = text; };

  const save = async () => {
    timer = null;
    if (!dirty || stopped) return;
    dirty = false;
    const data = new FormData(form);
    data.set("autosave", "1");
    let response;
    try {
      response = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin" });
    } catch {
      dirty = true;
      say("通信できないため、自動保存していません。入力した内容は画面に残っています。");
      timer = setTimeout(start, QUIET * 4);
      return;
    }
    if (response.ok) {
      const told = await response.json();
      seen.value = told.seen;
      say(`${told.saved_at}に自動保存しました（提出はしていません）。`);
    } else {
      // Somebody else was faster, the deadline has passed or the link is old: the button tells it all.
      stopped = true;
      say("自動保存を止めました。「保存して次へ進む」を押すと、理由と入力した内容を表示します。");
    }
  };

  const start = () => {
    running = save().finally(() => { running = null; });
  };

  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(start, QUIET);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (stopped || !running) return;
    // Wait for a save under way, or it would look like somebody else's.
    event.preventDefault();
    const { submitter } = event;
    running.finally(() => {
      stopped = true;
      // In a task of its own: while a submit event is being handled, another is ignored.
      setTimeout(() => form.requestSubmit(submitter), 0);
    });
  });
})();
