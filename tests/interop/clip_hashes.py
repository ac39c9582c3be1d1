"""clip_hashes.py CLIP LIST WIDTH: writes `NUMBER SHA256` of every picture of a video, a line each.

WIDTH 0: as they are decoded; else made that wide, keeping the aspect, as the tutorial of the cache does it."""
import hashlib
import sys

import cv2

width = int(sys.argv[3])
clip = cv2.VideoCapture(sys.argv[1])
with open(sys.argv[2], "w") as out:
    number = 0
    while True:
        there, picture = clip.read()
        if not there:
            break
        if width:
            height = int(picture.shape[0] * (width / float(picture.shape[1])))
            picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        print(number, hashlib.sha256(picture.tobytes()).hexdigest(), file=out)
        number += 1
