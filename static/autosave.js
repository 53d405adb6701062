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

  // After a login in another tab the token of this page is an old one; the cookie has the new one.
  const refreshToken = () => {
    const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (found) form.elements.csrfmiddlewaretoken.value = found[1];
  };

  const say = (text, login) => {
    state.textContent = text;
    if (!login) return;
    const link = document.createElement("a");
    Object.assign(link, { href: login, target: "_blank", rel: "noopener", textContent: "別のタブでログイン" });
    state.append(" ", link);
    // Somebody who comes back from that tab need not type before it is kept.
    window.addEventListener("focus", autosave, { once: true });
  };

  const autosave = async () => {
    try {
      refreshToken();
      const response = await fetch(form.dataset.autosave, {
        method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" },
      });
      const answer = await response.json();
      say(response.ok ? `${answer.saved_at} に自動保存しました（保存はまだです）` : answer.error, answer.login);
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
  form.addEventListener("submit", () => { clearTimeout(timer); refreshToken(); changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
