// Checks a downloaded report.json in the reader's own browser: the file is sent nowhere.
"use strict";

const form = document.querySelector("form.verify");
const result = document.getElementById("verify-result");

// The same text as Python's json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).
function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort();
    return "{" + keys.map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
  }
  return JSON.stringify(value);
}

async function sha256(value) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical(value)));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function show(kind, heading, lines) {
  const box = document.createElement("div");
  box.className = kind === "ok" ? "notice notice--success" : "notice notice--warning";
  const strong = document.createElement("strong");
  strong.textContent = heading;
  box.append(strong);
  for (const line of lines) {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    box.append(paragraph);
  }
  result.replaceChildren(box);
}

async function published(chainHash, redaction) {
  try {
    const response = await fetch(form.dataset.list);
    const list = (await response.json()).editions;
    const found = list.find((each) => each.chain_hash === chainHash);
    if (!found) return "unlisted";
    const now = found.redaction && found.redaction.statement.content_hash;
    return (redaction && redaction.content_hash) === now ? "listed" : "redacted";
  } catch {
    return "unknown";
  }
}

async function verify(file) {
  let data;
  try {
    data = JSON.parse((await file.text()).replace(/^\ufeff/, ""));
  } catch {
    return show("ng", "JSONとして読めません。", ["ダウンロードしたファイルをそのまま選んでください。"]);
  }
  const seal = data && data.seal;
  if (!seal || !seal.statement || !data.report) {
    return show("ng", "年次報告書のJSONではありません。", ["報告書のページからJSONをダウンロードし直してください。"]);
  }
  const stated = seal.statement;
  // Words were taken out of a redacted edition: what is left has a hash of its own.
  const redaction = seal.redaction && seal.redaction.statement;
  const shown = redaction ? redaction.content_hash : stated.content_hash;
  const contentFits = (await sha256(data.report)) === shown && data.content_hash === stated.content_hash
    && (!redaction || redaction.chain_hash === seal.chain_hash);
  const editionFits = (await sha256(stated)) === seal.chain_hash && data.edition === stated.number;
  const lines = ["版のハッシュ値：" + seal.chain_hash];
  if (!contentFits) return show("ng", "内容がハッシュ値と合いません。公開した版と違います。", lines);
  if (!editionFits) return show("ng", "版の記載がハッシュ値と合いません。公開した版と違います。", lines);
  const state = await published(seal.chain_hash, redaction);
  if (state === "unlisted") {
    return show("ng", "このポータルが公開している版ではありません。", lines);
  }
  if (state === "redacted") {
    return show("ng", "この版は、その後に一部を墨消ししています。", [...lines, "ポータルからダウンロードし直してください。"]);
  }
  for (const each of redaction ? redaction.redactions : []) {
    lines.push(`墨消し：${each.at.slice(0, 10)} ${each.places}か所 ${each.reason}`);
  }
  const name = `「${data.report.title}」第${stated.number}版`;
  if (state === "unknown") {
    lines.push("公開している版の一覧を読めなかったため、下の一覧の値と見比べてください。");
    return show("ok", `${name}：ファイルの中は一致しています。`, lines);
  }
  return show("ok", `${name}：公開した内容と一致します。`, lines);
}

if (form && window.crypto && crypto.subtle) {
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("verify-file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) verify(file).catch(() => show("ng", "確かめられませんでした。", ["ファイルの形が年次報告書のJSONと違います。"]));
  });
} else if (form) {
  const note = document.createElement("p");
  note.className = "notice";
  note.textContent = "このブラウザーか、暗号化されていない接続では、この画面で確かめられません。次のPythonのプログラムを使ってください。";
  form.before(note);
}
