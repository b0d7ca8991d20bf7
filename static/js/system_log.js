// Our own log of a run, and that of its environment's build, have no socket: while the run is on it is asked for its new bytes every two seconds.
const EVERY = 2_000;

export class SystemLogTail {
  constructor(viewer) {
    this.viewer = viewer;
    this.offset = viewer.end;
    this.decoder = new TextDecoder();
  }

  async look() {
    // The last byte is asked for once more: a range that begins at the end of a file is an error.
    const from = Math.max(this.offset - 1, 0);
    const reply = await fetch(this.viewer.root.dataset.raw, { headers: { Range: `bytes=${from}-` } });
    if (reply.status !== 206 && !(reply.status === 200 && from === 0)) return;
    const bytes = new Uint8Array(await reply.arrayBuffer()).subarray(this.offset - from);
    this.offset += bytes.length;
    if (bytes.length) this.viewer.add(this.decoder.decode(bytes, { stream: true }));
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
