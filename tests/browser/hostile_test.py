"""Other people's pages, other names for this machine, and markup where names are shown."""
import http.server
import threading
import unittest

from case import Case

KNOCK = """
    const [target] = arguments;
    const result = { opened: false, closed: false, answer: null, applied: null };
    const read = fetch(`http://${target}/graph.json`).then(a => { result.answer = a.status; }, () => { result.answer = 'refused'; });
    const apply = fetch(`http://${target}/api/reload`, { method: 'POST', body: '{}', headers: { 'Content-Type': 'text/plain' } })
      .then(a => { result.applied = a.status; }, () => { result.applied = 'refused'; });
    const knock = (path) => new Promise(resolve => {
      const socket = new WebSocket(`ws://${target}${path}`);
      socket.onopen = () => { result.opened = true; };
      socket.onclose = socket.onerror = resolve;
    });
    Promise.all([read, apply, knock('/ws/control'), knock('/ws/media?streams=jpeg')]).then(() => done(result));
"""


class OtherPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *_):
        pass


class Hostile(Case):
    browser_arguments = ("--host-resolver-rules=MAP evil.example 127.0.0.1",)

    def test_a_page_from_elsewhere_gets_nothing(self):
        host = self.host()
        before = host.file.read_text()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OtherPage)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        self.browser.driver.get(f"http://127.0.0.1:{server.server_address[1]}/")
        result = self.browser.run_async(KNOCK, f"127.0.0.1:{host.port('console')}")
        self.assertFalse(result["opened"], result)
        self.assertEqual(result["answer"], "refused", result)
        self.assertEqual(result["applied"], "refused", result)  # its answer cannot be read there; that nothing was done:
        self.assertEqual(host.file.read_text(), before)
        self.assertFalse(host.ended())
        self.assertNotIn("reload", host.log())

    def test_a_foreign_name_for_this_machine_gets_nothing(self):
        host = self.host()
        self.browser.driver.get(f"http://evil.example:{host.port('console')}/")
        self.assertIsNone(self.browser.run("return document.documentElement.dataset.ready ?? null"))
        self.assertIsNone(self.browser.run("return document.querySelector('main')"))

    def test_markup_in_names_is_text(self):
        attack = "<img src=x onerror='window.hacked = 1'><script>window.hacked = 1</script>"
        self.console(console={"title": attack})
        self.assertEqual(self.browser.text("#title"), attack)
        self.assertEqual(self.browser.run("return document.title"), attack)
        self.assertIsNone(self.browser.run("return window.hacked ?? null"))

    def test_no_script_but_our_own_runs(self):
        self.console()
        self.browser.run("""
            const script = document.createElement('script');
            script.textContent = 'window.hacked = 1';
            document.body.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src="/nothing" onerror="window.hacked = 1">');""")
        self.browser.numbers(10)
        self.assertIsNone(self.browser.run("return window.hacked ?? null"))

    def test_the_console_is_in_no_frame(self):
        host = self.host()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OtherPage)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        self.browser.driver.get(f"http://127.0.0.1:{server.server_address[1]}/")
        reachable = self.browser.run_async("""
            const frame = document.createElement('iframe');
            frame.src = arguments[0];
            frame.onload = () => done(frame.contentWindow.length === 0 && frame.contentDocument === null);
            document.body.append(frame);""", host.url())
        self.assertTrue(reachable)
        self.assertTrue(any("frame" in each.lower() for each in self.browser.messages()))


if __name__ == "__main__":
    unittest.main()
