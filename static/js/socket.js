// A websocket that comes back by itself: each time it says from which byte, and after which metric, it wants to go on,
// so nothing is lost or doubled. Pauses grow from half a second to 15 seconds, spread by chance.
const SHORTEST = 500;
const LONGEST = 15_000;
const REFUSED = new Set([4400, 4404]);

export class RunSocket {
  constructor(path, places, { onMessage, onState }) {
    this.url = new URL(path, location.href.replace(/^http/, "ws"));
    this.places = places; // {from, after_metric, log}
    this.onMessage = onMessage;
    this.onState = onState;
    this.pause = SHORTEST;
    this.isOver = false;
  }

  open() {
    this.onState("connecting");
    this.socket = new WebSocket(this.url);
    this.socket.addEventListener("open", () => {
      this.socket.send(JSON.stringify(this.places));
      this.onState("live");
    });
    this.socket.addEventListener("message", (event) => this.take(JSON.parse(event.data)));
    this.socket.addEventListener("close", (event) => this.closed(event.code));
  }

  take(message) {
    this.pause = SHORTEST;
    if (message.type === "log") {
      if (message.offset !== this.places.from) return;
      this.places.from = message.next;
    } else if (message.type === "reset") this.places.from = 0;
    else if (message.type === "metric") this.places.after_metric = Math.max(this.places.after_metric, message.id);
    else if (message.type === "end") this.isOver = true;
    this.onMessage(message);
    if (this.isOver) this.onState("ended");
  }

  closed(code) {
    if (this.isOver) return;
    if (REFUSED.has(code)) {
      this.isOver = true;
      this.onState("refused");
      return;
    }
    this.onState("reconnecting");
    window.setTimeout(() => this.open(), this.pause * (0.5 + Math.random()));
    this.pause = Math.min(this.pause * 2, LONGEST);
  }
}
