// Copies what is shown only once: a new token, a new share link.
export function startCopying() {
  const field = document.querySelector("[data-copied]");
  if (!field) return;
  field.select();
  const button = document.querySelector("[data-copy]");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.lastChild.textContent = "Copied";
  });
}
