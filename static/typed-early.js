// What somebody typed before the scripts of a slow page were there counts as typed: loaded last,
// this tells the others of every field that no longer holds what the server sent.
(() => {
  "use strict";
  const differs = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "text" || field.type === "textarea") return field.value !== field.defaultValue;
    return false;
  };
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    for (const field of form.elements) {
      if (differs(field)) field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
})();
