#!/usr/bin/env python3
"""A sensor: each line of JSON on the standard output is a reading (docs/processes.md)."""
import json, random, time

temperature = 20.0
while True:
    temperature += random.uniform(-0.1, 0.1)
    print(json.dumps({"temperature_celsius": round(temperature, 2)}), flush=True)
    time.sleep(0.5)
