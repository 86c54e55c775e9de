"""Real processes of the node under test: a small network in temporary folders, on loopback."""

import asyncio
import csv
import json
import os
import re
import subprocess
import time

_ADDRESS = re.compile(r"/ip4/127\.0\.0\.1/tcp/([1-9][0-9]*)")
_PATIENCE = 60
_TRUE_WITHIN = 10
ROSTER = "居民名册"
_ROWS = """小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期
示例小区,1,1,101,张三,户主,男,1960-05-01
示例小区,1,1,101,李四,配偶,女,1962-08-15
示例小区,1,1,102,王五,户主,男,1985-03-01
"""


def name_of(scope):
    """A scope as `status` names it."""
    kind = {0: "statements", 1: "public", 2: "path", 3: "pair:%s" % scope.other}.get(
        scope.compartment, "band%d" % (scope.compartment - 4))
    return "%s@%s" % (scope.unit, kind)


def came_true(true):
    """Whether it became true in time."""
    deadline = time.monotonic() + _TRUE_WITHIN
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.3)
    return True


async def compared(node, network, name):
    """The sums of all that a member holds and of all that its unit's node does.

    Waits for what is on its way: a card or a report may just be written.
    """
    deadline = time.monotonic() + _TRUE_WITHIN
    while True:
        here = {name_of(scope): node.replica.sum(scope).hex()
                for scope in node.replica.filled_scopes()}
        there = network.sums(name)
        if here == there or time.monotonic() > deadline:
            return here, there
        await asyncio.sleep(0.1)


class Network:
    """A city and units below it, each with a data folder of its own."""

    def __init__(self, binary, folder):
        self._binary, self._folder = binary, folder
        self._running = {}                   # name of a folder -> (process, port)

    def path(self, *names):
        return os.path.join(self._folder, *names)

    # Commands

    def command(self, *arguments):
        """What a command prints."""
        done = subprocess.run([self._binary, *arguments], capture_output=True, text=True,
                              timeout=_PATIENCE, check=False)
        if done.returncode != 0:
            raise RuntimeError("%s: %s%s" % (" ".join(arguments), done.stdout, done.stderr))
        return done.stdout

    def of(self, name, *arguments):
        """A command at the data folder with a name."""
        return self.command(*arguments, "--data", self.path(name))

    def json_of(self, name, *arguments):
        return json.loads(self.of(name, *arguments, "--json"))

    def key(self, name):
        return bytes.fromhex(self.of(name, "key").strip())

    # What people do

    def found(self, name, code):
        """A network; what `init` tells once, its recovery phrases among it."""
        told = self.json_of(name, "init", "--city", code, "--name", "白城")
        self.of(name, "network", "--out", self.path(name + ".network"))
        return told

    def begin(self, name, unit, city):
        """A unit begins by itself: only its request is there; what `init` tells once."""
        return self.json_of(name, "init", "--network", self.path(city + ".network"),
                            "--unit", unit, "--out", self.path(name + ".request"))

    def recognise(self, name, above, *options):
        """A unit above recognises it, and it takes the grant."""
        grant = self.path(name + ".grant")
        self.of(above, "recognise", "--request", self.path(name + ".request"), "--out", grant,
                *options)
        self.of(name, "init", "--grant", grant)

    def delegate(self, name, key, role):
        """The file of a grant for one more node of a unit."""
        file = self.path("%s.%s.grant" % (name, key.hex()[:8]))
        self.of(name, "delegate", "--to", key.hex(), "--role", role, "--out", file)
        return file

    def small_roster(self):
        """The file of a roster of three persons."""
        path = self.path(ROSTER + ".csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write(_ROWS)
        return path

    def exported(self, name, sheet):
        """The rows of a sheet, as dictionaries by heading."""
        file = self.path(name + ".csv")
        self.of(name, "export", sheet, "--out", file, "--force")
        with open(file, encoding="utf-8-sig", newline="") as rows:
            return list(csv.DictReader(rows))

    def standing(self, name):
        """Whether the unit above recognises the node's, in the word of `status`."""
        return self.json_of(name, "status")["standing"]["standing"]

    def sums(self, name):
        """The sum of each scope that a node holds, by the scope's name in `status`."""
        return {one["scope"]: one["sum"] for one in self.json_of(name, "status")["scopes"]}

    def bytes_of(self, name):
        """All that lies in a data folder."""
        found = []
        for folder, _, files in os.walk(self.path(name)):
            for file in files:
                if os.path.isfile(os.path.join(folder, file)):        # the socket is none
                    with open(os.path.join(folder, file), "rb") as one:
                        found.append(one.read())
        return found

    # Running

    def run(self, name, *peers):
        """Starts the node of a folder, which keeps a connection with those of others.

        One that ran before listens where it did.
        """
        port = self.port(name) if name in self._running else 0
        arguments = [self._binary, "run", "--data", self.path(name), "--mdns", "false",
                     "--listen", "/ip4/127.0.0.1/tcp/%d" % port]
        for peer in peers:
            arguments += ["--peer", "%s@/ip4/127.0.0.1/tcp/%d" % (self.key(peer).hex(),
                                                                  self.port(peer))]
        log = self.path(name + ".log")
        with open(log, "wb") as file:
            process = subprocess.Popen(arguments, stdout=file, stderr=subprocess.STDOUT)
        self._running[name] = (process, None)
        deadline = time.monotonic() + _PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            with open(log, encoding="utf-8", errors="replace") as file:
                match = _ADDRESS.search(file.read())
            if match:
                self._running[name] = (process, int(match[1]))
                return
            time.sleep(0.05)
        raise RuntimeError("the node %s does not listen; see %s" % (name, log))

    def halt(self, name):
        """Stops one node, cleanly."""
        process, _ = self._running[name]
        process.terminate()
        process.wait(_PATIENCE)

    def port(self, name):
        return self._running[name][1]

    def where(self, name):
        """Key, host and port, as `Node.connected` takes them."""
        return self.key(name), "127.0.0.1", self.port(name)

    def stop(self):
        for process, _ in self._running.values():
            process.terminate()
        for process, _ in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
