// Copies what is shown only once (a new token, a new share link), and lines that are meant to be pasted elsewhere.
function copyOnClick(button, field, words) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    words.textContent = "Copied";
  });
}

function startLines() {
  for (const line of document.querySelectorAll("[data-copy-line]:not([data-ready])")) {
    const button = line.querySelector("[data-copy-button]");
    copyOnClick(button, line.querySelector("input"), button.lastElementChild);
    line.dataset.ready = "";
  }
}

export function startCopying() {
  startLines();
  document.addEventListener("htmx:afterSettle", startLines);
  const field = document.querySelector("[data-copied]");
  if (!field) return;
  field.select();
  const button = document.querySelector("[data-copy]");
  copyOnClick(button, field, button.lastChild);
}
