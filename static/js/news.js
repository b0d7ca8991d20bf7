// Parts of pages that ask for news of themselves are replaced as a whole. While the pointer is held down in one it stays
// as it is until the next news: a press and a release that meet two elements are no click.
export function startNews() {
  let pressed = null;
  document.addEventListener("pointerdown", (event) => (pressed = event.button === 0 ? event.target : null), true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => (pressed = null), true);
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const isNews = detail.requestConfig.elt.getAttribute("hx-trigger")?.startsWith("every ");
    if (isNews && pressed && detail.target.contains(pressed)) detail.shouldSwap = false;
  });
}
