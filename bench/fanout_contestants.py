"""Who hands frames on in bench/fanout, and how each is started: the floor, streamhost, and the peers that are installed."""
import json, os, random, shutil, signal, socket, subprocess, tempfile, time

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
server_cpu, load_cpu = "0", "1"
most_viewers = 20000
rtmp_module = "/usr/lib/nginx/modules/ngx_rtmp_module.so"
system_python = "/usr/bin/python3"  # the one with Debian's numpy and OpenCV


class Missing(Exception):
    """Something did not come about in time."""


def wait_for(condition, what, limit=30):
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise Missing(f"{what}: not within {limit} s")
        time.sleep(0.02)


def free_port():
    """Below those that the kernel gives to clients, and another one each time: some servers set no SO_REUSEADDR."""
    while True:
        port = random.randrange(15000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def sockets(state, port):
    """Of the servers' side."""
    return subprocess.run(["ss", "-Htn", "state", state, "sport", "=", f":{port}"], capture_output=True).stdout.count(b"\n")


class Bout:
    """One server with its source, from start to end. `wrap`: a command that runs the server's, such as valgrind."""

    def __init__(self, build, raw=False, wrap=()):
        self.build, self.raw, self.wrap = build, raw, list(wrap)
        self.patience = 30 if not wrap else 120
        self.folder = tempfile.mkdtemp(prefix="fanout-")
        os.chmod(self.folder, 0o777)  # icecast will not be root
        self.processes = []
        self.server = self.port = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, name, cpu, command, **options):
        with open(f"{self.folder}/{name}.log", "ab") as log:
            process = subprocess.Popen(["taskset", "-c", cpu, *command], stderr=log, **options)
        self.processes.append(process)
        return process

    def program(self, name):
        return f"{self.build}/bin/{name}"

    def said_port(self, process, name):
        line = process.stdout.readline().split()
        if not line:
            raise Missing(f"{name}: " + self.log(name))
        return int(line[1])

    def source(self, *words):
        """Starts it; for those that serve, returns the port."""
        picture = ["--picture", "320x240"] if self.raw else []
        process = self.run("source", load_cpu, [self.program("bench_source"), *picture, *map(str, words)],
                           stdout=subprocess.PIPE, text=True)
        publishes = words[1] in ("icecast", "rtmp")
        return None if publishes else self.said_port(process, "source")

    def serve(self, command, port=None, **options):
        """Starts the server; waits until it listens at `port`, where one is given."""
        options.setdefault("stdout", subprocess.DEVNULL)
        self.server = self.run("server", server_cpu, [*self.wrap, *map(str, command)], **options)
        self.port = port
        if port:
            def ready():
                if self.server.poll() is not None:
                    raise Missing("server: " + self.log("server"))
                return sockets("listening", port) > 0
            wait_for(ready, command[0], self.patience)

    def log(self, name):
        """The end of what it has said."""
        return open(f"{self.folder}/{name}.log", errors="replace").read().strip()[-300:]

    def write(self, name, text):
        path = f"{self.folder}/{name}"
        with open(path, "w") as file:
            file.write(text)
        return path


class Contestant:
    """`wire` and `path` are what its viewers speak. `start(bout)` starts server and source; `publishers`: sources that come
    to the server as viewers do."""

    def __init__(self, name, wire, start, path="", needs=(), pause_ms=1, publishers=0):
        self.name, self.wire, self.start, self.path, self.needs = name, wire, start, path, needs
        self.pause_ms, self.publishers = pause_ms, publishers

    def missing(self):
        return [need for need in self.needs if not (os.path.exists(need) or shutil.which(need))]


def floor(*flags):
    def start(bout):
        upstream = bout.source("--wire", "pickle" if bout.raw else "length")
        bout.serve([bout.program("bench_floor"), "--upstream", upstream, *flags], stdout=subprocess.PIPE, text=True)
        bout.port = bout.said_port(bout.server, "server")
    return start


def streamhost(wire, viewers=None):
    def start(bout):
        upstream = bout.source("--wire", wire)
        relay = {"type": "relay.stream", "upstream": f"127.0.0.1:{upstream}", "listen": "127.0.0.1:0", "wire": wire,
                 "viewers": {"max": most_viewers, **(viewers or {})}, "limits": {"max_connections": most_viewers}}
        topology = bout.write("relay.json", json.dumps({"name": "relay", "modules": {"relay": relay}, "links": []}))
        ready = topology + ".ready"
        bout.serve([bout.program("streamhost"), "--topology", topology, "--ready-file", ready])
        wait_for(lambda: os.path.exists(ready), "streamhost", bout.patience)
        bout.port = int(json.load(open(ready))["addresses"][0]["bound"].rsplit(":", 1)[1])
    return start


def nginx(bout):
    port = free_port()
    path = bout.write("nginx.conf", f"""
load_module {rtmp_module};
daemon off;
master_process off;
worker_rlimit_nofile {2 * most_viewers};
pid {bout.folder}/nginx.pid;
error_log {bout.folder}/nginx.log;
events {{ worker_connections {2 * most_viewers}; }}
rtmp {{
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        chunk_size 65536;
        application live {{ live on; }}
    }}
}}
""")
    bout.serve(["nginx", "-p", bout.folder, "-c", path], port)
    bout.source("--wire", "rtmp", "--port", port, "--path", "live/frames")


def gstreamer(*sink):
    def start(bout):
        upstream, port = bout.source("--wire", "parts"), free_port()
        bout.serve(["gst-launch-1.0", "-q", "tcpclientsrc", "host=127.0.0.1", f"port={upstream}", "!", "multipartdemux", "!",
                    "image/jpeg", "!", "multipartmux", "boundary=frame", "!",
                    "tcpserversink", "host=127.0.0.1", f"port={port}", "sync=false", *sink], port)
    return start


def icecast(bout):
    port = free_port()
    owner = "<changeowner><user>icecast2</user><group>icecast</group></changeowner>" if os.geteuid() == 0 else ""
    path = bout.write("icecast.xml", f"""<icecast>
  <limits><clients>{most_viewers}</clients><sources>2</sources><queue-size>4194304</queue-size></limits>
  <authentication>
    <source-password>bench</source-password><admin-user>admin</admin-user><admin-password>bench</admin-password>
  </authentication>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <fileserve>0</fileserve>
  <paths><basedir>{bout.folder}</basedir><logdir>{bout.folder}</logdir><webroot>{bout.folder}</webroot>
    <adminroot>{bout.folder}</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>1</loglevel></logging>
  <security><chroot>0</chroot>{owner}</security>
</icecast>
""")
    bout.serve(["icecast2", "-c", path], port)
    bout.source("--wire", "icecast", "--port", port, "--path", "/frames", "--password", "bench")


def tutorial_cache(tutorials):
    def start(bout):
        upstream, port = bout.source("--wire", "pickle"), free_port()
        bout.serve([system_python, tutorials + "/run.py", "4", "cache-server", "--drone", f"127.0.0.1:{upstream}",
                    "--cache", f"127.0.0.1:{port}", "--hash", "none", "--out", bout.folder + "/cache"],
                   port, env=dict(os.environ, TUTORIAL_WORK=bout.folder))
    return start


def of_frames():
    """JPEG frames of 32 KiB. The first one is what the others are compared with."""
    return [
        Contestant("floor", "length", floor()),
        Contestant("floor, sendfile", "length", floor("--sendfile")),
        Contestant("streamhost, framed", "framed", streamhost("framed")),
        Contestant("streamhost, pickle", "length", streamhost("pickle")),
        Contestant("nginx-rtmp", "rtmp", nginx, path="live/frames", needs=["nginx", rtmp_module], publishers=1),
        Contestant("GStreamer", "http", gstreamer(), needs=["gst-launch-1.0"], pause_ms=2),
        Contestant("icecast", "http", icecast, path="/frames", needs=["icecast2"], publishers=1),
    ]


def of_slow_viewers():
    small = "16384"
    every = {one.name: one for one in of_frames()}
    return [
        Contestant("floor, send buffer of 16 KiB", "length", floor("--send-buffer", small)),
        every["floor"],
        every["streamhost, framed"],
        every["nginx-rtmp"],
        every["GStreamer"],
        Contestant("GStreamer, latest", "http", gstreamer("recover-policy=latest", "units-max=30"),
                   needs=["gst-launch-1.0"], pause_ms=2),
        every["icecast"],
    ]


def of_raw_pictures(tutorials):
    """Pictures of 320x240 in three channels, as the pickles of the Python tutorials."""
    return [
        Contestant("floor", "length", floor()),
        Contestant("floor, sendfile", "length", floor("--sendfile")),
        Contestant("streamhost, pickle", "length", streamhost("pickle")),
        Contestant("the tutorial's cache", "length", tutorial_cache(tutorials), needs=[tutorials + "/run.py"]),
    ]


not_fed = ("uStreamer, mjpg-streamer and SRS: never run by this script"
           " (the first has no input for a stream of ours, the others no package in Debian)")
