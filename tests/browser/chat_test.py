"""Lines of text, between pages and the program at the other end."""
import os
import pathlib
import unittest

from selenium.webdriver.common.keys import Keys

from browser import Browser
from case import Case
from programs import Tutorial, free_port, wait_until

HAS_TUTORIALS = pathlib.Path(os.environ.get("STREAMHOST_TUTORIALS", "/nowhere"), "run.py").exists()
LINKS = ["console.lines -> chat.outgoing", "chat.incoming -> console.messages"]
LINES = "return [...document.querySelectorAll('#chat-lines .line')].map(each => each.textContent)"


def chat(listen="127.0.0.1:0", **settings):
    return {"chat": {"type": "chat.server", "listen": listen, **settings}}


class Chat(Case):
    def say(self, line, browser=None):
        (browser or self.browser).find("#chat-line").send_keys(line, Keys.ENTER)

    def wait_line(self, line, browser=None):
        (browser or self.browser).until(f"return ({LINES[7:]}).includes(arguments[0])", f"\"{line}\" is shown", line)

    def call_myself(self, name):
        field = self.browser.find("#chat-name")
        field.clear()
        field.send_keys(name, Keys.TAB)

    @unittest.skipUnless(HAS_TUTORIALS, "the tutorials' programs are not there")
    def test_both_ways_with_the_python_client(self):
        base = free_port()
        self.console(chat(f"127.0.0.1:{base - 1}", wire="pickle"), LINKS)
        client = self.start(Tutorial, "0", "client", base)
        wait_until(lambda: "msg send CLIENT CONNECTED" in client.printed(), client.printed)
        client.type_line("hello from Python \N{GREEK SMALL LETTER PI}")
        self.wait_line("hello from Python \N{GREEK SMALL LETTER PI}")
        self.say("hello from the page \N{SNOWMAN}")
        wait_until(lambda: "hello from the page \N{SNOWMAN}" in client.printed(), client.printed)

    def test_pages_see_each_other_and_history_comes_with_names_and_times(self):
        host = self.console(chat(), LINKS)
        self.call_myself("Ada")
        self.say("first")
        self.wait_line("first")
        self.browser.driver.refresh()
        self.wait_line("first")
        self.assertEqual(self.browser.text("#chat-lines .from"), "Ada")
        self.assertRegex(self.browser.text("#chat-lines time"), r"^\d\d:\d\d$")

        other = Browser(390, 844)
        self.addCleanup(other.close)
        other.open(host.url() + "#chat")
        self.wait_line("first", other)
        self.say("second", other)
        self.wait_line("second")

    def test_markup_is_text(self):
        self.console(chat(), LINKS)
        attack = "<img src=x onerror=\"window.hacked = 1\"><script>window.hacked = 1</script>"
        self.call_myself("<b onclick=alert(1)>Eve</b>")
        self.say(attack)
        self.wait_line(attack)
        self.assertEqual(self.browser.run("return document.querySelectorAll('#chat-lines :is(img, script, b)').length"), 0)
        self.assertIsNone(self.browser.run("return window.hacked ?? null"))
        self.page_has_no_errors()


if __name__ == "__main__":
    unittest.main()
