"""What a head node's `hdfs`, `yarn` and `spark-submit` do, in one small program. *contract*: no YARN can be had here.

Written from Hadoop's public documentation ("FileSystem Shell", "YARN Commands") and the sources of ApplicationCLI and
of Spark's YARN client. Their cluster is a folder, which FAKE names: `hdfs` (files), `app.json` (the one application),
`orders` (words that change what happens), `calls` (a line of JSON for each call), `node` (where the driver runs),
`driver` (the command that starts it, a word a line, where that is not just a Python), `manager` (there while a program
`resource-manager` starts the masters of applications; else spark-submit does).
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import urllib.parse

FAKE = os.environ["FAKE"]
MANAGER = FAKE + "/manager"
ID = "application_1700000000000_0007"
ENDED = ("FINISHED", "FAILED", "KILLED")
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO


def main() -> None:
    name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
    seen = {"program": name, "argv": arguments, "environment": dict(os.environ)}
    with open(FAKE + "/calls", "a") as file:
        file.write(json.dumps(seen) + "\n")
    {"hdfs": hdfs, "yarn": yarn, "spark-submit": submit, "resource-manager": manage}[name](arguments)


def ordered(word: str) -> bool:
    with open(FAKE + "/orders") as file:
        return word in file.read().split()


def fail(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.exit(1)


def hdfs(arguments: list) -> None:
    if arguments[:3] != ["dfs", "-D", "fs.permissions.umask-mode=077"]:
        fail("hdfs: " + repr(arguments))
    os.umask(0o077)
    if ordered("closed"):
        fail("mkdir: Permission denied: user=trainer, access=WRITE, inode=/user")
    with open(FAKE + "/calls") as file:
        number = sum(json.loads(line)["program"] == "hdfs" for line in file)
    if ordered("flaky") and number % 3 == 0:
        fail("mkdir: Call From head/10.0.0.4 to name:8020 failed on connection exception: Connection refused")
    verb, rest = arguments[3], arguments[4:]
    while ordered("hanging") and verb == "-put":
        time.sleep(0.02)
    if ordered("ungiving") and verb == "-get":
        fail("get: Call From head/10.0.0.4 to name:8020 failed on connection exception: Connection refused")
    options = [word for word in rest if word.startswith("-") and word != "-"]
    names = [word for word in rest if word not in options]
    files(verb, options, names)


def place(uri: str) -> str:
    if not uri.startswith("hdfs:///"):
        fail("no such file system: " + uri)
    return FAKE + "/hdfs/" + uri[len("hdfs:///") :]


def files(verb: str, options: list, names: list) -> None:
    if verb == "-mkdir":
        os.makedirs(place(names[0]), exist_ok=True)
    elif verb == "-put":
        target = place(names[-1])
        if names[0] == "-":
            if not os.path.isdir(os.path.dirname(target)):
                fail(f"put: `{names[1]}': No such file or directory")
            with open(target, "wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
            return
        for name in names[:-1]:
            assert " " not in name
            assert "//" not in name
            if os.path.exists(os.path.join(target, os.path.basename(name))) and "-f" not in options:
                fail("put: File exists")
            shutil.copy(name, target)
    elif verb == "-ls":
        top = place(names[0])
        if not os.path.isdir(top):
            fail(f"ls: `{names[0]}': No such file or directory")
        for parent, folders, found in os.walk(top):
            for name in folders + found:
                kind = "d" if name in folders else "-"
                path = names[0] + os.path.join(parent, name)[len(top) :]
                print(kind + "rw-------   1 trainer hdfs         12 2026-01-02 03:04 " + path)
    elif verb == "-cat":
        if ordered("recordless") and names[0].endswith("/exit.json"):
            fail("cat: Call From head/10.0.0.4 to name:8020 failed on connection exception: Connection refused")
        for name in names:
            with open(place(name), "rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
    elif verb == "-mv":
        os.rename(place(names[0]), place(names[1]))
    elif verb == "-get":
        for name in names[:-1]:
            source = place(name)
            into = os.path.join(names[-1], os.path.basename(source))
            shutil.copytree(source, into) if os.path.isdir(source) else shutil.copyfile(source, into)
    elif verb == "-rm":
        assert options == ["-r", "-f", "-skipTrash"]
        shutil.rmtree(place(names[0]), ignore_errors=True)
    else:
        fail(verb + ": Unknown command")


def application() -> dict:
    try:
        with open(FAKE + "/app.json") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


@contextlib.contextmanager
def held() -> "Iterator[TextIO]":
    """Let one program at a time decide on the application, as a ResourceManager decides one thing after the other."""
    with open(FAKE + "/lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def change(**facts: object) -> None:
    """Change what is known of the application while it is held."""
    found = dict(application(), **facts)
    with open(FAKE + "/app.json.new", "w") as file:
        json.dump(found, file)
    os.rename(FAKE + "/app.json.new", FAKE + "/app.json")


def settle(**facts: object) -> None:
    """Change what is known of an application that has not ended yet."""
    with held():
        if application()["state"] not in ENDED:
            change(**facts)


def yarn(arguments: list) -> None:
    if ordered("silent"):
        fail("ipc.Client: Retrying connect to server: head/10.0.0.4:8032. Already tried 9 time(s)")
    print("26/01/02 03:04:05 INFO client.RMProxy: Connecting to ResourceManager at head/10.0.0.4:8032", file=sys.stderr)
    app = application()
    if arguments[:2] == ["application", "-list"]:
        is_there = bool(app) and app["tag"] == arguments[arguments.index("-appTags") + 1]
        print("Total number of applications (application-types: [], states: [] and tags: []):%d" % is_there)
        print("                Application-Id\t    Application-Name\t    Application-Type")
        if is_there:
            print("{}\t                abc\t               SPARK\t{}\t{}".format(ID, app["state"], app["final"]))
    elif arguments[:2] == ["application", "-status"]:
        if not app or ordered("forgotten"):
            print(f"Application with id '{arguments[2]}' doesn't exist in RM or Timeline Server.")
            sys.exit(255)
        facts = (ID, app["state"], app["final"], app["why"])
        print("Application Report :")
        for name, fact in zip(("Application-Id", "State", "Final-State", "Diagnostics"), facts, strict=True):
            print(f"\t{name} : {fact}")
    elif arguments[:2] == ["application", "-kill"]:
        with held():
            kill(application())
        print("Killing application " + ID)
    elif arguments[:2] == ["logs", "-applicationId"]:
        if ordered("unaggregated"):
            print("Log aggregation has not completed or is not enabled.")
            sys.exit(255)
        print("Container: container_1700000000000_0007_01_000002 on node1_45454\nLogType:stderr\nan executor's words")
        print("hunter2 stands in the log")
    elif arguments == ["node", "-list"]:
        print("Total Nodes:2\n         Node-Id\t     Node-State\tNode-Http-Address\tNumber-of-Running-Containers")
    else:
        fail("Invalid Command Usage : " + repr(arguments))


def kill(app: dict) -> None:
    if app["state"] in ENDED:
        return
    change(state="KILLED", final="KILLED", why=f"Application {ID} was killed by user trainer at 10.0.0.9")
    for name in ("master", "driver"):
        try:
            os.killpg(app[name], signal.SIGKILL)
        except (KeyError, ProcessLookupError):
            continue


def submit(arguments: list) -> None:
    assert arguments[0] == "--properties-file"
    with open(arguments[1]) as file:
        properties = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    if ordered("refuse"):
        fail("org.apache.spark.SparkException: Application application_1 submitted to unknown queue: gold")
    with held() as lock:
        tag = properties["spark.yarn.tags"]
        change(id=ID, tag=tag, state="ACCEPTED", final="UNDEFINED", why="waiting for AM container")
        if properties["spark.submit.deployMode"] != "client":
            begin = managed if os.path.isdir(MANAGER) else master_of
            change(master=begin(arguments[2:], properties, lock))
    if properties["spark.submit.deployMode"] == "client":
        driver_here(arguments[2:])
    if ordered("slow"):
        time.sleep(300)
    if not ordered("wordless"):
        sys.stderr.write(f"26/01/02 03:04:05 INFO YarnClientImpl: Submitted application {ID}\n")


def master_of(argv: list, properties: dict, lock: "TextIO") -> int:
    """Start the application's master. It has a session of its own, and no part in our lock, when this returns."""
    begun, say = os.pipe()
    master = os.fork()
    if master == 0:
        lock.close()
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        os.write(say, b"!")
        run_master(argv, properties)
        os._exit(0)
    os.read(begun, 1)
    return master


def managed(argv: list, properties: dict, lock: "TextIO") -> int:
    """Have the resource manager start the application's master, and return its process."""
    with open(MANAGER + "/asked.new", "w") as file:
        json.dump([argv, properties], file)
    os.rename(MANAGER + "/asked.new", MANAGER + "/asked")
    while not os.path.exists(MANAGER + "/begun"):
        time.sleep(0.01)
    with open(MANAGER + "/begun") as file:
        return int(file.read())


def manage(arguments: list) -> None:
    """Start masters that are asked for, until we are killed: none is a descendant of who submits."""
    os.mkdir(MANAGER)
    while True:
        if os.path.exists(MANAGER + "/asked"):
            with open(MANAGER + "/asked") as file:
                argv, properties = json.load(file)
            os.unlink(MANAGER + "/asked")
            with open(os.devnull, "w") as nothing:
                master = master_of(argv, properties, nothing)
            with open(MANAGER + "/begun.new", "w") as file:
                file.write(str(master))
            os.rename(MANAGER + "/begun.new", MANAGER + "/begun")
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        time.sleep(0.02)


def driver_here(argv: list) -> None:
    sys.stderr.write(f"26/01/02 03:04:05 INFO YarnClientImpl: Submitted application {ID}\n")
    settle(state="RUNNING", why="")
    code = subprocess.run([os.environ["PYSPARK_DRIVER_PYTHON"], *argv], check=False).returncode
    settle(state="FINISHED", final="FAILED" if code else "SUCCEEDED")
    sys.exit(code)


def python_on_node(properties: dict) -> str:
    """Unpack the archive on the node as YARN does, and return the Python that the driver is to have there."""
    archive, _, name = properties.get("spark.archives", "").partition("#")
    if not archive:
        return sys.executable
    os.makedirs(FAKE + "/node/" + name)
    with tarfile.open(urllib.parse.unquote(archive[len("file://") :])) as tar:
        tar.extractall(FAKE + "/node/" + name, filter="fully_trusted")
    return properties["spark.yarn.appMasterEnv.PYSPARK_PYTHON"]


def driver_command(properties: dict) -> list:
    """Return what the driver program is started with: a Python, or what `driver` names, a real Spark for example."""
    if os.path.exists(FAKE + "/driver"):
        with open(FAKE + "/driver") as file:
            return file.read().splitlines()
    return [python_on_node(properties)]


def run_master(argv: list, properties: dict) -> None:
    if ordered("wait"):
        time.sleep(300)
    if ordered("fail"):
        settle(state="FAILED", final="FAILED", why="AM Container for appattempt exited with exitCode: 13")
        return
    os.makedirs(FAKE + "/node", exist_ok=True)
    environment = {"PATH": "/usr/bin:/bin", "CONTAINER_ID": "container_1700000000000_0007_01_000001", "FAKE": FAKE}
    uri = argv[1] if argv[1].startswith("file:") else "file://" + place(argv[1])
    out = open(FAKE + "/driver.log", "wb")
    command = [*driver_command(properties), argv[0], uri]
    with held():
        if application()["state"] in ENDED:
            return
        process = subprocess.Popen(
            command, cwd=FAKE + "/node", env=environment, stdout=out, stderr=out,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        change(state="RUNNING", driver=process.pid)
    code = process.wait()
    final = "SUCCEEDED" if code == 0 else "FAILED"
    settle(state="FINISHED", final=final, why="User application exited with status %d" % code if code else "")


main()
