// Reading a document in the workbench: long ones come in windows, a place is found wherever it is, a mark says
// what it stands for, the codebook lies beside the text. Nothing here is needed to read or to tag.
(() => {
  const text = () => document.getElementById("text");
  const passage = (number) => document.getElementById(`p${number}`);
  const passages = () => [...document.querySelectorAll("#text .passage")];
  const numberOf = (element) => Number(element.dataset.passage);
  const bench = () => document.querySelector("[data-workbench]");

  // --- the place of the eye ---------------------------------------------------------------------------
  // The passage at the top of the window: what is put before it must not push it away.
  const under = () => (document.querySelector(".docbar")?.getBoundingClientRect().bottom ?? 0) + 1;
  const top = () => passages().find((one) => one.getBoundingClientRect().bottom > Math.max(0, under()));

  let held = null; // { number, y }
  const hold = () => { const one = top(); held = one ? { number: numberOf(one), y: one.getBoundingClientRect().top } : null; };
  const keep = () => {
    const one = held && passage(held.number);
    held = null;
    if (one?.isConnected) return one;
    return null;
  };
  function restore() {
    const y = held?.y, one = keep();
    if (one) scrollBy({ top: one.getBoundingClientRect().top - y, behavior: "instant" });
  }

  // --- windows ----------------------------------------------------------------------------------------
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) { near.unobserve(target); htmx.trigger(target, "reading:near"); }
  }, { rootMargin: "1200px 0px" });
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) inView.add(target); else inView.delete(target);
    showView();
  });
  const inView = new Set();

  function watch() {
    document.querySelectorAll("[data-more]:not([data-failed])").forEach((more) => near.observe(more));
    inView.clear();
    seen.disconnect();
    passages().forEach((one) => seen.observe(one));
  }

  // What could not be loaded is asked for again: after a moment, and as soon as there is hope.
  const hope = () => { for (const more of document.querySelectorAll("[data-more][data-failed]")) delete more.dataset.failed; watch(); };
  const failed = ({ elt, xhr }) => { if (elt?.matches?.("[data-more]") && !(xhr?.status >= 200 && xhr.status < 300)) elt.dataset.failed = ""; };
  // Marked before the answer comes into the page, which would have it asked for again at once.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => failed({ elt: detail.requestConfig?.elt, xhr: detail.xhr }));
  document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful, xhr } }) => {
    if (successful || !elt?.matches?.("[data-more]")) return;
    failed({ elt, xhr });
    // A lost login is waited for: nothing else helps.
    if (xhr?.status !== 401) setTimeout(hope, 5000);
  });
  addEventListener("online", hope);
  document.addEventListener("logged-in", hope);

  // What the map shows of the passages in view.
  function showView() {
    const numbers = [...inView].filter((one) => one.isConnected).map(numberOf);
    const first = Math.min(...numbers), last = Math.max(...numbers);
    document.querySelectorAll("#map li").forEach((block) => {
      block.classList.toggle("here", numbers.length > 0 && Number(block.dataset.first) <= last && Number(block.dataset.last) >= first);
    });
  }

  function show(number, then) {
    const one = passage(number);
    if (!one) return false;
    if (then) then(); else one.scrollIntoView({ block: "start" });
    return true;
  }

  // Loads the passage `number` and calls `then`; without it the passage is scrolled to.
  function reach(number, then) {
    const article = text();
    if (!article || !(number >= 1 && number <= Number(article.dataset.last)) || show(number, then)) return;
    const all = passages(), side = all.length && number === numberOf(all.at(-1)) + 1 ? "later" : all.length && number === numberOf(all[0]) - 1 ? "earlier" : null;
    const more = side && document.querySelector(`[data-more="${side}"]`);
    const done = (event) => { if (event.detail.target?.closest?.("#text") || passage(number)) { document.removeEventListener("htmx:afterSettle", done); show(number, then); } };
    document.addEventListener("htmx:afterSettle", done);
    if (more) htmx.trigger(more, "reading:near");
    else htmx.ajax("GET", `${article.dataset.address}?shown=${article.dataset.shown}&at=${number}`, { source: "#text", target: "#text", swap: "outerHTML" });
  }
  document.addEventListener("bench:needs-passage", (event) => reach(event.detail.number, event.detail.then));

  // A place in this document is found without leaving it: a block of the map, a tag's quote, a passage's number.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href*='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.pathname !== location.pathname || link.hasAttribute("hx-get")) return;
    const number = Number(link.dataset.place ?? link.hash.match(/^#p(\d+)$/)?.[1]);
    if (!number || !text()) return;
    event.preventDefault();
    history.replaceState(history.state, "", link.hash);
    reach(number, link.dataset.place ? () => light(link.hash.slice(3), number) : undefined);
  });

  // A tag's quote is lit where it stands.
  function light(tag, number) {
    const marks = document.querySelectorAll(`#p${number} mark[data-tags~="${CSS.escape(tag)}"]`);
    document.querySelectorAll("mark.lit").forEach((mark) => mark.classList.remove("lit"));
    marks.forEach((mark) => mark.classList.add("lit"));
    (marks[0] ?? passage(number))?.scrollIntoView({ block: "center" });
  }

  // --- what is shown ------------------------------------------------------------------------------------
  // Links and forms in the page carry the filter that was in force when they were made: now it is this one.
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail, now = text()?.dataset.shown;
    if (!now) return;
    if (elt.id === "filter") { const one = top(); if (one) parameters.at = numberOf(one); return; }
    if (parameters.shown !== undefined) parameters.shown = now; // a proxy, which does not know "in"
    event.detail.path = event.detail.path.replace(/([?&]shown=)[^&#]*/, (_, name) => name + now);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-unfilter]")) return;
    event.preventDefault();
    const form = document.getElementById("filter");
    for (const name of ["topic", "stance", "source"]) form.elements[name].value = "";
    form.dispatchEvent(new Event("change"));
    form.elements.topic.focus();
  });

  // --- swaps ------------------------------------------------------------------------------------------------
  const isReading = (target) => target?.id === "text" || target?.hasAttribute?.("data-more");
  document.addEventListener("htmx:beforeSwap", (event) => { if (isReading(event.detail.target)) hold(); });
  document.addEventListener("htmx:afterSwap", (event) => { if (held) restore(); });
  document.addEventListener("htmx:afterSettle", () => { watch(); keepHand(); });
  // A passage that was saved, withdrawn or brought back: its block of a long document's map is out of date.
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const number = Number(event.detail.target?.dataset?.passage);
    if (!number) return;
    for (const block of document.querySelectorAll("#map li[hx-get]")) {
      if (Number(block.dataset.first) <= number && number <= Number(block.dataset.last)) htmx.trigger(block, "map:stale");
    }
  });

  // The words in hand stay in hand when the text under them is drawn anew.
  function keepHand() {
    const form = document.getElementById("tagform"), take = window.SummitBench?.take;
    if (!take || !form?.elements.start?.value) return;
    const run = passage(form.elements.passage.value)?.querySelector(".run");
    if (run) take({ run, start: Number(form.elements.start.value), end: Number(form.elements.end.value) });
  }

  // --- what a mark stands for ------------------------------------------------------------------------------
  const tip = () => document.getElementById("tip");
  let told = null, waiting;

  function tell(mark, x) {
    const box = tip(), words = mark.closest(".passage")?.querySelector(":scope > .tag-words");
    if (!box || !words) return;
    const keys = mark.dataset.tags.split(" ");
    const lines = keys.map((key) => words.querySelector(`[data-tag="${CSS.escape(key)}"]`)).filter(Boolean);
    if (!lines.length) return;
    box.querySelector("ul").replaceChildren(...lines.map((line) => line.cloneNode(true)));
    box.hidden = false;
    if (told !== mark) { told?.removeAttribute("aria-describedby"); told = mark; mark.setAttribute("aria-describedby", "tip"); }
    const rects = [...mark.getClientRects()], at = rects.find((rect) => x !== undefined && rect.left <= x && x <= rect.right) ?? rects[0];
    if (!at) return hush();
    const size = box.getBoundingClientRect(), below = at.bottom + 6;
    const left = Math.max(8, Math.min((x ?? at.left) - 16, document.documentElement.clientWidth - size.width - 8));
    box.style.setProperty("left", `${left}px`);
    box.style.setProperty("top", `${below + size.height < innerHeight ? below : at.top - size.height - 6}px`);
  }
  function hush() {
    clearTimeout(waiting);
    told?.removeAttribute("aria-describedby");
    told = null;
    const box = tip();
    if (box) box.hidden = true;
  }
  const later = (act, ms) => { clearTimeout(waiting); waiting = setTimeout(act, ms); };

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    if (event.target.closest?.("#tip")) return clearTimeout(waiting); // one may point at it: it stays
    const mark = event.target.closest?.("mark.q[data-tags]");
    if (mark) later(() => tell(mark, event.clientX), told ? 60 : 150);
    else if (told && document.activeElement !== told) later(hush, 200);
  });
  document.addEventListener("focusin", (event) => {
    const mark = event.target.closest?.("mark.q[data-tags]");
    if (mark?.matches(":focus-visible")) tell(mark); else if (told) hush();
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape" && told) { event.stopPropagation(); hush(); } }, true);
  addEventListener("scroll", () => { if (told && document.activeElement !== told) hush(); else if (told) tell(told); }, { passive: true });

  // --- the codebook beside the text ----------------------------------------------------------------------
  const drawer = () => document.querySelector("[data-drawer]");
  const isOpen = (box) => box?.matches(":popover-open");
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("[data-drawer]")) {
      const isNow = event.newState === "open";
      document.body.classList.toggle("with-drawer", isNow);
      document.querySelector("[data-opens-codebook]")?.setAttribute("aria-expanded", String(isNow));
      if (isNow) { htmx.trigger("#codebook-words", "drawer:opened"); search()?.focus(); }
    }
    if (event.target.matches?.("[data-neighbours]")) { unfolded = event.target.open; if (unfolded) neighbours(); }
  }, true);
  const search = () => drawer()?.querySelector("[data-finds-in]");
  document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target?.id === "codebook-words" || event.detail.elt?.id === "codebook-words") search()?.focus(); });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen(drawer()) && drawer().contains(document.activeElement)) { event.preventDefault(); drawer().hidePopover(); }
  });

  const fold = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  document.addEventListener("input", (event) => {
    const box = event.target.closest?.("[data-finds-in]");
    if (!box) return;
    const root = document.getElementById(box.dataset.findsIn), asked = fold(box.value).split(/\s+/);
    const entries = [...root.querySelectorAll("[data-entry]")];
    for (const entry of entries) {
      const words = fold(entry.textContent + " " + (entry.closest("[data-group]")?.querySelector("h4")?.textContent ?? ""));
      entry.hidden = !asked.every((word) => words.includes(word));
    }
    for (const part of root.querySelectorAll("[data-group], .drawer-part")) part.hidden = !part.querySelector("[data-entry]:not([hidden])") && box.value.trim() !== "";
    const found = root.querySelector("[data-found]");
    found.textContent = entries.some((entry) => !entry.hidden) ? "" : found.dataset.none;
  });

  // --- a topic's other quotes -------------------------------------------------------------------------------
  let unfolded = false; // stays as it was left when the panel is drawn anew
  function neighbours() {
    const box = document.querySelector("[data-neighbours]");
    const topic = document.querySelector("#tagform [name=topic]")?.value;
    if (!box?.open || !topic || box.dataset.shows === topic) return;
    box.dataset.shows = topic;
    const but = box.dataset.but ? `&but=${box.dataset.but}` : "";
    htmx.ajax("GET", `${box.dataset.neighbours}?topic=${encodeURIComponent(topic)}${but}`, { source: box, target: "#neighbour-quotes", swap: "outerHTML" });
  }
  document.addEventListener("change", (event) => { if (event.target.matches?.("#tagform [name=topic]")) neighbours(); });
  document.addEventListener("htmx:afterSettle", (event) => {
    const box = document.querySelector("[data-neighbours]");
    if (event.detail.target?.id === "panel" && unfolded && box) { box.open = true; neighbours(); }
  });

  // --- at the beginning ---------------------------------------------------------------------------------------
  addEventListener("hashchange", () => { const number = location.hash.match(/^#p(\d+)$/)?.[1]; if (number) reach(Number(number)); });
  document.addEventListener("DOMContentLoaded", () => {
    if (!bench()) return;
    watch();
    const number = location.hash.match(/^#p(\d+)$/)?.[1];
    if (number && !passage(number)) reach(Number(number));
  });
})();
