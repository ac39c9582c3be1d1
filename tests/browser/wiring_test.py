"""The running graph: what flows, what drops and by which policy, and what is known of an instance."""
import contextlib
import socket
import unittest

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from case import Case


class Wiring(Case):
    def wiring(self, *arguments, **options):
        host = self.console(*arguments, **options)
        self.browser.click("nav [data-view=wiring]")
        return host

    def wait_edge(self, name, condition, what):
        self.browser.until(f"""
            return [...document.querySelectorAll('.edge')].some(edge => edge.dataset.edge.includes(arguments[0]) && (edge => {condition})(edge))
            """, what, name)

    def test_instances_and_flowing_links(self):
        self.wiring()
        self.browser.until("return document.querySelectorAll('.node[data-instance]').length === 3", "three instances are shown")
        self.wait_edge("jpeg.images -> console.images", "edge.dataset.state === 'flowing' && /\\d\\/s · .*B\\/s/.test(edge.textContent)",
                       "the link says what flows")
        # This page's own pictures.
        self.browser.until("return document.querySelectorAll('.node[data-viewer]').length > 0", "viewers are nodes too")
        self.page_has_no_errors()

    def test_a_throttled_viewer_turns_its_edge_to_dropping_and_names_the_policy(self):
        host = self.host(console={"viewers": {"queue": {"policy": "latest"}}})
        with contextlib.closing(socket.socket()) as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect(("127.0.0.1", host.port("console")))
            name = "{}:{}".format(*slow.getsockname())
            slow.sendall(b"GET /streams/jpeg.mjpeg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            slow.recv(512)  # and no more
            self.browser.open(host.url() + "#wiring")
            self.wait_edge(name, "edge.dataset.state === 'dropping' && edge.querySelector('.more').textContent.startsWith('latest drops')",
                           "its edge says that `latest` drops")
            # Seen from the other view too.
            self.browser.click("nav [data-view=live]")
            self.browser.until("return !document.querySelector('#trouble').hidden", "the button counts it")
        self.browser.click("nav [data-view=wiring]")
        self.browser.until("return ![...document.querySelectorAll('.edge')].some(edge => edge.dataset.edge.includes(arguments[0]))",
                           "who has gone is no longer shown", name)

    def test_a_link_that_drops(self):
        # A program that takes one picture and no more: its link drops, and says by which policy.
        lazy = {"type": "process.run", "command": ["/usr/bin/python3", "-c", "import time; time.sleep(1000)"],
                "inputs": {"images": "encoded_image"}, "outputs": {"found": "record"}, "in_flight": 1}
        self.wiring({"lazy": lazy}, ["jpeg.images -> lazy.images"])
        self.wait_edge("jpeg.images -> lazy.images", "edge.dataset.state === 'dropping' && edge.textContent.includes('latest drops')",
                       "it says that `latest` drops")

    def test_an_instance_tells_its_settings_its_log_and_its_restarts(self):
        failing = {"type": "process.run", "command": ["/usr/bin/python3", "-c", "print('a last word'); raise SystemExit(3)"],
                   "outputs": {}, "optional": True}
        self.wiring({"failing": failing})
        self.browser.until("return document.querySelector('.node[data-instance=jpeg]')", "the encoder is shown")
        self.browser.run("document.querySelector('.node[data-instance=jpeg]').focus()")
        self.browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
        self.browser.until("return /quality/.test(document.querySelector('#details').textContent)", "its settings are shown")
        self.browser.run("document.querySelector('.node[data-instance=failing]').dispatchEvent(new Event('click'))")
        self.browser.until("return /restarts\\s*[1-9]/.test(document.querySelector('#details').textContent)", "restarts are counted")
        self.browser.until("return /a last word/.test(document.querySelector('#details .log').textContent)", "its log is shown")
        ActionChains(self.browser.driver).send_keys(Keys.ESCAPE).perform()
        self.browser.until("return document.querySelector('#details').hidden", "Escape closes it")


if __name__ == "__main__":
    unittest.main()
