// The theme is set before the first paint: the system's, until the reader chooses.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* private window: the system's theme stays */ }
document.documentElement.classList.add("js");
