// A figure as PNG: the browser draws the SVG at twice its size. Without this file the SVG is there to download.
const LARGEST = 16000; // Browsers refuse larger canvases.

async function drawn(address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok || !response.headers.get("Content-Type").startsWith("image/svg")) throw new Error(response.status);
  const text = await response.text();
  const name = /filename="([^"]+)\.svg"/.exec(response.headers.get("Content-Disposition"));
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const width = Number(root.getAttribute("width")), height = Number(root.getAttribute("height"));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const scale = Math.min(2, LARGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
  if (!blob) throw new Error("canvas");
  return { blob, name: `${name ? name[1] : "figure"}.png` };
}

for (const button of document.querySelectorAll("[data-figure-png]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const link = button.parentElement.querySelector("[data-figure]");
    button.disabled = true;
    try {
      const { blob, name } = await drawn(link.href);
      const saved = document.createElement("a");
      saved.href = URL.createObjectURL(blob);
      saved.download = name;
      saved.click();
      setTimeout(() => URL.revokeObjectURL(saved.href), 10000);
      button.parentElement.querySelector("[role=alert]")?.remove();
    } catch {
      const said = document.createElement("span");
      said.setAttribute("role", "alert");
      said.textContent = ` ${button.dataset.failed}`;
      button.parentElement.querySelector("[role=alert]")?.remove();
      button.after(said);
    } finally {
      button.disabled = false;
    }
  });
}
