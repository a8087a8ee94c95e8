// A row opens in place: its quotes are fetched once; without this file the link leads to the page with the row open.
for (const opener of document.querySelectorAll("a.opener")) {
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    const open = opener.getAttribute("aria-expanded") !== "true";
    opener.setAttribute("aria-expanded", String(open));
    const detail = document.getElementById(opener.getAttribute("aria-controls"));
    detail.hidden = !open;
    // Fetched when it is opened, and again where that failed.
    if (open && !detail.querySelector(".facing")) htmx.trigger(opener, "load-row");
  });
  // role=button: the space bar presses it.
  opener.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); opener.click(); } });
}

// The scale and the verdict open the row they stand in; without this file their links do.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens]");
  const opener = link && document.querySelector(`a.opener[aria-controls="${link.dataset.opens}"]`);
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  opener.click();
});

// Before a row is opened, its quotes are shown beside the pointer or the focus, over the page: nothing moves. The same
// quotes are one key or click away for who does not see them: a screen reader is not told of this picture of them.
(() => {
  const LINKS = "a.opener, a.cell-link", WAIT = 450, LINGER = 250;
  const kept = new Map(); // address -> what it answered
  let box = null, shown = null, timer, leaving;

  const openerOf = (link) => link.closest("tr")?.querySelector("a.opener[hx-get]");
  const isClosed = (opener) => opener?.getAttribute("aria-expanded") === "false";

  async function quotesAt(address) {
    if (kept.has(address)) return kept.get(address);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    // A lost login, or a topic that is gone: whoever opens the row is told.
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(`<table><tbody>${await answer.text()}</tbody></table>`, "text/html");
    const found = page.querySelector(".detail td");
    if (!found) return null;
    for (const element of found.querySelectorAll("[id]")) element.removeAttribute("id");
    for (const element of found.querySelectorAll("a, button, summary, [tabindex]")) element.tabIndex = -1;
    kept.set(address, found);
    return found;
  }

  async function show(link) {
    const opener = openerOf(link);
    if (!isClosed(opener)) return;
    let found;
    try { found = await quotesAt(opener.getAttribute("hx-get")); } catch { return; }
    if (!found || shown !== link || !isClosed(opener)) return;
    if (!box) {
      box = Object.assign(document.createElement("div"), { className: "peek", ariaHidden: "true" });
      box.addEventListener("pointerenter", () => clearTimeout(leaving));
      box.addEventListener("pointerleave", hideSoon);
      document.getElementById("main").append(box);
    }
    box.replaceChildren(...found.cloneNode(true).childNodes);
    const row = link.closest("tr").getBoundingClientRect(), frame = box.offsetParent?.getBoundingClientRect() ?? { left: 0, top: 0 };
    box.hidden = false;
    box.style.left = `${row.left - frame.left}px`;
    box.style.width = `${row.width}px`;
    // Below the row; above it where there is no room and there is more.
    const below = innerHeight - row.bottom, height = box.offsetHeight;
    box.style.top = `${(below < height && row.top > below ? row.top - height : row.bottom) - frame.top}px`;
  }

  function hide() {
    clearTimeout(timer);
    clearTimeout(leaving);
    shown = null;
    if (box) box.hidden = true;
  }
  function hideSoon() {
    clearTimeout(timer);
    clearTimeout(leaving);
    leaving = setTimeout(hide, LINGER);
  }
  function showSoon(link) {
    if (shown === link) { clearTimeout(leaving); return; }
    hide();
    shown = link;
    timer = setTimeout(() => show(link), WAIT);
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const link = event.target.closest?.(LINKS);
    if (link) showSoon(link);
  });
  document.addEventListener("pointerout", (event) => {
    const link = event.target.closest?.(LINKS);
    if (link && !link.contains(event.relatedTarget)) hideSoon();
  });
  document.addEventListener("focusin", (event) => { if (event.target.matches?.(LINKS) && event.target.matches(":focus-visible")) showSoon(event.target); });
  document.addEventListener("focusout", (event) => { if (event.target.matches?.(LINKS)) hideSoon(); });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("click", (event) => { if (!event.target.closest?.(".peek")) hide(); }, true);
})();
