"""Sound, from a source to the worklet that plays it."""
import unittest

from case import Case

TONE = {"tone": {"type": "audio.file_source"}}


class Sound(Case):
    def test_it_is_silent_until_asked_and_then_arrives(self):
        self.console(TONE, ["tone.audio -> console.audio"])
        row = "document.querySelector('[data-sound=tone]')"
        self.assertEqual(self.browser.run(f"return {row}.dataset.state"), "muted")
        self.assertIsNone(self.browser.run(f"return {row}.dataset.blocks ?? null"), "nothing is fetched before")

        self.browser.click("[data-sound=tone] button")
        self.browser.until(f"return {row}.dataset.state === 'on' && Number({row}.dataset.level) > 0.05", "the tone is heard")
        self.assertEqual(self.browser.run(f"return {row}.dataset.way"), "worklet")
        before = int(self.browser.run(f"return {row}.dataset.blocks"))
        self.browser.until(f"return Number({row}.dataset.blocks) > {before + 50}", "more of it comes")
        self.assertIn("44.1 kHz", self.browser.text("[data-sound=tone] .muted"))

        self.browser.click("[data-sound=tone] button")
        self.browser.until(f"return {row}.dataset.state === 'muted'", "it is muted")
        self.page_has_no_errors()

    def test_without_sound_there_is_no_panel(self):
        self.console()
        self.assertTrue(self.browser.run("return document.querySelector('#sound').hidden"))


if __name__ == "__main__":
    unittest.main()
