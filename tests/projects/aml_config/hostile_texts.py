"""The hostile YAML texts that every reader must answer with a problem, and texts that look strange but are right."""

ALIAS_LEVELS = "".join(
    f"{chr(98 + level)}: &{chr(98 + level)} [{', '.join([f'*{chr(97 + level)}'] * 9)}]\n" for level in range(9)
)
MERGE_LEVELS = "".join(f"m{level + 1}: &m{level + 1} {{<<: [*m{level}, *m{level}]}}\n" for level in range(20))

REFUSED: dict[str, bytes] = {
    "alias bomb": ("a: &a [x, x, x, x, x, x, x, x, x]\n" + ALIAS_LEVELS).encode(),
    "alias bomb with few aliases": (
        "a: &a [" + "x, " * 4_000 + "x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n"
    ).encode(),
    "alias tower": ("a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}]\n" for n in range(49))).encode(),
    "python object": b"type: !!python/object/apply:os.system ['true']\n",
    "python name": b"type: !!python/name:os.system\n",
    "5,000 opening brackets": b"[" * 5_000,
    "opening brackets below a key": b"type: " + b"[" * 5_000,
    "1,300 nested maps": b"".join(b" " * level + b"a:\n" for level in range(1_300)),
    "2,000 nested maps": b"".join(b" " * level + b"a:\n" for level in range(2_000)),
    "2,000 nested flow maps": b"{a: " * 2_000 + b"x" + b"}" * 2_000,
    "2,000 nested JSON maps": b'{"a": ' * 2_000 + b"1" + b"}" * 2_000,
    "duplicate keys": b"type: local\ntype: cluster\n",
    "two documents": b"type: local\n---\ntype: local\n",
    "tab indent": b"type: local\nEnvironmentVariables:\n\tA: b\n",
    "escaped NUL": b'type: "\\0"\n',
    "NUL byte": b"type: local\0\n",
    "bell character": b"type: local\x07\n",
    "escaped lone surrogate": b'type: "\\ud800"\n',
    "JSON with a lone surrogate": b'{"type": "\\ud800"}',
    "lone surrogate as bytes": b"type: \xed\xa0\x80\n",
    "merge-key bomb": ("m0: &m0 {a: b}\n" + MERGE_LEVELS).encode(),
    "self-reference": b"type: &a [*a]\n",
    "list as key": b"? [a, b]\n: c\n",
    "map as key": b"{{a: b}: c}\n",
    "null as key": b"~: c\n",
    "bad binary": b"type: !!binary \xc2\xa4\xc2\xa4\n",
    "set": b"type: !!set {a, b}\n",
    "own tag": b"type: !vault abc\n",
    "top-level scalar": b"just words\n",
    "top-level list": b"- a\n- b\n",
    "empty": b"",
    "only a comment": b"# nothing\n",
    "anchor only": b"&a\n",
    "undefined alias": b"type: *nowhere\n",
    "latin-1 bytes": "type: caf\xe9\n".encode("latin-1"),
    "UTF-16": "type: local\n".encode("utf-16"),
    "UTF-16 without a mark": "type: local\n".encode("utf-16-le"),
    "UTF-32": "type: local\n".encode("utf-32"),
    "10 MB comment": b"#" + b"x" * 10_000_000 + b"\ntype: local\n",
    "1 MB of tag directives": b"".join(b"%%TAG !a%d! tag:x\n" % n for n in range(50_000))[:999_000] + b"---\na: b\n",
    "directives before a second document": b"a: b\n...\n" + b"%TAG !a! tag:x\n" * 60_000,
    "1 MB of commas": b"[" + b"x," * 499_000 + b"]",
    "character beyond Unicode": b'type: "\\U00110000"\n',
    "unclosed quote": b"type: 'local\n" + b"x\n" * 400_000,
    "unclosed bracket": b"type: [local\n",
}

TEXTS_WHERE_A_STRING_IS_MEANT = [
    "no", "yes", "on", "3.10", "12:30:45", "0777", "1e3", "2001-99-99", "2001-02-30", "2001-01-01", "7" * 5_000, ".inf",
    ".nan", "1e400", "1_000", "190:20:30", "0x1F", "0b11", "1.", "+1", "-0", "true", "=", "y", "N", "Null.", "NaN",
]  # fmt: skip
