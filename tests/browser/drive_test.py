"""The driving pad: commands reach a module, one page drives, and the stop comes from the robot's side."""
import json
import signal
import unittest

from selenium.webdriver.common.action_chains import ActionChains

from browser import Browser
from case import Case
from programs import Proxy, wait_until

WRITER = "import sys\nfor line in sys.stdin:\n    open(sys.argv[1], 'a').write(line)"


class Drive(Case):
    def drive(self):
        """A console whose commands go into a file."""
        self.commands_file = self.folder / "commands.jsonl"
        wheels = {"type": "process.run", "command": ["/usr/bin/python3", "-u", "-c", WRITER, str(self.commands_file)],
                  "inputs": {"commands": "record"}}
        return self.host({"wheels": wheels}, ["console.commands -> wheels.commands"])

    def commands(self):
        if not self.commands_file.exists():
            return []
        return [json.loads(line) for line in self.commands_file.read_text().splitlines() if line.endswith("}")]

    def wait_command(self, condition, what):
        return wait_until(lambda: next((each for each in self.commands() if condition(each)), None),
                          lambda: f"{what}: {self.commands()[-5:]}")

    def take_control(self, browser):
        browser.click("#operate")
        browser.until("return document.querySelector('#drive').hasAttribute('data-operating')", "this page drives")

    def press(self, key, browser):
        ActionChains(browser.driver).key_down(key).perform()

    def release(self, key, browser):
        ActionChains(browser.driver).key_up(key).perform()

    def test_a_held_key_drives_and_its_release_stops(self):
        self.browser.open(self.drive().url())
        self.press("w", self.browser)  # nobody drives: it does nothing
        self.release("w", self.browser)
        self.take_control(self.browser)
        self.press("w", self.browser)
        moving = self.wait_command(lambda each: each.get("y", 0) > 0, "a command forward")
        self.assertEqual(moving["x"], 0)
        self.assertLessEqual(moving["y"], 1)
        self.assertIn("age_ms", moving)
        self.assertIn("operator", moving)
        self.wait_command(lambda each: self.commands().index(each) > 20, "commands keep coming")
        self.release("w", self.browser)
        wait_until(lambda: self.commands()[-1].get("y") == 0, lambda: f"zero: {self.commands()[-3:]}")
        self.assertFalse([each for each in self.commands() if each.get("stop")], "who rests needs no stop")
        self.page_has_no_errors()

    def test_space_stops_and_a_lost_focus_lets_go(self):
        self.browser.open(self.drive().url())
        self.take_control(self.browser)
        self.press("d", self.browser)
        self.wait_command(lambda each: each.get("x", 0) > 0, "a command to the right")
        self.press(" ", self.browser)
        self.wait_command(lambda each: each.get("stop") is True, "the stop of the page")
        self.release(" ", self.browser)
        self.release("d", self.browser)

        self.press("a", self.browser)
        wait_until(lambda: self.commands()[-1].get("x", 0) < 0, "a command to the left")
        self.browser.run("window.dispatchEvent(new Event('blur'))")
        wait_until(lambda: self.commands()[-1].get("x") == 0, lambda: f"zero: {self.commands()[-3:]}")
        self.release("a", self.browser)

    def test_the_pad_drives(self):
        self.browser.open(self.drive().url())
        self.take_control(self.browser)
        pad = self.browser.find("#pad")
        ActionChains(self.browser.driver).move_to_element(pad).click_and_hold().move_by_offset(0, -40).perform()
        self.wait_command(lambda each: each.get("y", 0) > 0.3, "a command forward")
        ActionChains(self.browser.driver).release().perform()
        wait_until(lambda: self.commands()[-1].get("y") == 0, lambda: f"zero: {self.commands()[-3:]}")

    def test_one_page_drives_and_another_takes_over(self):
        host = self.drive()
        self.browser.open(host.url())
        self.take_control(self.browser)
        other = Browser()
        self.addCleanup(other.close)
        other.open(host.url())
        other.until("return document.querySelector('#operate').textContent === 'Take over'", "the other page says that somebody drives")
        self.press("w", self.browser)
        self.wait_command(lambda each: each.get("y", 0) > 0, "a command forward")
        self.take_control(other)
        self.browser.until("return !document.querySelector('#drive').hasAttribute('data-operating')", "the first one has lost it")
        self.wait_command(lambda each: each.get("stop") is True and each.get("reason"), "a stop, since the operator changed")
        self.release("w", self.browser)
        other.click("#operate")
        self.browser.until("return document.querySelector('#operator').textContent === 'nobody drives'", "it is free again")

    def test_the_connection_is_cut_with_a_key_held(self):
        for how in (signal.SIGSTOP, signal.SIGKILL):  # a cable that is pulled, a connection that is reset
            with self.subTest(how.name):
                host = self.drive()
                proxy = self.start(Proxy, host.port("console"))
                self.browser.open(proxy.url())
                self.take_control(self.browser)
                self.press("w", self.browser)
                self.wait_command(lambda each: each.get("y", 0) > 0, "a command forward")
                proxy.send(how)
                self.wait_command(lambda each: each.get("stop") is True and each.get("reason"), "the host's own stop")
                self.browser.until("return document.body.dataset.connection === 'lost'", "the page says that it is lost")
                self.assertTrue(self.commands()[-1].get("stop"), self.commands()[-3:])
                self.assertFalse(self.browser.run("return document.querySelector('#drive').hasAttribute('data-operating')"))
                self.release("w", self.browser)
                proxy.kill()
                host.kill()
                self.commands_file.unlink()


if __name__ == "__main__":
    unittest.main()
