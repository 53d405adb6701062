// Searches a copy of the site without a server: the words stay in this browser.
"use strict";

(() => {
  const index = window.SEARCH;
  const form = document.getElementById("search-copy");
  const found = document.getElementById("found");
  if (!index || !form) return;

  const letters = new Map(Object.entries(index.letters));
  const eras = new Map(index.eras);
  const short = { R: "令和", H: "平成", S: "昭和", T: "大正", M: "明治" };

  // As the portal folds: compatibility forms, either kana, old letters, dashes, eras as years.
  function fold(text) {
    const seen = text.normalize("NFKC").replace(/[\p{Cf}\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu, "");
    const plain = [...seen.toLowerCase()].map((each) => letters.get(each) ?? each).join("");
    return plain
      .replace(/\s+/g, " ")
      .replace(/(令和|平成|昭和|大正|明治) ?(元|\d{1,2})|(?<![a-z0-9])([rhstm])\.?(元|\d{1,2})(?![a-z0-9])/g, (all, name, number, letter, digits) => {
        const era = name || short[letter.toUpperCase()];
        const year = number || digits;
        return String(eras.get(era) + (year === "元" ? 0 : Number(year) - 1));
      });
  }

  function term(word) {
    const folded = fold(word).trim();
    if (!/[\p{L}\p{N}]/u.test(folded)) return "";
    const day = folded.match(/^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?$/) || folded.match(/^((?:19|20)\d{2})(\d{2})(\d{2})$/);
    if (day) return `${day[1]}年${Number(day[2])}月` + (day[3] ? `${Number(day[3])}日` : "");
    return folded.replace(/([年月])0(?=\d)/g, "$1");
  }

  // A number at the end of a word is the whole number: 24 is not in 242012.
  function isIn(word, text) {
    const digit = /[0-9]/;
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      const before = text[at - 1] ?? "";
      const after = text[at + word.length] ?? "";
      const clean = !(digit.test(word[0]) && digit.test(before)) && !(digit.test(word.at(-1)) && digit.test(after));
      if (clean) return true;
    }
    return false;
  }

  function item([label, heading, address, text]) {
    const entry = document.createElement("li");
    const link = document.createElement("a");
    link.href = address;
    link.textContent = heading;
    const excerpt = document.createElement("p");
    excerpt.textContent = `${label}：${text.length > 160 ? text.slice(0, 160) + "…" : text}`;
    entry.append(link, excerpt);
    return entry;
  }

  function search(words) {
    const terms = words.replace(/^\s+|\s+$/g, "").split(/[\s\u3000]+/).map(term).filter(Boolean);
    if (!terms.length) return found.replaceChildren();
    const rows = index.rows.filter((row) => terms.every((each) => isIn(each, row[4])));
    const told = document.createElement("p");
    told.className = "lead";
    told.textContent = `${rows.length}件見つかりました。` + (rows.length > 100 ? "はじめの100件を示します。" : "");
    const list = document.createElement("ul");
    list.className = "results";
    list.append(...rows.slice(0, 100).map(item));
    found.replaceChildren(told, list);
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search(document.getElementById("words").value);
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    document.getElementById("words").value = asked;
    search(asked);
  }
})();
