"""Looking through what a script left behind. It is not trusted: nothing that it put there leads us elsewhere."""

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

DEEPEST = 64
PAGE = 50000
LONGEST_PATH_BYTES = 1000  # what the server's table of outputs holds
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Found:
    """One thing in the outputs: a file that is open for reading, or the reason why it is left."""

    def __init__(self, path: str, size: int, reason: str = "", descriptor: int = -1) -> None:
        self.path = path
        self.size = size
        self.reason = reason
        self.descriptor = descriptor


class Outputs:
    """One walk through the outputs of one run. At most this many files, bytes in a file and bytes in all are opened."""

    def __init__(self, files: int, file_bytes: int, total_bytes: int) -> None:
        self.most_files = files
        self.file_bytes = file_bytes
        self.total_bytes = total_bytes
        self.files = 0
        self.bytes = 0

    def found_in(self, top: str) -> "Iterator[Found]":
        """Yield what is below a folder in the order of names. Whoever takes a file closes its descriptor.

        Every component is opened without following links. Nothing is found in a folder that is not there.
        """
        try:
            descriptor = os.open(top, FOLDER)
        except FileNotFoundError:
            return
        except OSError:
            yield Found("outputs", 0, "outputs is not a folder any more")
            return
        try:
            for found in self.walk(descriptor, "", 0):
                yield found
        finally:
            os.close(descriptor)

    def walk(self, folder: int, prefix: str, depth: int) -> "Iterator[Found]":
        """Yield what is found in an open folder; stops behind the limit on files."""
        for name in names_in(folder):
            if self.files >= self.most_files:
                if self.files == self.most_files:
                    self.files += 1
                    reason = "more than {:,} files: this one and the rest were left".format(self.most_files)
                    yield left(prefix + name, 0, reason)
                return
            path = prefix + name
            try:
                facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except OSError as error:
                self.files += 1
                yield left(path, 0, "cannot be opened: %s" % error.strerror)
                continue
            reason = self.reason_against(path, name, facts, depth)
            if reason:
                self.files += 1
                yield left(path, facts.st_size if stat.S_ISREG(facts.st_mode) else 0, reason)
            elif stat.S_ISDIR(facts.st_mode):
                for found in self.enter(folder, name, path, depth):
                    yield found
            else:
                self.files += 1
                yield self.opened(folder, name, path)

    def enter(self, folder: int, name: str, path: str, depth: int) -> "Iterator[Found]":
        """Yield what is found in a folder of a folder."""
        try:
            inner = os.open(name, FOLDER, dir_fd=folder)
        except OSError as error:
            yield left(path, 0, "cannot be opened: %s" % error.strerror)
            return
        try:
            for found in self.walk(inner, path + "/", depth + 1):
                yield found
        finally:
            os.close(inner)

    def reason_against(self, path: str, name: str, facts: os.stat_result, depth: int) -> str:
        """Return why an entry is left, empty when it may be copied."""
        kind = stat.S_IFMT(facts.st_mode)
        if has_surrogates(name):
            return "its name is not valid UTF-8"
        if not name.isprintable():
            return "its name has control characters"
        if len(path.encode("utf-8")) > LONGEST_PATH_BYTES:
            return "its path is longer than %d bytes" % LONGEST_PATH_BYTES
        if kind == stat.S_IFDIR:
            return "" if depth < DEEPEST else "folders are nested deeper than %d" % DEEPEST
        if kind != stat.S_IFREG:
            return "it is %s" % KINDS.get(kind, "not an ordinary file")
        if facts.st_nlink > 1:
            return "it has more than one name (hard link)"
        if facts.st_size > self.file_bytes:
            return "it is larger than {:,} bytes".format(self.file_bytes)
        if self.bytes + facts.st_size > self.total_bytes:
            return "all outputs together are larger than {:,} bytes".format(self.total_bytes)
        return ""

    def opened(self, folder: int, name: str, path: str) -> Found:
        """Open one file. What was looked at is what is opened: kind and number of names are asked again."""
        try:
            descriptor = os.open(name, FILE, dir_fd=folder)
        except OSError as error:
            return left(path, 0, "cannot be opened: %s" % error.strerror)
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1:
            os.close(descriptor)
            return left(path, 0, "it was exchanged while being looked at")
        self.bytes += facts.st_size
        return Found(path, facts.st_size, "", descriptor)


def names_in(folder: int) -> "Iterator[str]":
    """Yield the names in an open folder in their order, read again for each page: millions take no more memory."""
    names = first_names(folder, "")
    while names:
        for name in names:
            yield name
        names = first_names(folder, names[-1]) if len(names) == PAGE else []


def first_names(folder: int, after: str) -> "list[str]":
    """Return a page of names, beginning behind one."""
    names = []  # type: list[str]
    with os.scandir("/proc/self/fd/%d" % folder) as entries:  # Python 3.6 takes no descriptor here
        for entry in entries:
            if entry.name > after:
                names.append(entry.name)
            if len(names) == 2 * PAGE:
                names = sorted(names)[:PAGE]
    return sorted(names)[:PAGE]


def left(path: str, size: int, reason: str) -> Found:
    """Return the entry of something that is left; its name is shown with escapes."""
    shown = path if path.isprintable() and not has_surrogates(path) else ascii(path)[1:-1]
    return Found(shown[:LONGEST_PATH_BYTES], size, reason)


def has_surrogates(text: str) -> bool:
    """Whether a name came from bytes that are not UTF-8."""
    return any("\ud800" <= character <= "\udfff" for character in text)
