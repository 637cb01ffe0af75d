#!/usr/bin/env python3
"""The report as people see it: in a real browser, in both themes, on a phone, on paper.

In:    the folder of the programs. SOCKWITNESS_PICTURES: a folder that keeps the pictures.
Out:   charts that agree with the JSON, no error, no request, contrast, filter and sort.
Never: a look at markup where the browser can say what it made of it.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import webdriver

BIN = pathlib.Path(sys.argv[1]).resolve()
SKIPPED = 77
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"FAILED: {what}")


def report(database, target, form):
    subprocess.run([BIN / "sockwitness", "report", "--db", database, "--as-of",
                    "2026-10-02T08:00:00Z", "--by", "tester", "-o", target / f"report.{form}"],
                   check=True)
    return target / f"report.{form}"


def try_quiet(browser):
    """Nothing is complained about, and nothing is asked for but the page itself."""
    errors = [entry for entry in browser.log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    check(errors == [], f"the console says {errors}")
    requests = []
    for entry in browser.log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked = message["params"]
            # The browser's own first page may still be loading on a busy host.
            if not asked["documentURL"].startswith(("chrome", "data:", "about:")):
                requests.append(asked["request"]["url"])
    check(len(requests) == 1 and requests[0].startswith("file://"), f"requests: {requests}")
    check(browser.run("return performance.getEntriesByType('resource').length") == 0, "resources")


def seconds(text):
    return ("Date.parse('%s') / 1000" % text)


def try_gantt(browser, answer):
    """One row a service, one bar a span, each where its times are."""
    rows = browser.run("""
      return [...document.querySelectorAll('#gantt tr:not(.axis)')].map((row) => {
        const chart = row.querySelector('svg.row').getBoundingClientRect();
        return [...row.querySelectorAll('svg.row > rect')].map((bar) => {
          const box = bar.getBoundingClientRect();
          return {from: (box.left - chart.left) / chart.width,
                  to: (box.right - chart.left) / chart.width, height: box.height,
                  mark: bar.getAttribute('class'), title: bar.querySelector('title').textContent};
        });
      });""")
    services = answer["services"]
    check(len(rows) == len(services) > 10, f"{len(rows)} rows for {len(services)} services")
    statement = {each["id"]: each["text"] for each in answer["statements"]}
    begin, end = re.findall(r" at (\S+)", statement["period_covered"])[:2]
    bars = 0
    times = {}

    def share(text):
        if text not in times:
            times[text] = browser.run(f"return ({seconds(text)} - {seconds(begin)}) / "
                                      f"({seconds(end)} - {seconds(begin)})")
        return times[text]
    for row, service in zip(rows, services):
        check(len(row) == len(service["spans"]), f"bars of {service['id']}")
        for bar, span in zip(row, service["spans"]):
            bars += 1
            check(bar["mark"] == service["approved_now"], f"mark {bar['mark']}")
            check(bar["height"] > 3, "a bar that nobody sees")
            first, last = share(span["first_seen"]), share(span["last_seen"])
            check(abs(bar["from"] - first) < 0.004, f"{service['id']} begins at {bar['from']}")
            if span["not_after"]:
                check(abs(bar["to"] - max(last, first + 0.0015)) < 0.004, f"{service['id']} ends")
            else:
                check(bar["to"] > 0.996, f"{service['id']} goes on")
            check(span["first_seen"][:19].replace("T", " ") in bar["title"], bar["title"])
    check(bars > len(rows), "no service has two spans")
    gaps = browser.run("return [...document.querySelectorAll('#ground rect.gap')].length")
    check(gaps == len(answer["unobserved"]), "gaps of the chart")
    lines = browser.run("return ['reboot', 'baseline'].map((word) => "
                        "document.querySelectorAll('#ground path.' + word).length)")
    check(lines == [sum(event["kind"] == "reboot" for event in answer["events"]), 1], f"{lines}")
    columns = browser.run("return [...document.querySelectorAll('#changes-chart title')]"
                          ".map((title) => title.textContent)")
    counted = sum(int(word) for title in columns if "opened" in title
                  for word in title.split(":", 1)[1].split() if word.isdigit())
    check(counted == len(answer["changes"]), f"{counted} changes in the columns")


def try_tables(browser, answer):
    shown = ("return [...document.querySelectorAll('#changes tbody tr')]"
             ".filter((row) => !row.hidden).map((row) => row.cells[0].textContent.slice(0, 5))")
    check(browser.run(shown) == [change["id"] for change in answer["changes"]], "rows")
    type_in = ("const field = document.querySelector('#every-change input');"
               "field.value = arguments_text; field.dispatchEvent(new Event('input'));")
    browser.run(type_in.replace("arguments_text", "'4444 vanished'"))
    check(len(browser.run(shown)) == 1, "the filter")
    browser.run(type_in.replace("arguments_text", "''"))
    check(len(browser.run(shown)) == len(answer["changes"]), "the filter taken away")
    click = "document.querySelector('#changes thead th:nth-child(1) [role=button]').click();"
    ids = sorted(change["id"] for change in answer["changes"])
    browser.run(click)
    check(browser.run(shown) == ids, "sorted up")
    browser.run(click)
    check(browser.run(shown) == ids[::-1], "sorted down")
    check(browser.run("return document.querySelector('#changes th').ariaSort") == "descending",
          "sorted and says so")
    browser.run(click)


CONTRAST = """
  const luminance = (colour) => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const worst = {};
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!text || element.closest('svg, script') || element.hidden) continue;
    const name = element.tagName + '.' + element.className;
    const found = ratio(getComputedStyle(element).color, ground(element));
    if (!(worst[name] <= found)) worst[name] = found;
  }
  const marks = {};
  for (const bar of document.querySelectorAll('svg rect')) {
    const fill = getComputedStyle(bar).fill;
    if (fill.startsWith('rgb')) marks[bar.getAttribute('class')] = ratio(fill, ground(bar));
  }
  return {worst, marks};
"""


def try_contrast(browser, theme):
    """WCAG 2: 4.5 for text, 3 for marks that carry meaning."""
    found = browser.run(CONTRAST)
    check(len(found["worst"]) > 10 and len(found["marks"]) > 4, "nothing was measured")
    for name, ratio in found["worst"].items():
        check(ratio >= 4.5, f"{theme}: text {name} has a contrast of {ratio:.2f}")
    for name, ratio in found["marks"].items():
        check(ratio >= 3 or name in ("seen", "closed"), f"{theme}: {name} has {ratio:.2f}")


def try_width(browser, width):
    widest = browser.run("return document.documentElement.scrollWidth")
    check(widest <= width, f"at {width} pixels the page is {widest} wide")


def try_paper(paper):
    """The head of a table stands on every page that has rows of it, and each page has its number."""
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=paper, stdout=subprocess.PIPE,
                          check=True).stdout.decode()
    pages = text.split("\f")[:-1]
    with_rows = [page for page in pages if re.search(r"^\s*C\d{4}\b", page, re.MULTILINE)]
    check(len(with_rows) > 1, f"{len(with_rows)} pages with changes")
    for page in with_rows:
        check(re.search(r"^\s*Change\b.*Evidence", page, re.MULTILINE), f"a page without the head:\n{page[:600]}")
    for number, page in enumerate(pages, 1):
        check(f"{number} of {len(pages)}" in page, f"page {number} has no number")


def main():
    if lacking := webdriver.missing():
        print(f"skipped: {lacking} is not installed")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="sockwitness-report-") as folder:
        folder = pathlib.Path(folder)
        pictures = pathlib.Path(os.environ.get("SOCKWITNESS_PICTURES", folder))
        database = folder / "quarter.db"
        subprocess.run([BIN / "make_quarter", database], check=True)
        page = report(database, folder, "html")
        answer = json.loads(report(database, folder, "json").read_text())
        with webdriver.Browser() as browser:
            browser.forget()  # what the browser's own first page asked for
            browser.open(page)
            try_quiet(browser)
            for theme in ("light", "dark"):
                for width, height in ((1280, 2400), (390, 1800)):
                    browser.look(width, height, theme, phone=width < 500)
                    try_width(browser, width)
                    picture = browser.picture()
                    check(picture.startswith(b"\x89PNG") and len(picture) > 20_000, "a picture")
                    (pictures / f"report_{theme}_{width}.png").write_bytes(picture)
                browser.look(1280, 2400, theme)
                try_contrast(browser, theme)
            grounds = browser.run("return getComputedStyle(document.documentElement).backgroundColor")
            check(grounds == "rgb(20, 23, 26)", f"dark is {grounds}")
            browser.look(1280, 2400, "light")
            try_gantt(browser, answer)
            try_tables(browser, answer)
            paper = browser.print()
            check(paper.startswith(b"%PDF") and len(paper) > 20_000, "a PDF")
            (pictures / "report.pdf").write_bytes(paper)
            try_paper(paper)
            try_quiet_after(browser)
    print(f"report in a browser: {checks} checks")


def try_quiet_after(browser):
    """Neither filtering nor sorting nor printing made it complain."""
    errors = [entry for entry in browser.log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    check(errors == [], f"the console says {errors}")


main()
