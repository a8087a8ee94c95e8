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
