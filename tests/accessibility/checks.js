/* What axe-core leaves to others. Each check names its criterion and what it found. */
() => {
  const found = [];
  const say = (rule, criterion, element, text) =>
    found.push({ rule, criterion, element: element.outerHTML.slice(0, 160), text });
  const visible = element => element.checkVisibility({ visibilityProperty: true });
  const root = document.documentElement;
  const words = element => (element.getAttribute("aria-label") || element.innerText || "").trim().replace(/\s+/g, " ");

  for (const name of ["aria-describedby", "aria-labelledby", "aria-controls", "for"])
    for (const element of document.querySelectorAll(`[${name}]`))
      for (const id of element.getAttribute(name).split(/\s+/))
        if (id && !document.getElementById(id) && visible(element)) say("reference", "1.3.1", element, `${name}=${id}`);

  const ids = new Set();
  for (const element of document.querySelectorAll("[id]")) {
    if (ids.has(element.id)) say("id-twice", "4.1.2", element, element.id);
    ids.add(element.id);
  }

  const targets = new Map();
  for (const link of document.querySelectorAll("main a[href], #content a[href]")) {
    // A figure that is quoted is told by its sentence: the same share may be of two of them.
    if (!visible(link) || !words(link) || link.matches(".quoted")) continue;
    const known = targets.get(words(link));
    const there = link.href.split("#")[0] === location.href.split("#")[0] ? link.href : link.href.split("#")[0];
    if (known && known !== there) say("same-words", "2.4.4", link, `${words(link)}: ${known} / ${there}`);
    targets.set(words(link), there);
  }

  const wide = () => root.scrollWidth > root.clientWidth + 1;
  const widest = () => [...document.querySelectorAll("body *")].filter(visible)
    .find(element => element.getBoundingClientRect().right > root.clientWidth + 1) || root;
  if (wide()) say("reflow", "1.4.10", widest(), `${root.scrollWidth} > ${root.clientWidth}`);
  else {
    // WCAG 1.4.12: nothing is lost with this much room between lines, letters and words.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    if (wide()) say("spacing", "1.4.12", widest(), `${root.scrollWidth} > ${root.clientWidth}`);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(each => each !== sheet);
    // WCAG 1.4.4: twice as large a text.
    if (root.clientWidth > 600) {
      root.style.fontSize = "200%";
      if (wide()) say("resize", "1.4.4", widest(), `${root.scrollWidth} > ${root.clientWidth}`);
      root.style.fontSize = "";
    }
  }
  return found;
}
