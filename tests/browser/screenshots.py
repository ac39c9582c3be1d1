#!/usr/bin/python3
"""Pictures of the console, to be looked at: screenshots.py URL FOLDER

For each view: a desktop of 1280x800 and a phone of 390x844, light and dark.
"""
import pathlib
import sys
import time

from browser import Browser

VIEWS = {False: ["live", "wiring", "topology"], True: ["live", "readings", "chat", "wiring"]}


def main():
    url, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    browser = Browser()
    try:
        for phone in (False, True):
            browser.size(*((390, 844) if phone else (1280, 800)), mobile=phone)
            for dark in (False, True):
                browser.theme(dark)
                for view in VIEWS[phone]:
                    browser.driver.get("about:blank")
                    browser.open(f"{url}#{view}")
                    time.sleep(4)  # plots and rates need some history
                    browser.picture(folder / f"{view}-{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}.png")
        print(*browser.messages(), sep="\n")
    finally:
        browser.close()


if __name__ == "__main__":
    main()
