"""Secrets at rest open only with the keys, and only where they were sealed for."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from projects.secret_box import SealBroken, rotate, seal, unseal


@pytest.fixture(autouse=True)
def key_file(settings: Settings, tmp_path: Path) -> Path:
    settings.KEY_FILE = tmp_path / "private" / "keys"
    return settings.KEY_FILE


def test_a_sealed_text_opens_where_it_was_sealed_for_and_hides_what_it_says() -> None:
    sealed = seal("target", 7, "password", "häm mer\n✓")
    assert "mer" not in sealed
    assert unseal("target", "7", "password", sealed) == "häm mer\n✓"


@pytest.mark.parametrize("place", [("project", 7, "password"), ("target", 8, "password"), ("target", 7, "key")])
def test_a_sealed_text_does_not_open_in_another_place(place: tuple[str, int, str]) -> None:
    with pytest.raises(SealBroken, match="another place"):
        unseal(*place, seal("target", 7, "password", "hammer"))


@pytest.mark.parametrize("damage", ["", "x", "é", "\0"])
def test_a_damaged_text_does_not_open(damage: str) -> None:
    sealed = seal("target", 7, "password", "hammer")
    with pytest.raises(SealBroken, match="typed in again"):
        unseal("target", 7, "password", sealed[:-8] + damage)


def test_the_key_file_is_made_once_and_only_its_owner_can_read_it(key_file: Path) -> None:
    seal("target", 7, "password", "hammer")
    first = key_file.read_bytes()
    seal("target", 7, "password", "hammer")
    assert key_file.read_bytes() == first
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == ["keys"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    program = "import sys, pathlib; from projects.key_file import keys_in; keys_in(pathlib.Path(sys.argv[1]))"
    path = tmp_path / "raced"
    racers = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(6)]
    assert [racer.wait(60) for racer in racers] == [0] * 6
    assert len(path.read_text().split()) == 1
    assert [each.name for each in tmp_path.glob("*raced*")] == ["raced"]


def test_a_new_first_key_seals_while_the_old_one_still_opens(key_file: Path) -> None:
    old = seal("target", 7, "password", "hammer")
    old_key = key_file.read_text()
    key_file.write_text(f"{Fernet.generate_key().decode()}\n{old_key}")
    assert unseal("target", 7, "password", old) == "hammer"
    renewed = rotate(rotate(old))
    key_file.write_text(key_file.read_text().split()[0])
    assert unseal("target", 7, "password", renewed) == "hammer"
    with pytest.raises(SealBroken):
        unseal("target", 7, "password", old)
    with pytest.raises(SealBroken):
        rotate(old)


@pytest.mark.parametrize("content", ["", "not a key\n"])
def test_a_key_file_without_keys_is_named_with_its_remedy(key_file: Path, content: str) -> None:
    key_file.parent.mkdir()
    key_file.write_text(content)
    with pytest.raises(SealBroken, match=r"keys does not hold keys.*backup"):
        seal("target", 7, "password", "hammer")
