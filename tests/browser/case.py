"""What all tests of the page share: a folder, a browser, and the programs of the case."""
import os
import pathlib
import tempfile
import unittest

import programs
from browser import Browser

MODULES = {
    "pattern": {"type": "video.test_pattern"},
    "jpeg": {"type": "video.encode"},
    "console": {"type": "web.console", "listen": "127.0.0.1:0", "title": "test robot"},
}
LINKS = ["pattern -> jpeg -> console.images"]


def topology(modules=None, links=(), console=None):
    """Live pictures and the console; more modules, links, and settings of the console."""
    all_modules = {**MODULES, **(modules or {})}
    all_modules["console"] = {**MODULES["console"], **(console or {})}
    return {"name": "test-robot", "modules": all_modules, "links": [*LINKS, *links]}


class Case(unittest.TestCase):
    """One browser for all cases of a file; hosts and other programs are each case's own."""

    browser_arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.browser = Browser(arguments=cls.browser_arguments)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="streamhost-browser-")
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.hosts = []
        self.browser.messages()  # what an earlier case said
        self.addCleanup(self.browser.driver.get, "about:blank")

    def tearDown(self):
        if not self._outcome.success:  # what unittest itself goes by; there is no public way to ask
            self.show_what_there_was()

    def show_what_there_was(self):
        print("console:", *self.browser.messages(), sep="\n  ")
        for program in self.hosts:
            print(f"--- {program.name}:\n{program.log()[-6000:]}")
        if os.environ.get("STREAMHOST_SCREENSHOTS"):
            self.browser.picture(pathlib.Path(os.environ["STREAMHOST_SCREENSHOTS"], self.id() + ".png"))

    def start(self, make, *arguments, **options):
        """A program of programs.py, which ends with the case."""
        program = make(self.folder, *arguments, **options)
        self.hosts.append(program)
        self.addCleanup(program.kill)
        return program

    def host(self, *arguments, **options):
        return self.start(programs.Host, topology(*arguments, **options))

    def console(self, *arguments, **options):
        """A host whose console the browser has open."""
        host = self.host(*arguments, **options)
        self.browser.open(host.url())
        return host

    def page_has_no_errors(self):
        self.assertEqual([each for each in self.browser.messages() if "favicon" not in each], [])
