"""Letting a public key in: one line in the account's authorized_keys."""

import os


def authorize(line: str) -> str:
    """Add a public key unless it is there; answer added or present. Modes are what sshd asks for: 0700 and 0600."""
    folder = os.path.join(os.path.expanduser("~"), ".ssh")
    path = os.path.join(folder, "authorized_keys")
    os.makedirs(folder, 0o700, exist_ok=True)
    os.chmod(folder, 0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with open(descriptor, "r+b", buffering=0) as file:
        known = file.read() or b""
        os.fchmod(descriptor, 0o600)
        key = line.split()[1].encode("ascii")
        if any(key in entry.split() for entry in known.splitlines() if not entry.lstrip().startswith(b"#")):
            return "present"
        separator = b"" if not known or known.endswith(b"\n") else b"\n"
        file.write(separator + line.strip().encode("utf-8") + b"\n")
    return "added"
