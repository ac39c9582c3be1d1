"""What `streamhost schema` writes takes every topology of the project, and refuses what `check` refuses.

    schema_test.py STREAMHOST PROJECT
"""
import copy
import json
import pathlib
import re
import subprocess
import sys

import jsonschema

streamhost, project = sys.argv[1], pathlib.Path(sys.argv[2])
failures = []


def expect(condition, text):
    if not condition:
        failures.append(text)


def without_comments(text):
    """JSON as the standard has it: comments and trailing commas gone, texts left alone."""
    token = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.S)
    text = token.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)
    comma = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[\]}])')
    return comma.sub(lambda found: found[0] if found[0].startswith('"') else "", text)


run = subprocess.run([streamhost, "schema"], capture_output=True, text=True, check=True)
expect(run.stderr == "", run.stderr)
schema = json.loads(run.stdout)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)


def problems(topology):
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(topology)]


types = subprocess.run([streamhost, "describe"], capture_output=True, text=True, check=True).stdout.split("\n")
for line in filter(None, types):
    expect(line.split()[0] in schema["definitions"]["instance"]["properties"]["type"]["anyOf"][0]["enum"],
           f"not in the schema: {line}")

files = sorted((project / "config").glob("*.json"))
expect(len(files) > 10, "no topologies were found")
for file in files:
    found = problems(json.loads(without_comments(file.read_text())))
    expect(not found, f"{file.name}: {found}")

robot = json.loads(without_comments((project / "config/robot.json").read_text()))


def refused(what, change):
    topology = copy.deepcopy(robot)
    change(topology)
    expect(problems(topology), f"not refused: {what}")


def taken(what, change):
    topology = copy.deepcopy(robot)
    change(topology)
    expect(not problems(topology), f"{what}: {problems(topology)}")


def in_module(name, **settings):
    return lambda topology: topology["modules"][name].update(settings)


refused("a misspelt setting", in_module("jpeg", qualty=80))
refused("a setting of another type", in_module("jpeg", fps=30))
refused("a value out of its range", in_module("jpeg", quality=101))
refused("a text for a number", in_module("camera", fps="fast"))
refused("a choice that there is not", in_module("video", wire="tcp"))
refused("a type that there is not", in_module("camera", type="video.captur"))
refused("no type", lambda topology: topology["modules"]["camera"].pop("type"))
refused("a duration without its unit", in_module("video", limits={"handshake_ms": "10 minutes"}))
refused("viewers of what serves none", in_module("camera", viewers={"max": 1}))
refused("a key of the host that there is not", in_module("camera", restrat="never"))
refused("a misspelt key of the topology", lambda topology: topology.update(module={}))
refused("no modules", lambda topology: topology.pop("modules"))
refused("a blank in a name", lambda topology: topology["modules"].update({"a b": {"type": "chat.console"}}))
refused("a link without an arrow", lambda topology: topology["links"].append("camera"))
refused("a link object without a path", lambda topology: topology["links"].append({"queue": "wait"}))
refused("a level of the log that there is not", lambda topology: topology.update(log="loud"))
taken("$schema", lambda topology: topology.update({"$schema": "./streamhost.schema.json"}))
taken("a variable for a number", in_module("jpeg", quality="${quality:-80}"))
taken("a variable for an object", in_module("camera", restart="${restart}"))
taken("a variable in a text", in_module("video", listen="${address}:${port}"))
taken("keys of the host", in_module("video", lane="net", restart="never", optional=True, log="debug",
                                    allow="10.0.0.0/8", limits={"max_connections": 4}))
taken("viewers of a server", lambda topology: topology["modules"].update(
    {"all": {"type": "video.tcp_server", "viewers": {"max": 3, "queue": {"policy": "latest"}}}}))
taken("a duration as a text", in_module("video", limits={"handshake_ms": "2s"}))
taken("a link with a queue", lambda topology: topology["links"].append({"path": "camera -> jpeg", "queue": "latest"}))
taken("a link with a fault", lambda topology: topology["links"].append({"path": "a -> b", "fault": {"loss": 0.1}}))
refused("a fault that there is not", lambda topology: topology["links"].append({"path": "a -> b", "fault": {"los": 1}}))
taken("watch", lambda topology: topology.update(watch=True))
taken("lanes", lambda topology: topology.update(lanes=["net", "video"]))

if failures:
    print("\n".join(failures))
    sys.exit(1)
