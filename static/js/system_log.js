// Our own log of a run, and that of its environment's build, have no socket: while the run is on it is asked for its new bytes every two seconds.
const EVERY = 2_000;

export class SystemLogTail {
  constructor(viewer) {
    this.viewer = viewer;
    this.offset = viewer.end;
    this.decoder = new TextDecoder();
  }

  async look() {
    const reply = await fetch(this.viewer.root.dataset.raw, { headers: { Range: `bytes=${this.offset}-` } });
    if (reply.status !== 206 && !(reply.status === 200 && this.offset === 0)) return;
    const bytes = await reply.arrayBuffer();
    this.offset += bytes.byteLength;
    if (bytes.byteLength) this.viewer.add(this.decoder.decode(bytes, { stream: true }));
  }

  start(isOver) {
    const again = async () => {
      const wasOver = isOver();
      try {
        await this.look();
      } catch {
        this.viewer.say("reconnecting");
      }
      if (!wasOver) window.setTimeout(again, EVERY);
    };
    again();
  }
}
