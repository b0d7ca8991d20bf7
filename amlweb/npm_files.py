"""Copies the few files that pages load from the installed npm packages to `static_npm/`, with their licences.

`python -m amlweb.npm_files node_modules static_npm` is called by `make setup`; it needs no Django. References to source
maps are cut off, because the maps stay behind. The chosen icons become one sprite, `icons.svg#name`.
"""

import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

FILES = {
    "tabler/css/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/js/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "tabler/package.json": "@tabler/core/package.json",
    "uplot/uPlot.esm.js": "uplot/dist/uPlot.esm.js",
    "uplot/uPlot.min.css": "uplot/dist/uPlot.min.css",
    "uplot/LICENSE": "uplot/LICENSE",
    "popper/LICENSE.md": "@popperjs/core/LICENSE.md",  # popper is a part of tabler.min.js
    "icons.LICENSE": "@tabler/icons/LICENSE",
}
ICON_FOLDER = "@tabler/icons/icons/outline"
ICONS = """
adjustments alert-circle alert-triangle api archive arrow-down arrow-left arrow-right arrow-up ban bolt box
brand-docker brand-git brand-python bug calendar cancel chart-line check chevron-down chevron-left chevron-right
chevron-up circle-check circle-dashed circle-x clipboard clock clock-pause cloud-upload code columns copy cpu
dashboard database device-desktop dots download edit external-link eye eye-off file file-code file-diff file-text
file-zip filter flame flask folder folder-open folder-plus git-branch git-compare git-fork help-circle history home
hourglass inbox info-circle key link list list-details loader loader-2 lock logout math-function menu-2 message
minus moon note package pencil photo player-pause player-play player-stop player-track-next plug plug-connected
plug-x plus printer refresh repeat rocket search send server server-2 settings share shield shield-lock
sort-ascending sort-descending sparkles stack-2 star sun table tag terminal-2 trash trophy upload user user-plus
users variable wifi-off world x
"""
SOURCE_MAP = re.compile(rb"^(//|/\*)# sourceMappingURL=.*$\n?", re.MULTILINE)
SVG = "http://www.w3.org/2000/svg"


def sprite_of(icon_folder: Path) -> bytes:
    """Return one SVG with a symbol per chosen icon, drawn with the colour of the text around it."""
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    for name in ICONS.split():
        drawing = ElementTree.parse(icon_folder / f"{name}.svg").getroot()  # noqa: S314 (a pinned package)
        kept = {key: value for key, value in drawing.attrib.items() if key not in ("width", "height", "class")}
        symbol = ElementTree.SubElement(sprite, f"{{{SVG}}}symbol", {"id": name, **kept})
        symbol.extend(list(drawing))
    return bytes(ElementTree.tostring(sprite, encoding="utf-8"))


def copy_files(packages: Path, target: Path) -> None:
    """Replace the target folder by the chosen files of the installed packages."""
    shutil.rmtree(target, ignore_errors=True)
    for name, source in FILES.items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(SOURCE_MAP.sub(b"", (packages / source).read_bytes()))
    (target / "icons.svg").write_bytes(sprite_of(packages / ICON_FOLDER))


if __name__ == "__main__":
    copy_files(Path(sys.argv[1]), Path(sys.argv[2]))
