// Follows the end of the log, and yields at once to a reader who scrolls away. The button says how much came meanwhile.
const NEAR = 24;

export class Follow {
  constructor(scroll, toggle, latest) {
    Object.assign(this, { scroll, toggle, latest, missed: 0, isOn: false, isLive: false });
    scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
    scroll.addEventListener("wheel", (event) => event.deltaY < 0 && this.set(false), { passive: true });
    // Blocks that come into view take their true height, so the end moves without a line being added.
    new ResizeObserver(() => this.isOn && this.toEnd()).observe(scroll.firstElementChild);
    toggle.addEventListener("click", () => this.wish(!this.isOn));
    latest.addEventListener("click", () => this.wish(true));
  }

  get isAtEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR;
  }

  scrolled() {
    const wentUp = this.scroll.scrollTop < (this.lastTop ?? 0) - 2;
    this.lastTop = this.scroll.scrollTop;
    if (wentUp && this.isOn && !this.isAtEnd) this.set(false);
    else if (!this.isOn && this.isAtEnd && this.wasAway) this.set(true);
    if (!this.isAtEnd) this.wasAway = true;
  }

  // What the reader asks for: the end of the log comes into the window, too.
  wish(isOn) {
    this.set(isOn);
    if (isOn) this.scroll.scrollIntoView({ block: "nearest" });
  }

  set(isOn) {
    this.isOn = isOn;
    this.wasAway = !isOn && !this.isAtEnd;
    if (isOn) this.missed = 0;
    this.toggle.setAttribute("aria-pressed", String(isOn));
    this.latest.hidden = isOn || !this.missed;
    if (isOn) this.toEnd();
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.lastTop = this.scroll.scrollTop;
  }

  // From now on lines are news: what was painted before is what the page came with.
  begin() {
    this.isLive = true;
  }

  // Called after each paint with the number of new lines and the height that was dropped above.
  painted(added, droppedHeight) {
    if (this.isOn) {
      this.toEnd();
      return;
    }
    if (droppedHeight) this.scroll.scrollTop -= droppedHeight;
    this.lastTop = this.scroll.scrollTop;
    if (!this.isLive) return;
    this.missed += added;
    this.latest.querySelector("span").textContent = `Jump to latest (${this.missed.toLocaleString("en")} new)`;
    this.latest.hidden = !this.missed;
  }
}
