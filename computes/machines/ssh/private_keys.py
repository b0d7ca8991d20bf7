"""Private keys: made, read, and turned into what paramiko signs with. They are text in memory, never a file."""

import io

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from computes.errors import KeyUnreadable

OPENSSH_HEADER = "-----BEGIN OPENSSH PRIVATE KEY-----"
BYTE_ORDER_MARK = "\ufeff"  # Windows puts it in front of text files
CURVES = ("secp256r1", "secp384r1", "secp521r1")  # those that SSH has names for
SMALLEST_RSA_BITS = 2048
PAIR_REMEDY = "Let amlweb make a key pair, or upload an Ed25519, ECDSA or RSA key in OpenSSH or PEM format."

UsableKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey


def new_key_pair(comment: str) -> tuple[str, str]:
    """Make an Ed25519 key pair; return the private key's text and the line for authorized_keys."""
    key = Ed25519PrivateKey.generate()
    return text_of(key), public_line_of(key, comment)


def public_line(private_key: str, comment: str = "") -> str:
    """Return the line for authorized_keys that belongs to a private key. Raises KeyUnreadable."""
    return public_line_of(usable_key(private_key, None), comment)


def read_private_key(text: str, passphrase: str = "") -> str:
    """Return the text of a private key without its passphrase. Raises KeyUnreadable, which never quotes the key."""
    return text_of(usable_key(text, passphrase.encode() or None))


def signing_key(text: str) -> paramiko.PKey:
    """Return what paramiko logs in with. Raises KeyUnreadable."""
    key = usable_key(text, None)
    kind: type[paramiko.PKey]
    if isinstance(key, Ed25519PrivateKey):
        kind = paramiko.Ed25519Key
    else:
        kind = paramiko.RSAKey if isinstance(key, RSAPrivateKey) else paramiko.ECDSAKey
    try:
        return kind.from_private_key(io.StringIO(text_of(key)))
    except paramiko.SSHException:
        raise KeyUnreadable("The private key cannot be used to log in.", PAIR_REMEDY) from None


def usable_key(text: str, passphrase: bytes | None) -> UsableKey:
    """Return the key in a text. The errors of the libraries are not passed on: they may quote what they were given."""
    text = text.removeprefix(BYTE_ORDER_MARK).strip()
    data = (text.replace("\r\n", "\n") + "\n").encode(errors="replace")
    refuse_what_is_no_private_key(text)
    load = load_ssh_private_key if text.startswith(OPENSSH_HEADER) else load_pem_private_key
    try:
        key = load(data, passphrase)
    except TypeError:
        if passphrase is None:
            raise KeyUnreadable("The private key is locked by a passphrase.", "Give the passphrase, too.") from None
        return usable_key(text, None)
    except UnsupportedAlgorithm:
        raise KeyUnreadable("The private key is of a kind that is not supported.", PAIR_REMEDY) from None
    except ValueError:
        if passphrase is not None:
            raise KeyUnreadable(
                "The passphrase is wrong, or the private key is damaged.", "Type the passphrase again."
            ) from None
        raise KeyUnreadable("The private key is damaged.", f"Copy the whole file once more. {PAIR_REMEDY}") from None
    if isinstance(key, RSAPrivateKey) and key.key_size < SMALLEST_RSA_BITS:
        raise KeyUnreadable(f"The RSA key has only {key.key_size} bits.", PAIR_REMEDY)
    if not isinstance(key, UsableKey) or (isinstance(key, EllipticCurvePrivateKey) and key.curve.name not in CURVES):
        raise KeyUnreadable("The private key is of a kind that is not used for SSH.", PAIR_REMEDY)
    return key


def refuse_what_is_no_private_key(text: str) -> None:
    """Raise KeyUnreadable for what people paste instead of a private key."""
    if text.startswith("PuTTY-User-Key-File"):
        raise KeyUnreadable(
            "This is a key of PuTTY.", "Export it in PuTTYgen with Conversions, Export OpenSSH key, and upload that."
        )
    if text.startswith(("ssh-", "ecdsa-", "sk-")) or "PUBLIC KEY--" in text.partition("\n")[0].replace(" --", "--"):
        raise KeyUnreadable("This is a public key.", "Upload the private one: the file without .pub at its end.")
    if not text.startswith("-----BEGIN "):
        raise KeyUnreadable("This is no private key: it does not begin with -----BEGIN.", PAIR_REMEDY)


def text_of(key: UsableKey) -> str:
    """Return a key's text in OpenSSH format, without a passphrase."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def public_line_of(key: UsableKey, comment: str) -> str:
    """Return the line for authorized_keys; a comment is one line of printable text."""
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    words = "".join(character if character.isprintable() else " " for character in comment).split()
    return " ".join([line, *words])
