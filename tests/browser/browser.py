"""Chromium without a screen, by Selenium, and what the console's page says of itself."""
import os

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from programs import ENVIRONMENT, wait_until

# The number in a picture (modules/video/bar_code.hpp): 16 bits and their complement, as 32 blocks near the lower edge.
READ_NUMBER = """
const scratch = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const readNumber = (canvas) => {
  const { width, height } = canvas;
  Object.assign(scratch.canvas, { width, height: 1 });
  scratch.drawImage(canvas, 0, -Math.floor(height * 460 / 480));
  const row = scratch.getImageData(0, 0, width, 1).data;
  let code = 0n;
  for (let i = 0; i < 32; ++i) {
    const at = Math.floor((2 * i + 1) * width / 64) * 4;
    code = code << 1n | (row[at] + row[at + 1] + row[at + 2] > 381 ? 1n : 0n);
  }
  const number = Number(code >> 16n);
  return (number ^ 0xffff) === Number(code & 0xffffn) ? number : null;
};
"""


class Browser:
    def __init__(self, width=1280, height=800, dark=False, arguments=()):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        flags = ["--headless=new", f"--window-size={width},{height}", "--disable-dev-shm-usage", "--disable-gpu",
                 "--hide-scrollbars", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                 "--disable-default-apps", "--disable-sync", "--no-proxy-server", "--lang=en-GB", *arguments]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium's own refuses root, as in a container
        for flag in flags:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver", env=ENVIRONMENT), options=options)
        self.driver.set_script_timeout(60)
        # The window has a frame and the page has not: what is asked for is the page's size.
        self.size(width, height)
        self.theme(dark)

    def size(self, width, height, mobile=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 2 if mobile else 1, "mobile": mobile})
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": mobile})

    def theme(self, dark):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def close(self):
        self.driver.quit()

    def open(self, url):
        """The console, until it has been told what there is."""
        self.driver.get(url)
        self.until("return document.documentElement.dataset.ready === 'true'", "the page is ready")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def run_async(self, script, *arguments):
        """`done(value)` in the script ends it."""
        return self.driver.execute_async_script("const done = arguments[arguments.length - 1];" + script, *arguments)

    def until(self, script, what, *arguments, limit=60.0):
        return wait_until(lambda: self.run(script, *arguments), lambda: f"{what}\nconsole: {self.messages()}", limit)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? null", selector)

    def click(self, selector):
        self.find(selector).click()

    def messages(self):
        """What stands in the browser's console since the last look: errors above all."""
        return [each["message"] for each in self.driver.get_log("browser")]

    def numbers(self, count, selector="canvas[data-stream]"):
        """The numbers in the next pictures that are drawn."""
        return self.run_async(READ_NUMBER + """
            const [selector, count] = arguments;
            const canvas = document.querySelector(selector);
            const numbers = [];
            canvas.addEventListener('picture', function look() {
              numbers.push(readNumber(canvas));
              if (numbers.length < count) return;
              canvas.removeEventListener('picture', look);
              done(numbers);
            });
            """, selector, count)

    def picture(self, path):
        self.driver.save_screenshot(str(path))
