// Menus, theme, messages and htmx's token. Nothing here is needed to read a page or to send a form.
const root = document.documentElement;

// Buttons set a theme; the choice holds for later pages.
const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
document.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* the choice lasts for this page */ }
});

// On a narrow screen what is chosen already takes one line; it unfolds on a tap.
if (matchMedia("(max-width: 64rem)").matches) for (const fold of document.querySelectorAll("[data-folds-narrow]")) fold.open = false;

// Menus close on Escape and on a click elsewhere; focus goes back to where it came from.
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (event.target.closest("[data-dismiss]")) document.getElementById("toast").replaceChildren();
});
// What an open menu lies over is out of reach meanwhile: half of a button may be seen, and none is hit unawares.
// The page keeps its main part and its title.
let quieted = [];
function quiet(part) {
  for (const child of part.children) {
    if (child.querySelector("h1")) quiet(child);
    else if (child.tagName !== "H1" && !child.inert) { child.inert = true; quieted.push(child); }
  }
}
for (const menu of document.querySelectorAll(".top details.menu")) {
  menu.addEventListener("toggle", () => {
    for (const part of quieted) part.inert = false;
    quieted = [];
    const main = document.getElementById("main");
    if (main && document.querySelector(".top details.menu[open]")) quiet(main);
  });
  menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
}
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

// The token is read from the cookie at request time: a login in another tab changes it. Whoever that was, the page
// says for whom it was made: nothing in it is saved under another name.
const token = () => document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
document.addEventListener("htmx:configRequest", ({ detail: { elt, headers, parameters } }) => {
  if (document.body.dataset.user && !elt.closest("#login-needed")) headers["X-Summit-User"] = document.body.dataset.user;
  if (!token()) return;
  headers["X-CSRFToken"] = token();
  // Django reads the form's own field first, and that is the old one.
  delete parameters.csrfmiddlewaretoken;
});

// A message that stays until it is closed.
function say(text) {
  const toast = document.createElement("div");
  toast.className = "toast";
  const words = document.createElement("p");
  words.textContent = text;
  toast.append(words);
  const close = document.querySelector("#close-button")?.content.cloneNode(true);
  if (close) toast.append(close);
  document.getElementById("toast").replaceChildren(toast);
}
window.Summit = { say, token };
