"""Moving pictures, their age, and what is said when none come."""
import signal
import unittest

from case import Case, topology
from programs import Host


def moves_on(numbers):
    """Each number is later than the one before; they start again after 65535."""
    return all(0 < (b - a) % 65536 < 32768 for a, b in zip(numbers, numbers[1:]))


class Pictures(Case):
    def test_the_picture_moves_and_never_goes_back(self):
        self.console()
        numbers = self.browser.numbers(60)
        self.assertNotIn(None, numbers)
        self.assertTrue(moves_on(numbers), numbers)
        self.page_has_no_errors()

    def test_age_and_rate_are_shown(self):
        self.console()
        self.browser.until("return /ms · [1-9][0-9.]* fps$/.test(document.querySelector('.age').textContent)", "age and rate are shown")
        self.assertEqual(self.browser.text(".size"), "640 × 480")
        # By the synchronised clock, on one machine: not before it was captured, and not as if two clocks were mixed up.
        age = float(self.browser.run("return document.querySelector('canvas[data-stream]').dataset.ageMs"))
        self.assertGreater(age, 0)
        self.assertLess(age, 10_000)

    def test_two_streams(self):
        self.console(
            {"pattern2": {"type": "video.test_pattern", "width": 320, "height": 240, "fps": 10}, "jpeg2": {"type": "video.encode"}},
            ["pattern2 -> jpeg2 -> console.images"])
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('canvas[data-stream]')].map(c => c.dataset.stream).sort()"),
                         ["jpeg", "jpeg2"])
        for stream in ("jpeg", "jpeg2"):
            numbers = self.browser.numbers(5, f"canvas[data-stream={stream}]")
            self.assertTrue(None not in numbers and moves_on(numbers), numbers)

    def test_no_signal_when_the_source_ends(self):
        self.console({"pattern": {"type": "video.test_pattern", "count": 60}})
        self.browser.until("return document.querySelector('.picture').dataset.signal === 'none'", "it says that there is no signal")
        self.assertIn("no signal", self.browser.text(".no-signal"))
        self.assertEqual(self.browser.run("return document.body.dataset.connection"), "live")

    def test_a_host_that_stalls_and_one_that_comes_back(self):
        host = self.console()
        self.browser.numbers(3)
        host.send(signal.SIGSTOP)
        self.browser.until("return document.querySelector('.picture').dataset.signal === 'none'", "it says that there is no signal")
        self.browser.until("return !document.querySelector('#lost').hidden", "it says that the connection is lost")
        host.send(signal.SIGCONT)
        self.browser.until("return document.body.dataset.connection === 'live' && document.querySelector('#lost').hidden",
                           "it is connected again")
        self.assertTrue(moves_on(self.browser.numbers(5)))

        port = host.port("console")
        host.kill()
        self.browser.until("return document.body.dataset.connection === 'lost'", "the connection is lost")
        self.start(Host, topology(console={"listen": f"127.0.0.1:{port}"}), name="second")
        self.browser.until("return document.body.dataset.connection === 'live'", "it is connected again")
        self.assertTrue(moves_on(self.browser.numbers(5)))

    def test_the_first_paint_is_small(self):
        self.console()
        size = self.browser.run("""
            return performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
              .filter(each => /\\/$|\\.(html|css|js|svg)$/.test(each.name) && !each.name.includes('/plots/'))
              .reduce((sum, each) => sum + each.decodedBodySize, 0)""")
        self.assertGreater(size, 10_000)
        self.assertLess(size, 100_000)


if __name__ == "__main__":
    unittest.main()
