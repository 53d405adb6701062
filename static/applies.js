// Hides questions that do not apply to what is ticked. Without it, a sentence beside each says for whom it is.
(() => {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  const questions = form ? [...form.querySelectorAll("[data-applies-if]")] : [];
  if (!questions.length) return;

  // "q-one=c1 q-two=c3": one of these choices is enough.
  const applies = (element) => element.dataset.appliesIf.split(" ").some((pair) => {
    const [name, code] = pair.split("=");
    const boxes = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    const box = boxes.find((each) => each.value === code);
    // What is hidden itself decides nothing.
    return Boolean(box && box.checked && !box.closest("[data-applies-if][hidden]"));
  });

  // What a choice asks to be written stays where something was written: nothing typed is hidden.
  const isWritten = (element) =>
    element.id.includes("~") && [...element.querySelectorAll("input, textarea")].some((box) => box.value.trim());

  const show = () => {
    for (const question of questions) question.hidden = !applies(question) && !isWritten(question);
  };

  form.addEventListener("input", show);
  show();
})();
