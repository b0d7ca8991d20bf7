"""What is taken from the npm packages."""

from pathlib import Path
from xml.etree import ElementTree

from amlweb.npm_files import FILES, ICON_FOLDER, ICONS, SVG, copy_files

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="24" viewBox="0 0 24 24" class="i"><path d="M0"/></svg>'


def lay_packages(folder: Path) -> Path:
    """Write a folder that looks like the installed packages."""
    for source in FILES.values():
        (folder / source).parent.mkdir(parents=True, exist_ok=True)
        (folder / source).write_text("a{}\n/*# sourceMappingURL=a.css.map */\n")
    (folder / ICON_FOLDER).mkdir(parents=True)
    for name in ICONS.split():
        (folder / ICON_FOLDER / f"{name}.svg").write_text(DRAWING)
    return folder


def test_copied_files_refer_to_no_source_map(tmp_path: Path) -> None:
    copy_files(lay_packages(tmp_path / "node_modules"), tmp_path / "npm")
    assert (tmp_path / "npm/tabler/css/tabler.min.css").read_text() == "a{}\n"


def test_every_icon_is_a_symbol_of_the_sprite(tmp_path: Path) -> None:
    copy_files(lay_packages(tmp_path / "node_modules"), tmp_path / "npm")
    symbols = ElementTree.parse(tmp_path / "npm/icons.svg").getroot().findall(f"{{{SVG}}}symbol")
    assert [symbol.get("id") for symbol in symbols] == ICONS.split()
    assert {symbol.get("viewBox") for symbol in symbols} == {"0 0 24 24"}
    assert all(len(symbol) == 1 for symbol in symbols)


def test_a_file_that_is_no_longer_wanted_goes_away(tmp_path: Path) -> None:
    (tmp_path / "npm").mkdir()
    (tmp_path / "npm/old.js").write_text("old")
    copy_files(lay_packages(tmp_path / "node_modules"), tmp_path / "npm")
    assert not (tmp_path / "npm/old.js").exists()
