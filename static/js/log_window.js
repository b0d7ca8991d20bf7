// The lines that the page holds: at most 5,000, in blocks of 100, painted once a frame however fast they come. While
// more come than a frame can show, the oldest are dropped unseen; they stay in the log and are reached by its windows.
import { fillText, lineElement } from "./log_lines.js";

export const MOST_LINES = 5_000;
const BLOCK_LINES = 100;

export class LogWindow {
  // `hrefOf` gives a line's address; `onPaint` hears how many lines came and what height was dropped; that height is
  // measured only while `isRead` says that somebody reads further up, because measuring lays the page out.
  constructor(container, hrefOf, onPaint, isRead) {
    this.isRead = isRead;
    this.container = container;
    this.hrefOf = hrefOf;
    this.onPaint = onPaint;
    this.clear();
  }

  clear() {
    this.waiting = [];
    this.openLine = null;
    this.openElement = null;
    this.count = 0;
    this.block = null;
    this.isClearing = true;
    this.ask();
  }

  // Takes lines that are ended and the one that is still being written (null when there is none).
  add(lines, openLine) {
    for (const line of lines) this.waiting.push(line);
    if (this.waiting.length > MOST_LINES) this.waiting.splice(0, this.waiting.length - MOST_LINES);
    this.openLine = openLine;
    this.ask();
  }

  ask() {
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => {
      this.isAsked = false;
      this.paint();
    });
  }

  paint() {
    if (this.isClearing) this.container.replaceChildren();
    this.isClearing = false;
    const lines = this.waiting;
    this.waiting = [];
    let start = 0;
    if (this.openElement && lines.length) {
      if (lines[0].number === this.openElement.number) {
        fillText(this.openElement.element.lastElementChild, lines[0]);
        start = 1;
      } else this.openElement.element.remove();
      this.openElement = null;
    }
    for (let at = start; at < lines.length; at += 1) this.append(lines[at]);
    this.paintOpenLine();
    const dropped = this.trim();
    this.onPaint(lines.length - start, dropped);
  }

  append(line) {
    if (!this.block || this.block.childElementCount >= BLOCK_LINES) {
      this.block = document.createElement("div");
      this.block.className = "log-block";
      this.container.append(this.block);
    }
    const element = lineElement(line, this.hrefOf);
    this.block.append(element);
    this.count += 1;
    return element;
  }

  paintOpenLine() {
    if (!this.openLine) return;
    if (this.openElement?.number === this.openLine.number) {
      fillText(this.openElement.element.lastElementChild, this.openLine);
    } else this.openElement = { number: this.openLine.number, element: this.append(this.openLine) };
    this.openLine = null;
  }

  // Drops whole blocks from the top and returns how high they were, for a reader who has scrolled away.
  trim() {
    let height = 0;
    const isRead = this.isRead();
    while (this.count > MOST_LINES && this.container.childElementCount > 1) {
      const oldest = this.container.firstElementChild;
      if (isRead) height += oldest.offsetHeight;
      this.count -= oldest.classList.contains("log-block") ? oldest.childElementCount : 0;
      oldest.remove();
    }
    return height;
  }

  get firstNumber() {
    const first = this.container.querySelector(".line");
    return first ? Number(first.id.slice(1)) : 1;
  }
}
