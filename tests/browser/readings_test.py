"""Readings: last values at once, with their units, and plots that move."""
import unittest

from case import Case

SYSTEM = {"vitals": {"type": "sensor.system", "period": "200ms"}}
LINKS = ["vitals -> console.records"]


def program(script, **more):
    return {"type": "process.run", "command": ["/usr/bin/python3", "-u", "-c", script], "outputs": {"readings": "record"}, **more}


class Readings(Case):
    def value(self, key):
        return self.browser.text(f"dd[data-key=\"{key}\"]")

    def test_values_have_units_and_the_plot_moves(self):
        self.console(SYSTEM, LINKS)
        self.browser.until("return /%$/.test(document.querySelector('dd[data-key=processor_percent]')?.textContent)", "a share is in %")
        self.browser.until("return /B$/.test(document.querySelector('dd[data-key=memory_available_bytes]')?.textContent)", "memory is in bytes")
        if self.browser.until("return document.querySelector('#readings').dataset.plots", "it is known whether there are plots") == "no":
            self.skipTest("built without uPlot, as the build has said: the page shows last values")
        pixels = """
            const canvas = document.querySelector('.plot canvas');
            return canvas && canvas.width && canvas.closest('.plot').dataset.points > 5 ? canvas.toDataURL() : null"""
        before = self.browser.until(pixels, "a plot is drawn")
        self.browser.until("return (() => {" + pixels + "})() !== arguments[0]", "the plot moves", before)
        self.page_has_no_errors()

    def test_the_last_value_is_there_at_once_for_a_late_joiner(self):
        once = "import json, time; print(json.dumps({'depth_m': 4.25})); time.sleep(1000)"
        self.console({"sounder": program(once)}, ["sounder.readings -> console.records"])
        self.browser.until("return document.querySelector('dd[data-key=depth_m]')?.textContent === '4.25 m'", "the depth is shown")
        self.browser.driver.refresh()
        self.browser.until("return document.querySelector('dd[data-key=depth_m]')?.textContent === '4.25 m'", "it is shown again")

    def test_any_json_is_shown_and_markup_is_text(self):
        attack = "<img src=x onerror='window.hacked = 1'>"
        script = f"import json, time; print(json.dumps({{{attack!r}: {attack!r}, 'fix': 'gps', 'on': True, 'deep': {{'speed_m_s': 2}}}})); time.sleep(1000)"
        self.console({"odd": program(script)}, ["odd.readings -> console.records"])
        self.browser.until("return document.querySelector('dd[data-key=fix]')?.textContent === 'gps'", "text is shown")
        self.assertEqual(self.value("on"), "yes")
        self.assertEqual(self.value("deep.speed_m_s"), "2 m/s")
        self.assertEqual(self.browser.run("return document.querySelectorAll('#readings img').length"), 0)
        self.assertIsNone(self.browser.run("return window.hacked ?? null"))


if __name__ == "__main__":
    unittest.main()
