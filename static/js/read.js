// Lines from a passage to its counterparts, and scrolling together. The page reads without either.
(() => {
  const grid = document.querySelector("[data-reader]");
  const lines = grid.querySelector(".reader-lines");
  const together = document.querySelector("[data-together]");
  const columns = [...grid.querySelectorAll("[data-column]")];
  const passageOf = (key) => document.getElementById(key);
  const partsOf = (passage) => passage.dataset.counterparts.split(" ").filter(Boolean).map(passageOf).filter(Boolean);
  let met = null;

  function draw() {
    lines.replaceChildren();
    if (!met) return;
    const box = grid.getBoundingClientRect(), from = met.getBoundingClientRect();
    const isLeft = met.closest("[data-column]").dataset.column === "a";
    // On a narrow screen one document stands above the other.
    const isStacked = columns[0].getBoundingClientRect().bottom <= columns[1].getBoundingClientRect().top;
    for (const part of partsOf(met)) {
      const to = part.getBoundingClientRect(), y1 = heightOf(met) - box.top, y2 = heightOf(part) - box.top;
      const x1 = (isStacked || !isLeft ? from.left : from.right) - box.left, x2 = (isStacked || isLeft ? to.left : to.right) - box.left;
      const bend = isStacked ? x1 - 14 : (x1 + x2) / 2;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`);
      lines.append(path);
    }
  }
  // Where a line meets a passage: in its upper part, and never outside of what is seen of its document.
  function heightOf(passage) {
    const place = passage.getBoundingClientRect(), column = passage.closest("[data-column]").getBoundingClientRect();
    return Math.min(Math.max(place.top + Math.min(place.height / 2, 40), column.top), column.bottom);
  }

  function meet(passage) {
    if (passage === met) return;
    for (const one of grid.querySelectorAll(".is-met")) one.classList.remove("is-met");
    met = passage && passage.dataset.counterparts.trim() ? passage : null;
    if (met) for (const part of [met, ...partsOf(met)]) part.classList.add("is-met");
    draw();
  }

  for (const kind of ["pointerover", "focusin"]) grid.addEventListener(kind, (event) => meet(event.target.closest(".read-passage")));
  grid.addEventListener("pointerleave", () => meet(null));
  addEventListener("resize", draw);

  // --- scrolling together: the column that is scrolled leads, the other follows to the first counterpart ---
  const firstShown = (column) => {
    const top = column.getBoundingClientRect().top;
    return [...column.querySelectorAll(".read-passage")].find((passage) => passage.getBoundingClientRect().bottom > top + 8);
  };
  let leader = null, release;
  function follow(column) {
    draw();
    if (!grid.classList.contains("together") || (leader && leader !== column)) return;
    leader = column;
    clearTimeout(release);
    release = setTimeout(() => { leader = null; }, 200);
    const here = firstShown(column);
    let passage = here, part = null;
    while (passage && !part) { part = partsOf(passage)[0]; passage = passage.nextElementSibling?.matches(".read-passage") ? passage.nextElementSibling : null; }
    if (part) part.closest("[data-column]").scrollTop += part.getBoundingClientRect().top - part.closest("[data-column]").getBoundingClientRect().top;
  }
  for (const column of columns) column.addEventListener("scroll", () => follow(column), { passive: true });

  together.hidden = false;
  together.addEventListener("click", () => {
    const on = together.getAttribute("aria-pressed") !== "true";
    together.setAttribute("aria-pressed", String(on));
    grid.classList.toggle("together", on);
    draw();
  });
})();
