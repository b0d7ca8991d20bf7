// The log of a run: takes the server's plain lines, gives them their colours, and lets new ones flow in.
import { AnsiParser } from "./ansi.js";
import { LineAssembler } from "./carriage_return.js";
import { Follow } from "./log_follow.js";
import { LogSize } from "./log_size.js";
import { LogSearch } from "./log_search.js";
import { LogWindow } from "./log_window.js";
import { startLogKeys } from "./log_keys.js";
import { wholeCharacters } from "./utf8.js";

const CHIP = {
  connecting: ["Connecting", "wait"],
  live: ["Live", "live"],
  reconnecting: ["Reconnecting", "wait"],
  ended: ["Ended", "ended"],
  refused: ["No access any more", "ended"],
};

export class LogViewer {
  constructor(root) {
    const part = (name) => root.querySelector(`[data-log-${name}]`);
    this.root = root;
    this.scroll = part("scroll");
    this.chip = part("chip");
    this.empty = part("empty");
    this.start = Number(root.dataset.start);
    this.end = Number(root.dataset.end);
    this.isAtEnd = "atEnd" in root.dataset;
    this.follow = new Follow(this.scroll, part("follow"), part("latest"));
    this.search = new LogSearch(part("search"), this.scroll, part("lines"), this.follow);
    const other = root.dataset.stream === "log" ? "" : `stream=${root.dataset.stream}&`;
    this.window = new LogWindow(part("lines"), (number) => `?${other}line=${number}#L${number}`, (added, dropped) => this.painted(added, dropped), () => !this.follow.isOn);
    this.window.isClearing = false; // the server's lines stay until the coloured ones are there
    this.begin(Number(root.dataset.firstLine));
    this.startWrap(part("wrap"));
    part("follow").hidden = !this.isAtEnd;
    this.size = new LogSize(root, this.scroll, part("whole"), () => this.follow.isOn && this.follow.toEnd());
    startLogKeys(this);
  }

  begin(firstLine) {
    this.parser = new AnsiParser();
    this.assembler = new LineAssembler(firstLine);
  }

  // Reads the bytes of the server's window again, this time with their colours; then what follows may come. Without
  // an answer the plain lines stay, and what follows is numbered after them.
  async load() {
    const asked = this.root.dataset.asked || location.hash.startsWith("#L");
    if (this.end > this.start && !(await this.readAgain())) {
      this.begin(Number(this.root.dataset.firstLine) + this.root.querySelectorAll(".line").length);
    }
    requestAnimationFrame(() => requestAnimationFrame(() => this.isAtEnd && this.follow.begin()));
    if (asked) requestAnimationFrame(() => requestAnimationFrame(() => this.showAsked()));
    else if (this.isAtEnd) this.follow.set(true);
  }

  async readAgain() {
    try {
      const reply = await fetch(this.root.dataset.raw, { headers: { Range: `bytes=${this.start}-${this.end - 1}` } });
      if (!reply.ok) return false;
      const bytes = new Uint8Array(await reply.arrayBuffer());
      const whole = "active" in this.root.dataset && this.isAtEnd ? wholeCharacters(bytes) : bytes.length;
      this.end = this.start + whole;
      this.window.clear();
      this.add(new TextDecoder().decode(bytes.subarray(0, whole)));
      return true;
    } catch {
      return false;
    }
  }

  showAsked() {
    const line = document.getElementById(location.hash.slice(1) || `L${this.root.dataset.asked}`);
    if (!line) return;
    line.classList.add("is-asked");
    line.scrollIntoView({ block: "center" });
  }

  add(text) {
    const lines = this.assembler.add(this.parser.feed(text));
    this.window.add(lines, this.assembler.hasOpenLine ? this.assembler.line() : null);
    if (this.empty) this.empty.hidden = true;
  }

  reset() {
    this.begin(1);
    this.window.clear();
  }

  painted(added, droppedHeight) {
    this.follow.painted(added, droppedHeight);
    if (droppedHeight || this.window.firstNumber > 1) this.pointEarlier();
  }

  pointEarlier() {
    const earlier = this.root.querySelector("[data-log-earlier]");
    if (earlier) earlier.search = `?stream=${this.root.dataset.stream}&line=${Math.max(this.window.firstNumber - 950, 1)}`;
  }

  say(state) {
    const [words, kind] = CHIP[state];
    this.chip.hidden = false;
    this.chip.textContent = words;
    this.chip.dataset.kind = kind;
    if (kind === "ended") this.root.querySelector("[data-log-follow]").hidden = true;
  }

  startWrap(button) {
    button.hidden = false;
    this.toggleWrap = () => {
      const wraps = this.root.classList.toggle("no-wrap");
      button.setAttribute("aria-pressed", String(!wraps));
    };
    button.addEventListener("click", this.toggleWrap);
  }
}
