// Which passages the coder has had before them: in view for a while, or in hand. They are told to the server
// a few at a time; what could not be sent is kept for the next time. Nothing else rests on it.
(() => {
  const LONG_ENOUGH = 1500, EVERY = 4000, AT_ONCE = 500;
  const told = new Set(); // numbers the server knows of, or is being told
  const news = new Set(); // numbers it does not know of yet
  const waiting = new Map(); // passage in view -> its timer
  const address = () => document.querySelector("[data-visits]")?.dataset.visits;
  let acts = 0; // htmx requests answered: an older answer of ours must not undo what they have shown

  function saw(passage) {
    const number = passage.dataset.passage;
    if (number && !told.has(number)) news.add(number);
  }

  // Half of it is in view, or it fills half of the view.
  const isInView = (entry) => entry.isIntersecting
    && (entry.intersectionRatio >= 0.5 || entry.intersectionRect.height >= (entry.rootBounds?.height ?? innerHeight) / 2);
  const forget = (passage) => { clearTimeout(waiting.get(passage)); waiting.delete(passage); };
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const passage = entry.target;
      if (!isInView(entry)) { forget(passage); continue; }
      if (!waiting.has(passage)) waiting.set(passage, setTimeout(() => { waiting.delete(passage); saw(passage); observer.unobserve(passage); }, LONG_ENOUGH));
    }
  }, { threshold: [0, 0.1, 0.25, 0.5, 0.75, 1] });

  // A page that nobody looks at shows nothing to anybody.
  const watched = new WeakSet();
  function watch() {
    if (document.hidden || !address()) return;
    for (const passage of document.querySelectorAll(".passage[data-passage]")) {
      if (watched.has(passage) || told.has(passage.dataset.passage)) continue;
      watched.add(passage);
      observer.observe(passage);
    }
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return watch();
    for (const passage of [...waiting.keys()]) { forget(passage); observer.unobserve(passage); watched.delete(passage); }
    tell();
  });

  // `stale`: the counts in the page are older than what was done. A save does not count the passages: the
  // answer to what we tell has the counts, and they are asked for until they have been shown.
  let busy = false, stale = false;
  const tellSoon = () => setTimeout(tell, 300);
  document.addEventListener("progressStale", () => { stale = true; tellSoon(); });
  async function tell() {
    if (!document.hidden) for (const passage of document.querySelectorAll(".passage.current")) saw(passage);
    const numbers = [...news].slice(0, AT_ONCE), to = address();
    if (busy || !(numbers.length || stale) || !to) return;
    const before = acts, wasStale = stale;
    busy = true;
    stale = false;
    for (const number of numbers) { news.delete(number); told.add(number); }
    const token = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
    try {
      const answer = await fetch(to, {
        method: "POST", keepalive: true, headers: { "X-CSRFToken": token, "HX-Request": "true", "X-Summit-User": document.body.dataset.user ?? "" },
        body: new URLSearchParams(numbers.map((number) => ["passage", number])),
      });
      if (!answer.ok) throw new Error(answer.statusText);
      const text = await answer.text();
      if (before === acts) show(text);
      else stale = true;
    } catch {
      for (const number of numbers) { told.delete(number); news.add(number); }
      // Without a connection it is for the next turn.
      stale ||= wasStale;
      busy = false;
      return;
    }
    busy = false;
    if (stale) tellSoon();
  }

  function show(text) {
    const old = document.getElementById("progress"), holder = document.createElement("template");
    holder.innerHTML = text;
    const fresh = holder.content.getElementById("progress");
    if (fresh) old?.replaceWith(fresh);
  }

  document.addEventListener("htmx:afterRequest", () => { acts += 1; });
  document.addEventListener("htmx:afterSettle", watch);
  document.addEventListener("DOMContentLoaded", () => { watch(); setInterval(tell, EVERY); });
  addEventListener("pagehide", tell);
})();
