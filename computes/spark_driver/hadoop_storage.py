"""The shared storage behind Hadoop's FileSystem (hdfs, abfs, wasb, s3a, webhdfs): asked in the driver's own Java.

Neither a session nor a context is needed. So the driver uses the login that the cluster gave to the application, and
holds none of ours. The `hdfs` command would start a Java of its own for each part.
"""

import os

from .java import gateway, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional


class HadoopStorage:
    """Names are relative to a URI. What it raises is OSError; it says nothing about the run.

    Both Java and we are on the same host under the same account, so contents go through local files.
    """

    def __init__(self, uri: str, scratch: str, file_mode: int = 0o600) -> None:
        self.uri = uri
        self.scratch = scratch
        self.folder_mode = "%o" % (file_mode | (file_mode >> 2 & 0o111))
        self.file_mode = "%o" % file_mode
        self.jvm = gateway().jvm
        spark = self.jvm.org.apache.spark
        configuration = spark.deploy.SparkHadoopUtil.get().newConfiguration(spark.SparkConf())
        self.system = told(lambda: self.path("").getFileSystem(configuration))

    def path(self, name: str) -> "Any":
        """Return Hadoop's path of a name."""
        return self.jvm.org.apache.hadoop.fs.Path("%s/%s" % (self.uri, name) if name else self.uri)

    def local(self, path: str) -> "Any":
        """Return Hadoop's path of a local file."""
        return self.jvm.org.apache.hadoop.fs.Path("file://" + os.path.abspath(path))

    def permission(self, mode: str) -> "Any":
        """Return Hadoop's permission for an octal mode."""
        return self.jvm.org.apache.hadoop.fs.permission.FsPermission(mode)

    def names(self, name: str) -> "List[str]":
        """Return what is in a folder; empty when it is not there."""
        try:
            found = told(lambda: self.system.listStatus(self.path(name)))
        except FileNotFoundError:
            return []
        names = [str(status.getPath().getName()) for status in found]
        return [name for name in names if not name.startswith(".")]

    def exists(self, name: str) -> bool:
        """Whether something has this name."""
        return bool(told(lambda: self.system.exists(self.path(name))))

    def read(self, name: str) -> "Optional[bytes]":
        """Return a small file, None when it is not there."""
        local = os.path.join(self.scratch, "read")
        try:
            self.fetch(name, local)
            with open(local, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        finally:
            if os.path.exists(local):
                os.unlink(local)

    def fetch(self, name: str, local: str) -> None:
        """Copy a file to a local path."""
        told(lambda: self.system.copyToLocalFile(False, self.path(name), self.local(local), True))

    def claim(self, name: str, data: bytes) -> bool:
        """Make a file that nobody has made yet; False when somebody has."""
        try:
            stream = told(lambda: self.system.create(self.path(name), False))
        except FileExistsError:
            return False
        told(lambda: stream.write(bytearray(data)))
        told(stream.close)
        return True

    def place(self, local: str, name: str) -> None:
        """Copy a local file to a name, under which it appears whole."""
        folder, last = os.path.split(name)
        temporary = "%s/.%s.%d.tmp" % (folder, last, os.getpid())
        told(lambda: self.system.copyFromLocalFile(False, True, self.local(local), self.path(temporary)))
        told(lambda: self.system.setPermission(self.path(temporary), self.permission(self.file_mode)))
        self.remove(name)
        if not told(lambda: self.system.rename(self.path(temporary), self.path(name))):
            raise OSError("%s could not be given its name" % name)

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""
        told(lambda: self.system.delete(self.path(name), False))

    def make_folder(self, name: str) -> None:
        """Make a folder below one of ours, for those who may use that one; an existing one is left as it is."""
        if not self.exists(name):
            told(lambda: self.system.mkdirs(self.path(name), self.permission(self.folder_mode)))
