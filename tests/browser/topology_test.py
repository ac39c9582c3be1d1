"""The topology on the page: what a change would do, errors at their lines, and the change."""
import unittest

from case import Case

STATE = "return document.querySelector('#report-text').dataset.good"


class Topology(Case):
    def setUp(self):
        super().setUp()
        self.host_program = self.console()
        self.browser.click("nav [data-view=topology]")
        self.text = self.browser.until("return document.querySelector('#topology-text').value", "the text is there")

    def edit(self, before, after):
        self.assertIn(before, self.text)
        self.browser.run("""
            const field = document.querySelector('#topology-text');
            field.value = field.value.replace(arguments[0], arguments[1]);
            field.dispatchEvent(new Event('input'));""", before, after)

    def test_an_error_is_said_at_its_line_and_changes_nothing(self):
        self.edit('"video.test_pattern"', '"video.tset_pattern"')
        line = next(i for i, each in enumerate(self.text.splitlines(), 1) if "video.test_pattern" in each)
        for button in ("#plan", "#apply"):
            self.browser.click(button)
            self.browser.until("return document.querySelector('#problems button')?.textContent.includes('tset_pattern')", "the error is named")
            self.assertEqual(self.browser.run("return document.querySelector('#problems button').dataset.line"), str(line))
            self.assertEqual(self.browser.text("#gutter .wrong"), str(line))
        self.browser.click("#problems button")
        selected = self.browser.run("const f = document.querySelector('#topology-text'); return f.value.slice(f.selectionStart, f.selectionEnd)")
        self.assertIn("tset_pattern", selected)

    def test_a_change_is_planned_applied_and_saved(self):
        self.edit('"type": "video.encode"', '"type": "video.encode", "quality": 40')
        self.browser.click("#plan")
        self.browser.until(STATE + " === 'true'", "the plan is good")
        self.assertIn("jpeg", self.browser.text("#report-text"))
        self.browser.click("#save")
        self.browser.click("#apply")
        self.browser.until("return document.querySelector('#report-text').dataset.good === 'true' && !document.querySelector('#apply').disabled",
                           "it is applied")
        self.assertIn('"quality": 40', self.host_program.file.read_text())
        self.browser.click("nav [data-view=live]")
        self.assertNotIn(None, self.browser.numbers(5))

    def test_the_console_itself_is_replaced(self):
        self.edit('"title": "test robot"', '"title": "another name"')
        self.browser.click("#apply")
        self.browser.until(STATE + " === 'true'", "it is applied, and the answer has come")
        self.browser.until("return document.title === 'another name'", "the page has come back to the new one")


if __name__ == "__main__":
    unittest.main()
