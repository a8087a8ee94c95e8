// A comment that is being typed stays until it is sent: the panel it stands in comes and goes with the passage.
// Without this, comments are sent as forms, and nothing else is lost.
(() => {
  const boxes = (root) => [...root.querySelectorAll("textarea[data-draft]")];
  const name = (box) => `comment ${box.dataset.draft}`;
  const keep = (box) => { try { if (box.value) sessionStorage.setItem(name(box), box.value); else sessionStorage.removeItem(name(box)); } catch { /* it stays in the box */ } };
  const kept = (box) => { try { return sessionStorage.getItem(name(box)) ?? ""; } catch { return ""; } };

  function restore(root) {
    for (const box of boxes(root)) {
      if (!box.value) box.value = kept(box);
      const fold = box.closest("details.reply");
      if (fold && box.value) fold.open = true;
    }
  }

  document.addEventListener("input", (event) => { if (event.target.matches("textarea[data-draft]")) keep(event.target); });
  // Sent and stored: what was kept goes before the new threads come.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig?.elt;
    if (form?.matches(".comment-form") && event.detail.xhr.status < 300) for (const box of boxes(form)) { box.value = ""; keep(box); }
  });
  document.addEventListener("htmx:load", (event) => restore(event.detail.elt.parentElement ?? document));
  document.addEventListener("DOMContentLoaded", () => restore(document));
  document.addEventListener("submit", (event) => { if (!window.htmx && event.target.matches(".comment-form")) for (const box of boxes(event.target)) { try { sessionStorage.removeItem(name(box)); } catch { /* nothing was kept */ } } });
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter" || !event.target.matches?.("textarea[data-draft]")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
})();
