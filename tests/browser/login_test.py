"""A console that asks for its token."""
import unittest

from selenium.webdriver.common.keys import Keys

from case import Case

TOKEN = "correct horse battery staple"


class Login(Case):
    def test_only_who_has_the_token_comes_in(self):
        file = self.folder / "token"
        file.write_text(TOKEN + "\n")
        file.chmod(0o600)
        host = self.host(console={"auth": str(file)})
        self.browser.driver.get(host.url())
        self.browser.until("return document.querySelector('#token') !== null", "it asks for the token")
        self.browser.find("#token").send_keys("a wrong one, long enough", Keys.ENTER)
        self.browser.until("return document.querySelector('#wrong')?.hidden === false", "it says that this was wrong")
        self.browser.find("#token").send_keys(TOKEN, Keys.ENTER)
        self.browser.until("return document.documentElement.dataset.ready === 'true'", "the console is open")
        self.assertNotIn(None, self.browser.numbers(3))
        self.assertEqual(self.browser.run("return document.cookie"), "", "scripts do not see the cookie")


if __name__ == "__main__":
    unittest.main()
