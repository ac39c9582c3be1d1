"""clip_hashes.py CLIP LIST: writes `NUMBER SHA256` of every decoded picture of a video, a line each."""
import hashlib
import sys

import cv2

clip = cv2.VideoCapture(sys.argv[1])
with open(sys.argv[2], "w") as out:
    number = 0
    while True:
        there, picture = clip.read()
        if not there:
            break
        print(number, hashlib.sha256(picture.tobytes()).hexdigest(), file=out)
        number += 1
