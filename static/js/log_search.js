// Search in the lines that the page holds: / to begin, Enter or n for the next, Shift+Enter or N for the one before.
const HIGHLIGHT = "log-search";

export class LogSearch {
  constructor(box, scroll, lines, follow) {
    Object.assign(this, { scroll, lines, follow, found: [], at: -1 });
    this.input = box.querySelector("input");
    this.output = box.querySelector("output");
    box.hidden = false;
    this.input.addEventListener("input", () => this.search());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        this.go(event.shiftKey ? -1 : 1);
      } else if (event.key === "Escape") {
        this.input.value = "";
        this.search();
        this.scroll.focus();
      }
    });
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  search() {
    const wanted = this.input.value.toLowerCase();
    this.found = wanted
      ? [...this.lines.querySelectorAll(".line")].filter((line) => line.lastElementChild.textContent.toLowerCase().includes(wanted))
      : [];
    this.mark(wanted);
    this.at = this.found.length;
    if (wanted && this.found.length) this.go(-1);
    else this.say();
  }

  // Marks each place without touching the text: the browser paints ranges as highlights.
  mark(wanted) {
    if (!("highlights" in CSS)) return;
    const ranges = [];
    for (const line of this.found) {
      const walker = document.createTreeWalker(line.lastElementChild, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.data.toLowerCase();
        for (let at = text.indexOf(wanted); at >= 0 && ranges.length < 5_000; at = text.indexOf(wanted, at + wanted.length)) {
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, Math.min(at + wanted.length, node.length));
          ranges.push(range);
        }
      }
    }
    CSS.highlights.set(HIGHLIGHT, new Highlight(...ranges));
  }

  go(direction) {
    this.found = this.found.filter((line) => line.isConnected);
    if (!this.found.length) return this.say();
    this.found[this.at]?.classList.remove("is-found");
    this.lines.querySelector(".is-found")?.classList.remove("is-found");
    this.at = (this.at + direction + this.found.length) % this.found.length;
    this.follow.set(false);
    const line = this.found[this.at];
    line.classList.add("is-found");
    line.scrollIntoView({ block: "center" });
    return this.say();
  }

  say() {
    const wanted = this.input.value;
    if (!wanted) this.lines.querySelector(".is-found")?.classList.remove("is-found");
    this.output.textContent = !wanted ? "" : this.found.length ? `${this.at + 1} of ${this.found.length}` : "none here";
  }
}
