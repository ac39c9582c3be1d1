#!/usr/bin/env python3
"""Reads pictures and answers each with where something has moved in it (docs/processes.md)."""
import json, sys
import cv2, numpy

before = None


def boxes_of(picture):
    """x, y, width, height in pixels of what differs from the picture before, the largest first."""
    global before
    gray = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (9, 9), 0)
    changed = cv2.threshold(cv2.absdiff(gray, gray if before is None else before), 25, 255, cv2.THRESH_BINARY)[1]
    before = gray
    outlines = cv2.findContours(changed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    return [list(cv2.boundingRect(each)) for each in sorted(outlines, key=cv2.contourArea, reverse=True)[:10]]


for line in sys.stdin.buffer:
    header = json.loads(line)
    data = sys.stdin.buffer.read(header["bytes"])
    picture = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR)
    boxes = [] if picture is None else boxes_of(picture)
    print(json.dumps({"sequence": header["sequence"], "boxes": boxes}), flush=True)
