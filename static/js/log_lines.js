// Makes the elements of log lines. Whatever a script printed goes in as text nodes; styles become class names from a
// fixed list; links lead to http and https only.
const CLAMP = 2_000;
const SIGNS = /[\u202a-\u202e\u2066-\u2069]/g;

function classesOf(style) {
  const names = ["bold", "dim", "italic", "underline", "strike"].filter((name) => style[name]).map((name) => `ansi-${name}`);
  const [colour, ground] = style.inverse ? [style.ground ?? "ground", style.colour ?? "text"] : [style.colour, style.ground];
  if (colour !== undefined) names.push(`ansi-fg-${colour}`);
  if (ground !== undefined) names.push(`ansi-bg-${ground}`);
  return names.join(" ");
}

// Signs that turn the direction of writing could make a line read as something else: they are shown, not obeyed.
function visible(text) {
  return text.replace(SIGNS, (sign) => `⟨U+${sign.codePointAt(0).toString(16).toUpperCase()}⟩`);
}

function pieceElement(text, style) {
  const classes = classesOf(style);
  if (!classes && !style.link) return document.createTextNode(text);
  const element = document.createElement(style.link ? "a" : "span");
  if (classes) element.className = classes;
  if (style.link) {
    element.href = style.link;
    element.rel = "noopener noreferrer";
    element.target = "_blank";
  }
  element.append(text);
  return element;
}

function fill(element, line, limit) {
  element.replaceChildren();
  let room = limit;
  for (const { text, style } of line.pieces) {
    if (room <= 0) break;
    element.append(pieceElement(visible(text.slice(0, room)), style));
    room -= text.length;
  }
}

export function fillText(element, line) {
  fill(element, line, CLAMP);
  const hidden = line.length - CLAMP;
  if (hidden > 0) {
    const more = document.createElement("button");
    more.type = "button";
    more.className = "line-more";
    more.textContent = `… show ${hidden.toLocaleString("en")} more characters`;
    more.addEventListener("click", () => {
      fill(element, line, line.length);
      note(element, line);
    });
    element.append(more);
  } else note(element, line);
}

function note(element, line) {
  if (!line.leftOut) return;
  const rest = document.createElement("i");
  rest.className = "line-more";
  rest.textContent = `… ${line.leftOut.toLocaleString("en")} more characters in the raw log`;
  element.append(rest);
}

export function lineElement(line, hrefOf) {
  const element = document.createElement("div");
  element.className = "line";
  element.id = `L${line.number}`;
  const number = document.createElement("a");
  number.className = "line-number";
  number.href = hrefOf(line.number);
  number.textContent = line.number;
  const text = document.createElement("span");
  text.className = "line-text";
  fillText(text, line);
  element.append(number, text);
  return element;
}
