// Makes lines of tokens: "\r" starts the line again, so a progress bar is seen in its last state only, also when its
// states come in many pieces. "\r\n" ends a line as "\n" does. Very long lines keep their beginning.
export const LONGEST_LINE = 100_000;

export class LineAssembler {
  constructor(firstNumber = 1) {
    this.number = firstNumber;
    this.clear();
  }

  clear() {
    this.pieces = [];
    this.length = 0;
    this.leftOut = 0;
    this.isRewritten = false;
  }

  // Takes tokens and returns the lines that were ended by them.
  add(tokens) {
    const ended = [];
    for (const token of tokens) {
      if (token === "\n") {
        ended.push(this.line());
        this.number += 1;
        this.clear();
      } else if (token === "\r") this.isRewritten = true;
      else this.write(token);
    }
    return ended;
  }

  write(token) {
    if (this.isRewritten) this.clear();
    const room = LONGEST_LINE - this.length;
    if (token.text.length > room) this.leftOut += token.text.length - room;
    const text = token.text.slice(0, Math.max(room, 0));
    if (!text) return;
    const last = this.pieces[this.pieces.length - 1];
    if (last && last.style === token.style) last.text += text;
    else this.pieces.push({ text, style: token.style });
    this.length += text.length;
  }

  // The line as it stands, ended or not.
  line() {
    return { number: this.number, pieces: this.pieces, length: this.length, leftOut: this.leftOut };
  }

  get hasOpenLine() {
    return this.length > 0;
  }
}
