"""The programs that a browser test needs: hosts, proxies, the original Python programs. All end with their test."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}


def wait_until(condition, what, limit=60.0):
    """What `condition()` gives once it is true. The limit is for machines that are busy; none of it is waited in vain."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"in {limit:.0f} s it did not come about that {what() if callable(what) else what}")
        time.sleep(0.02)


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Program:
    """A child whose output goes to a file."""

    def __init__(self, folder, name, command, environment=None):
        self.name = name
        self.log_file = pathlib.Path(folder, name + ".log")
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [str(each) for each in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**ENVIRONMENT, **(environment or {})}, start_new_session=True)

    def log(self):
        return self.log_file.read_text(errors="replace")

    def ended(self):
        return self.process.poll() is not None

    def send(self, number):
        os.killpg(self.process.pid, number)

    def stop(self):
        """A polite end; its status."""
        if not self.ended():
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end\n{self.log()}") from None

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            self.send(signal.SIGKILL)
        self.process.wait()


class WithReadyFile(Program):
    def __init__(self, folder, name, command, environment=None):
        self.ready_file = pathlib.Path(folder, name + ".ready")
        self.ready_file.unlink(missing_ok=True)
        super().__init__(folder, name, [*command, "--ready-file", self.ready_file], environment)
        wait_until(lambda: self.ready_file.exists() or self.ended(), f"{name} is ready")
        if self.ended():
            raise AssertionError(f"{name} did not start\n{self.log()}")

    def ready(self):
        return json.loads(self.ready_file.read_text())


class Host(WithReadyFile):
    """streamhost with a topology: a dict, or text."""

    def __init__(self, folder, topology, name="host", arguments=()):
        self.file = pathlib.Path(folder, name + ".json")
        self.file.write_text(topology if isinstance(topology, str) else json.dumps(topology, indent=2))
        super().__init__(folder, name, [
            os.environ["STREAMHOST_PROGRAM"], "--topology", self.file,
            "--modules", os.environ["STREAMHOST_TEST_MODULES"], *arguments],
            {"XDG_RUNTIME_DIR": str(folder)})

    def port(self, instance):
        for each in self.ready()["addresses"]:
            if each["instance"] == instance:
                return int(each["bound"].rsplit(":", 1)[1])
        raise KeyError(instance)

    def url(self, instance="console"):
        return f"http://127.0.0.1:{self.port(instance)}/"


class Proxy(WithReadyFile):
    """tools/fault_proxy in front of a TCP port."""

    def __init__(self, folder, port, name="proxy", arguments=()):
        super().__init__(folder, name, [
            os.environ["FAULT_PROXY_PROGRAM"], "--tcp", "--listen", "127.0.0.1:0", "--to", f"127.0.0.1:{port}", *arguments])

    def url(self):
        return f"http://{self.ready()['address']}/"


class Tutorial(Program):
    """One of the original Python programs; `type_line` types at its keyboard."""

    def __init__(self, folder, system, role, port, name="tutorial"):
        self.record = pathlib.Path(folder, name + ".record")
        self.record.mkdir()
        self.fifo = pathlib.Path(folder, name + ".fifo")
        super().__init__(folder, name, [
            "/usr/bin/python3", pathlib.Path(os.environ["STREAMHOST_TUTORIALS"], "run.py"), system, role, "--port", str(port),
            "--out", self.record, "--cam", "loop", "--fifo", self.fifo],
            {"TUTORIAL_WORK": os.environ["STREAMHOST_TUTORIAL_WORK"]})

    def printed(self):
        file = self.record / "stdout.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def type_line(self, line):
        with open(self.fifo, "w") as keyboard:
            keyboard.write(line + "\n")
