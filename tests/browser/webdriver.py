"""Headless Chromium by chromedriver's plain W3C protocol: JSON over HTTP, and nothing else.

In:    chromium and chromedriver of Debian.
Out:   pages opened, scripts run in them, pictures taken, what the browser logged.
Never: a network beyond loopback, or a profile that outlives the test.
"""
import base64
import http.client
import json
import shutil
import subprocess
import tempfile
import time

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--hide-scrollbars"]


def missing():
    """Which of the programs is not here; nothing when both are."""
    return next((name for name in ("chromium", "chromedriver") if not shutil.which(name)), None)


class Browser:
    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="sockwitness-browser-")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                self.port = int(line.rstrip(".\n").split()[-1])
                break
        else:
            raise SystemExit("FAILED: chromedriver did not start")
        options = {"args": [*ARGUMENTS, f"--user-data-dir={self.profile}"],
                   "binary": shutil.which("chromium")}
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
        self.session = "/session/" + answer["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait()
            shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Content-Type": "application/json"})
        value = json.loads(connection.getresponse().read())["value"]
        if isinstance(value, dict) and "error" in value:
            raise SystemExit(f"FAILED: {path}: {value['error']}: {value['message'][:400]}")
        return value

    def do(self, what, body=None):
        return self.call("POST", f"{self.session}/{what}", body or {})

    def devtools(self, command, **parameters):
        return self.do("goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, path):
        self.do("url", {"url": f"file://{path}"})

    def forget(self):
        """An empty page, and what was logged until now."""
        self.do("url", {"url": "about:blank"})
        time.sleep(0.5)
        for kind in ("browser", "performance"):
            self.log(kind)

    def run(self, script):
        """The value of a script's `return`."""
        return self.do("execute/sync", {"script": script, "args": []})

    def look(self, width, height, theme, phone=False):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=phone)
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": theme}])
        time.sleep(0.2)

    def picture(self):
        return base64.b64decode(self.call("GET", f"{self.session}/screenshot"))

    def print(self):
        """A4, as the page's own rules say."""
        answer = self.devtools("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(answer["data"])

    def log(self, kind):
        return self.do("se/log", {"type": kind})
