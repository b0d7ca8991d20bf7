// Reads terminal output piece by piece: colours become styles, every other terminal command is dropped.
//
// feed(text) returns tokens: {text, style}, "\n", "\r". Commands may be cut anywhere between pieces. A string command
// (OSC, DCS, …) that is never ended stops at the end of its line, so it can hide no more than that. The result is
// data only: whoever shows it makes text nodes and class names from it, never HTML.
const LONGEST_COMMAND = 2048;
const MOST_PARAMETERS = 64;
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;
const SAFE_LINK = /^https?:\/\/[^\s\x00-\x20\x7f-\x9f"'<>\\^`{|}]+$/i;
const PLAIN = Object.freeze({});

// The sixteen colours that larger palettes are brought down to.
const PALETTE = [
  [0, 0, 0], [170, 0, 0], [0, 170, 0], [170, 85, 0], [0, 0, 170], [170, 0, 170], [0, 170, 170], [170, 170, 170],
  [85, 85, 85], [255, 85, 85], [85, 255, 85], [255, 255, 85], [85, 85, 255], [255, 85, 255], [85, 255, 255], [255, 255, 255],
];

function nearest(red, green, blue) {
  if (![red, green, blue].every((part) => part >= 0 && part <= 255)) return undefined;
  let best = 0;
  let shortest = Infinity;
  PALETTE.forEach(([r, g, b], index) => {
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
    if (distance < shortest) [best, shortest] = [index, distance];
  });
  return best;
}

export function colourOf256(index) {
  if (!(index >= 0 && index <= 255)) return undefined;
  if (index < 16) return index;
  if (index >= 232) return nearest(...Array(3).fill((index - 232) * 10 + 8));
  const level = (step) => (step ? step * 40 + 55 : 0);
  const cube = index - 16;
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

const ON = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike" };
const OFF = { 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["strike"], 39: ["colour"], 49: ["ground"] };

function styled(style, parameters) {
  let next = { ...style };
  for (let at = 0; at < parameters.length; at += 1) {
    const code = parameters[at];
    if (code === 0) next = next.link ? { link: next.link } : {};
    else if (ON[code]) next[ON[code]] = true;
    else if (OFF[code]) OFF[code].forEach((name) => delete next[name]);
    else if (code >= 30 && code <= 37) next.colour = code - 30;
    else if (code >= 40 && code <= 47) next.ground = code - 40;
    else if (code >= 90 && code <= 97) next.colour = code - 82;
    else if (code >= 100 && code <= 107) next.ground = code - 92;
    else if (code === 38 || code === 48) {
      const many = parameters[at + 1] === 2;
      const colour = many ? nearest(...parameters.slice(at + 2, at + 5)) : colourOf256(parameters[at + 2]);
      if (colour !== undefined) next[code === 38 ? "colour" : "ground"] = colour;
      at += many ? 4 : 2;
    }
  }
  return Object.keys(next).length ? Object.freeze(next) : PLAIN;
}

export class AnsiParser {
  constructor() {
    this.style = PLAIN;
    this.state = "text"; // text, escape, middle (of an escape), csi, string, stringEscape
    this.command = "";
  }

  feed(text) {
    const tokens = [];
    let at = 0;
    while (at < text.length) {
      if (this.state !== "text") {
        at = this.step(text, at);
        continue;
      }
      CONTROL.lastIndex = at;
      const found = CONTROL.exec(text);
      const end = found ? found.index : text.length;
      if (end > at) tokens.push({ text: text.slice(at, end), style: this.style });
      if (found) this.control(found[0], tokens);
      at = end + 1;
    }
    return tokens;
  }

  control(character, tokens) {
    if (character === "\n" || character === "\r") tokens.push(character);
    else if (character === "\x1b") this.enter("escape");
    else if (character === "\x9b") this.enter("csi");
    else if ("\x90\x98\x9d\x9e\x9f".includes(character)) this.enter("string", character === "\x9d" ? "]" : "");
  }

  enter(state, command = "") {
    this.state = state;
    this.command = command;
  }

  // Takes one character of a command and returns where to go on; a line feed ends every command and is not eaten.
  step(text, at) {
    const character = text[at];
    if (character === "\n") {
      this.state = "text";
      return at;
    }
    if (this.state === "escape") this.afterEscape(character);
    else if (this.state === "middle") {
      if (character >= "0" || character < " ") this.state = "text";
    } else if (this.state === "csi") this.inCsi(character);
    else if (this.state === "stringEscape") {
      if (character === "\\") this.endString();
      else this.afterEscape(character);
    } else if (character === "\x07" || character === "\x9c") this.endString();
    else if (character === "\x1b") this.state = "stringEscape";
    else if (this.command.length < LONGEST_COMMAND) this.command += character;
    return at + 1;
  }

  afterEscape(character) {
    if (character === "[") this.enter("csi");
    else if (character === "]") this.enter("string", "]");
    else if ("PX^_".includes(character)) this.enter("string");
    else if (character === "\x1b") this.enter("escape");
    else this.state = character >= " " && character < "0" ? "middle" : "text";
  }

  inCsi(character) {
    if (character >= "@" && character <= "~") {
      if (character === "m" && /^[0-9;:]*$/.test(this.command)) {
        const parts = this.command.slice(0, LONGEST_COMMAND).split(/[;:]/, MOST_PARAMETERS);
        this.style = styled(this.style, parts.map((part) => Number(part || 0)));
      }
      this.state = "text";
    } else if (character === "\x1b") this.enter("escape");
    else if (this.command.length < LONGEST_COMMAND) this.command += character;
  }

  endString() {
    this.state = "text";
    const link = /^\]8;[^;]*;(.*)$/s.exec(this.command);
    if (!link) return;
    const { link: _before, ...style } = this.style;
    this.style = SAFE_LINK.test(link[1]) ? Object.freeze({ ...style, link: link[1] }) : Object.freeze(style);
  }
}
