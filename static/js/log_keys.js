// The keys of the log: / search, n and N next and previous, g and G first and last line, f follow, w wrap, z whole window.
export function startLogKeys(viewer) {
  const keys = {
    "/": () => viewer.search.focus(),
    n: () => viewer.search.go(1),
    N: () => viewer.search.go(-1),
    g: () => {
      viewer.follow.set(false);
      viewer.scroll.scrollTop = 0;
    },
    G: () => (viewer.isAtEnd ? viewer.follow.wish(true) : viewer.scroll.scrollTo(0, viewer.scroll.scrollHeight)),
    f: () => viewer.isAtEnd && viewer.follow.wish(!viewer.follow.isOn),
    w: () => viewer.toggleWrap(),
    z: () => viewer.size.toggle(),
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
}
