// Lets the log fill what is left of the window below it, or all of the window when the reader asks for that.
const LEAST = 320;
const BELOW = 24;

export class LogSize {
  constructor(root, scroll, button, onFit) {
    Object.assign(this, { root, scroll, button, onFit });
    button.hidden = false;
    button.addEventListener("click", () => this.toggle());
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.isWhole && !event.target.closest("input")) this.toggle();
    });
    window.addEventListener("resize", () => this.fit());
    document.addEventListener("pagechange", () => this.fit());
    this.fit();
  }

  get isWhole() {
    return this.root.classList.contains("is-whole");
  }

  toggle() {
    const isWhole = this.root.classList.toggle("is-whole");
    this.button.setAttribute("aria-pressed", String(isWhole));
    this.fit();
  }

  fit() {
    const top = this.scroll.getBoundingClientRect().top + (this.isWhole ? 0 : window.scrollY);
    const height = Math.max(window.innerHeight - top - (this.isWhole ? 0 : BELOW), this.isWhole ? 0 : LEAST);
    this.scroll.style.height = `${height}px`;
    this.onFit();
  }
}
