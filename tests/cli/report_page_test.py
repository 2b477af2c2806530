#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The page of `bakeoff report` in a browser: every chart drew, tables sort, nothing is fetched, themes, a phone, accessibility."""
import base64
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import browser
import make_campaign
from support import PROGRAM

# The ratio of WCAG 2.2 (1.4.3) between a text's colour and what lies behind it, for every element that holds text.
CONTRAST = """
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (rgb) => rgb.slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (node) => { for (let at = node; at; at = at.parentElement) { const color = parse(getComputedStyle(at).backgroundColor); if (color.length < 4 || color[3] > 0.99) return color; } return [255, 255, 255]; };
const poor = [];
for (const node of document.querySelectorAll("body *")) {
  if (node.closest("svg, script, noscript") || ![...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())) continue;
  if (!node.checkVisibility()) continue;
  const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
}
return [document.querySelectorAll("body *").length, poor];
"""

# Pairs of texts in a chart that lie on each other, and texts that leave it.
CROWDED = """
const crowded = [];
for (const svg of document.querySelectorAll("figure.chart svg")) {
  const id = svg.closest("figure").id, all = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim()).map((text) => [text.textContent, text.getBoundingClientRect()]);
  for (const [text, box] of boxes) if (box.left < all.left - 1 || box.right > all.right + 1 || box.top < all.top - 1 || box.bottom > all.bottom + 1) crowded.push(`${id}: ${text} leaves the chart`);
  if (id === "chart-confusion") continue;
  boxes.forEach(([a, one], i) => { for (const [b, other] of boxes.slice(i + 1)) {
    const across = Math.min(one.right, other.right) - Math.max(one.left, other.left), down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    if (across > 3 && down > 4) crowded.push(`${id}: ${a} on ${b}`);
  } });
}
return [...new Set(crowded)];
"""

# As CONTRAST for texts in the charts, against the page behind them; labels on coloured cells apart.
CHART_CONTRAST = CONTRAST.replace('node.closest("svg, script, noscript")', '!node.closest("svg") || node.closest("#chart-confusion")').replace("getComputedStyle(node).color", "getComputedStyle(node).fill")


@unittest.skipIf(browser.missing(), browser.missing())
class ReportPageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.campaign = pathlib.Path(cls.folder.name) / "campaign"
        campaign = make_campaign.Campaign(PROGRAM, cls.campaign)
        make_campaign.of_fakes(campaign, cls.campaign / "mlp.onnx")
        make_campaign.add_examples(campaign)
        campaign.finish()
        subprocess.run([PROGRAM, "report", cls.campaign], check=True, capture_output=True)
        cls.page = cls.campaign / "report.html"
        cls.window = browser.Browser()
        cls.addClassCleanup(cls.window.close)

    def setUp(self):
        self.window.size(1280, 900)
        self.window.open(self.page)
        self.run_script = self.window.run

    def test_EveryChartDrew(self):
        charts = self.run_script("""return [...document.querySelectorAll("figure.chart")].map((figure) => ({id: figure.id, kind: figure.dataset.chart,
            marks: figure.querySelectorAll("svg path, svg rect, svg polyline, svg circle").length, texts: figure.querySelectorAll("svg text").length,
            height: (figure.querySelector("svg") || {getBoundingClientRect: () => ({height: 0})}).getBoundingClientRect().height}))""")
        self.assertGreater(len(charts), 12)
        for chart in charts:
            with self.subTest(chart["id"]):
                self.assertGreater(chart["height"], 100)
                self.assertGreater(chart["marks"], 2)
                self.assertGreater(chart["texts"], 2)
        self.assertEqual(int(self.run_script("return document.documentElement.dataset.drawn")), len(charts))
        kinds = self.run_script('return [...new Set(JSON.parse(document.getElementById("report-data").textContent).charts.map((chart) => chart.kind))]')
        self.assertEqual(sorted(kinds), ["bars", "gantt", "heatmap", "lines", "scatter", "violin"])

    def test_AsksForNothingAndComplainsOfNothing(self):
        with browser.Browser() as window:
            window.requests()  # the browser's own first page is on it
            window.open(self.page)
            addresses = window.requests()
            self.assertTrue(addresses, "premise: the page itself is on the log")
            for address in addresses:
                self.assertTrue(address == self.page.as_uri() or address.startswith("data:"), address)
            self.assertEqual(window.run('return performance.getEntriesByType("resource").filter((entry) => !entry.name.startsWith("data:")).length'), 0)
            self.assertEqual([entry["message"] for entry in window.log_of("browser")], [])

    def test_PremiseAFaultWouldBeOnTheLog(self):
        broken = self.campaign / "broken.html"
        broken.write_text(self.page.read_text().replace("drawAll();", "drawNone();"))
        with browser.Browser() as window:
            window.open(broken)
            self.assertIn("drawNone", " ".join(entry["message"] for entry in window.log_of("browser")))

    def test_AnIntervalBeyondTheChartEndsInAnArrowWithItsEnd(self):
        changed = []

        def change(report):
            for chart in report["charts"]:
                axis = chart["y"] if not chart.get("horizontal") else chart["x"]
                points = [point for series in chart["series"] for point in series["points"] if "low" in point and "high" in point]
                if chart["kind"] not in ("bars", "lines") or not points or axis.get("log") or (chart["kind"] == "bars" and len(chart["series"]) > 1 and any(len(series["points"]) > 1 for series in chart["series"])):
                    continue
                points[0]["high"] = 1e6 * max(point["y"] for point in points)
                changed.append(chart["id"])

        far = self.changed_page("far.html", change)
        self.assertGreater(len(changed), 1, "premise")
        arrows = """return arguments[0].map((id) => [...document.querySelectorAll(`#chart-${CSS.escape(id)} svg text`)].filter((text) => /^[→↑] /.test(text.textContent)).length)"""
        with browser.Browser() as window:
            window.open(far)
            for chart, count in zip(changed, window.run(arrows, changed)):
                self.assertGreater(count, 0, chart)

    def changed_page(self, name, change):
        """The page with other data in its charts."""
        head, data, tail = re.match(r'(.*<script[^>]*id="report-data"[^>]*>)(.*?)(</script>.*)', self.page.read_text(), re.DOTALL).groups()
        report = json.loads(data)
        change(report)
        page = self.campaign / name
        page.write_text(head + json.dumps(report).replace("<", "\\u003c") + tail)
        return page

    def test_SeveralArrowsHaveTheirNumbersApart(self):
        def change(report):
            chart = next(chart for chart in report["charts"] if chart["id"].startswith("throughput-batch"))
            self.assertGreater(len(chart["series"]), 2, "premise")
            for series in chart["series"]:
                for point in series["points"]:
                    point.update(low=point["y"] / 2, high=1e6)

        with browser.Browser() as window:
            for width in (1280, 390, 320):
                window.size(width, 900)
                window.open(self.changed_page("arrows.html", change))
                self.assertGreater(window.run("""return [...document.querySelectorAll('[id^="chart-throughput-batch"] svg text')].filter((text) => text.textContent.startsWith("↑ ")).length"""), 4, "premise")
                self.assertEqual([line for line in window.run(CROWDED) if "↑" in line], [])

    def test_AxesOfPowersHaveLabelsHoweverFarTheyReach(self):
        """At each of them a reader can tell a factor: two labels at least, on a page of any width."""
        stretched = {}

        def stretch(factor):
            def change(report):
                for chart in report["charts"]:
                    if chart["kind"] not in ("violin", "scatter") or len(chart["series"]) < 2:
                        continue
                    chart["x"]["log"] = True  # as reports do where values are far apart
                    points = [series["points"][0] for series in chart["series"]]
                    middle = [point["quartiles"][1] if chart["kind"] == "violin" else point["x"] for point in points]
                    for point, now in zip(points, middle):
                        # The slowest takes `factor` times as long as the others, about as far above 1 ms as they are below it.
                        by = factor**-0.5 / now * (factor if now == max(middle) else 1)
                        if chart["kind"] == "scatter":
                            point["x"] *= by
                            point["y"] *= by if chart["y"].get("log") else 1
                        else:
                            point.update(outline=[[value * by, share] for value, share in point["outline"]], quartiles=[value * by for value in point["quartiles"]], range=[value * by for value in point["range"]])
                    stretched.setdefault(chart["kind"], chart["id"])
            return change

        # Labels of the axis across: the lowest line of numbers.
        labels = """const texts = [...document.querySelectorAll(`#chart-${CSS.escape(arguments[0])} svg text`)].filter((text) => /^[\\d.,]+$/.test(text.textContent)).map((text) => [text.textContent, text.getBoundingClientRect().bottom]);
            const low = Math.max(...texts.map(([, at]) => at)); return texts.filter(([, at]) => at > low - 3).map(([text]) => text)"""
        with browser.Browser() as window:
            for width in (1280, 390):
                window.size(width, 900)
                for factor in (4, 30, 300, 700, 1100, 5000, 100000):
                    window.open(self.changed_page("far-apart.html", stretch(factor)))
                    self.assertEqual(sorted(stretched), ["scatter", "violin"], "premise")
                    for kind, chart in stretched.items():
                        with self.subTest(kind=kind, width=width, factor=factor):
                            self.assertGreaterEqual(len(window.run(labels, chart)), 2)

    def test_SharesEndAtAHundredPerCent(self):
        ends = """return [...document.querySelectorAll("figure.chart")].map((figure) => [figure.id, [...figure.querySelectorAll("svg text")].map((text) => text.textContent)])"""
        with browser.Browser() as window:
            window.open(self.page)
            shares = {id: texts for id, texts in window.run(ends) if id in ("chart-accuracy-bars", "chart-operators") or id.startswith("chart-threads-efficiency")}
        self.assertIn("chart-accuracy-bars", shares, "premise")
        for id, texts in shares.items():
            numbers = [float(text) for text in texts if re.fullmatch(r"\d+", text)]
            with self.subTest(id):
                self.assertIn(100, numbers)
                self.assertEqual(max(numbers), 100)

    def test_TablesSortByClickAndByKeyboard(self):
        head = 'document.querySelector("#latency-table thead th:nth-child(5)")'
        column = '[...document.querySelectorAll("#latency-table tbody tr")].map((row) => Number(row.cells[4].dataset.value))'
        self.run_script(f"{head}.querySelector('button').click()")
        self.assertEqual(self.run_script(f"return {head}.getAttribute('aria-sort')"), "ascending")
        rising = self.run_script(f"return {column}")
        self.assertEqual(rising, sorted(rising))
        self.assertGreater(len(set(rising)), 3, "premise")
        self.run_script(f"{head}.querySelector('button').focus()")
        self.window.press("\ue007")  # Enter
        self.assertEqual(self.run_script(f"return {head}.getAttribute('aria-sort')"), "descending")
        self.assertEqual(self.run_script(f"return {column}"), rising[::-1])
        self.assertEqual(self.run_script('return document.querySelectorAll("#latency-table [aria-sort]").length'), 1)
        self.assertEqual(self.run_script('return [...document.querySelectorAll("table")].filter((table) => !table.caption || table.querySelectorAll("thead button").length !== table.tHead.rows[0].cells.length).length'), 0)

    def test_ThemesFollowTheSystemAndTheSwitch(self):
        background = "return getComputedStyle(document.body).backgroundColor"
        self.run_script("localStorage.clear()")
        light = self.run_script(background)
        self.run_script("document.getElementById('theme').click(); document.getElementById('theme').click()")
        dark = self.run_script(background)
        self.assertNotEqual(light, dark)
        self.window.open(self.page)
        self.assertEqual(self.run_script(background), dark, "the choice stays")
        self.run_script("localStorage.clear()")
        self.window.open(self.page)
        self.assertEqual(self.run_script(background), light)
        with browser.Browser(dark=True) as window:
            window.open(self.page)
            self.assertEqual(window.run(background), dark)

    def test_TextCanBeReadInBothThemes(self):
        for theme in ("light", "dark"):
            with self.subTest(theme):
                self.run_script("localStorage.setItem('bakeoff-theme', arguments[0])", theme)
                self.window.open(self.page)
                self.run_script("for (const details of document.querySelectorAll('details')) details.open = true")
                for what in (CONTRAST, CHART_CONTRAST):
                    looked, poor = self.run_script(what)
                    self.assertGreater(looked, 200)
                    self.assertEqual(poor, [])
        self.run_script("localStorage.clear()")

    def test_FitsAPhone(self):
        for width in (390, 320):
            self.window.size(width, 844)
            self.window.open(self.page)
            self.assertLessEqual(self.run_script("return document.documentElement.scrollWidth"), width)
            wide = self.run_script("""return [...document.querySelectorAll("main *")].filter((node) => !node.closest(".scroll, pre, svg") && node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.outerHTML.slice(0, 80))""")
            self.assertEqual(wide, [])
            narrow = self.run_script("""return [...document.querySelectorAll("figure.chart svg")].filter((svg) => svg.getBoundingClientRect().width > innerWidth || svg.getBoundingClientRect().width < 200).length""")
            self.assertEqual(narrow, 0)
            self.assertEqual(self.run_script(CROWDED), [], width)

    def test_LongNamesAreReadableOnAPhone(self):
        names = ["an-engine-of-a-long-name (graph_optimization=disable, threads_mode=spin)", "an-engine-of-a-long-name (graph_optimization=all, threads_mode=spin)", "short"]

        def change(report):
            for place, subject in enumerate(report["subjects"]):
                subject["label"] = names[place % 3]
            for chart in report["charts"]:
                for place, series in enumerate(chart["series"]):
                    for point in series["points"]:
                        if point.get("x") == series["name"]:
                            point["x"] = f"{names[place % 3]} {place}"
                    series["name"] = f"{names[place % 3]} {place}"

        with browser.Browser() as window:
            window.size(390, 844)
            window.open(self.changed_page("long.html", change))
            self.assertEqual(window.run(CROWDED), [])

    def test_EveryVariantHasASymbolAndALineOfItsOwn(self):
        def change(report):
            subjects = report["subjects"]
            chart = next(chart for chart in report["charts"] if chart["id"].startswith("threads-speedup"))
            ideal, series = chart["series"][-1], chart["series"][0]
            self.assertTrue(ideal["ideal"], "premise")
            for variant in range(20):
                subjects.append(subjects[series["subject"]] | {"variant": variant})
                chart["series"].insert(variant, series | {"name": f"variant {variant}", "subject": len(subjects) - 1})
            bars = next(chart for chart in report["charts"] if chart["id"].startswith("size-time"))
            bars["series"] = [bars["series"][0] | {"name": f"variant {variant}", "subject": len(subjects) - 20 + variant} for variant in range(6)]

        # As drawn: the shape of a point, its colour, and the dashes of its line.
        looks = """const chart = echarts.getInstanceByDom(document.querySelector('[id^="chart-threads-speedup"] .plot'));
            return chart.getOption().series.filter((series) => series.type === "line").map((series) => [series.name, String(series.symbol), series.lineStyle.color, JSON.stringify(series.lineStyle.type)])"""
        with browser.Browser() as window:
            window.open(self.changed_page("variants.html", change))
            lines = [line for line in window.run(looks) if line[0].startswith("variant")]
            self.assertEqual(len(lines), 20)
            self.assertEqual(len({color for _, _, color, _ in lines}), 1, "premise")
            self.assertEqual(len({symbol for _, symbol, _, _ in lines[:8]}), 8)
            self.assertEqual(len({(symbol, dash) for _, symbol, _, dash in lines}), 20)
            # Bars have a pattern each, marks beside names a shape.
            patterns = window.run("""const chart = echarts.getInstanceByDom(document.querySelector('[id^="chart-size-time"] .plot'));
                return chart.getOption().series.filter((series) => series.type === "bar").map((series) => JSON.stringify(series.itemStyle.decal || null))""")
            self.assertEqual(len(set(patterns)), 6, patterns)
            marks = window.run("""return [...Array(8).keys()].map((variant) => { const mark = document.createElement("span"); mark.className = `mark v${variant}`; document.body.append(mark);
                const style = getComputedStyle(mark); return [style.borderRadius, style.transform, style.clipPath].join() })""")
            self.assertEqual(len(set(marks)), 8, marks)

    def test_TheIdealLooksLikeNoEngine(self):
        legend = """const svg = document.querySelector('[id^="chart-threads-speedup"] svg'), chart = echarts.getInstanceByDom(svg.closest(".plot"));
            const root = getComputedStyle(document.documentElement), ideal = chart.getOption().series.find((series) => series.name === "ideal"), item = chart.getOption().legend[0].data.at(-1);
            return [item.name, item.icon, item.itemStyle.color, ideal.lineStyle.color, ideal.lineStyle.type, [...Array(9).keys()].map((color) => root.getPropertyValue(`--s${color}`).trim())]"""
        parts = lambda color: [int(color[at:at + 2], 16) for at in (1, 3, 5)]
        for theme in ("light", "dark"):
            self.run_script("localStorage.setItem('bakeoff-theme', arguments[0])", theme)
            self.window.open(self.page)
            name, icon, color, line, dashes, engines = self.run_script(legend)
            self.assertEqual((name, color), ("ideal", line))
            self.assertTrue(icon.startswith("path://"), icon)
            self.assertIsInstance(dashes, list)
            # It is grey, and engines are not.
            grey = max(parts(line)) - min(parts(line))
            for engine in engines:
                self.assertGreater(max(parts(engine)) - min(parts(engine)), 2 * grey, (theme, engine))
        self.run_script("localStorage.clear()")

    def test_NoNameOfTheTradeOffsLiesOnAPoint(self):
        """Beside their points where there is room; on a phone a legend has them."""
        # Twelve subjects at two settings each, of which some are close.
        def change(report):
            chart = next(chart for chart in report["charts"] if chart["kind"] == "scatter")
            chart["series"], report["subjects"] = [], [report["subjects"][0] | {"label": f"engine-{place}", "color": place} for place in range(12)]
            for place in range(24):
                x = 0.2 * 1.2 ** (place * 7 % 12) * (1 if place < 12 else 1.3)
                chart["series"].append({"name": f"engine-{place % 12}, {place // 12 + 1} threads", "subject": place % 12, "points": [{"x": x, "y": 20 * 1.1 ** (place * 5 % 12), "name": "n", "front": place in (0, 12), "runs": [1]}]})
            chart["x"]["log"] = chart["y"]["log"] = True

        covered = """const plot = document.querySelector('[id^="chart-pareto"] .plot'), chart = echarts.getInstanceByDom(plot), box = plot.querySelector("svg").getBoundingClientRect();
            const points = chart.getOption().series.filter((series) => series.type === "scatter").map((series) => chart.convertToPixel({gridIndex: 0}, series.data[0].value));
            const texts = [...plot.querySelectorAll("svg text")].filter((text) => text.textContent.startsWith("engine-"));
            const on = texts.filter((text) => { const at = text.getBoundingClientRect(); return points.some(([x, y]) => x + box.left > at.left - 4 && x + box.left < at.right + 4 && y + box.top > at.top - 2 && y + box.top < at.bottom + 2); });
            return [texts.map((text) => text.textContent), on.map((text) => text.textContent), points.length]"""
        with browser.Browser() as window:
            for width in (1280, 390):
                window.size(width, 900)
                window.open(self.changed_page("crowd.html", change))
                texts, on, points = window.run(covered)
                with self.subTest(width):
                    self.assertEqual(points, 24, "premise")
                    self.assertEqual(sorted(text.split(" ")[0] for text in texts), sorted(f"engine-{place}" for place in range(12)))
                    self.assertEqual(on, [])
                    self.assertEqual([line for line in window.run(CROWDED) if line.startswith("chart-pareto")], [])

    def test_ReasonsAreReadOnAPhoneWithoutScrolling(self):
        tables = """return [...document.querySelectorAll("table.words")].map((table) => [table.id, table.parentElement.scrollWidth - table.parentElement.clientWidth,
            [...table.querySelectorAll("tbody td")].filter((cell) => { const at = cell.getBoundingClientRect(); return at.right > innerWidth || at.left < 0; }).length, table.querySelector("td").getBoundingClientRect().width])"""
        for width in (390, 320):
            self.window.size(width, 844)
            self.window.open(self.page)
            found = self.run_script(tables)
            self.assertIn("failures-table", [table[0] for table in found])
            for table, scrolls, beyond, room in found:
                self.assertLessEqual(scrolls, 1, table)
                self.assertEqual(beyond, 0, table)
                self.assertGreater(room, width - 60, table)

    def test_ChartsFollowTheWindow(self):
        self.window.size(700, 900)
        end = 'return document.querySelector("figure.chart svg").getBoundingClientRect().width'
        for _ in range(100):
            if self.run_script(end) < 700:
                break
        self.assertLess(self.run_script(end), 700)

    def test_CanBeReadByOthersThanTheEyes(self):
        self.assertEqual(self.run_script("return document.documentElement.lang"), "en")
        levels = self.run_script('return [...document.querySelectorAll("h1, h2, h3, h4")].map((head) => Number(head.tagName[1]))')
        self.assertEqual(levels[0], 1)
        self.assertEqual(levels.count(1), 1)
        for before, after in zip(levels, levels[1:]):
            self.assertLessEqual(after, before + 1)
        unnamed = self.run_script("""return [...document.querySelectorAll("button, a, [role=region], [role=img], section, nav")].filter((node) =>
            !(node.getAttribute("aria-label") || (node.getAttribute("aria-labelledby") && document.getElementById(node.getAttribute("aria-labelledby"))) || (node.matches("a, button") && node.textContent.trim())))
            .map((node) => node.outerHTML.slice(0, 100))""")
        self.assertEqual(unnamed, [])
        alts = self.run_script('return [...document.querySelectorAll(".plot")].map((plot) => [plot.getAttribute("role"), plot.getAttribute("aria-label")])')
        for role, alt in alts:
            self.assertEqual(role, "img")
            self.assertGreater(len(alt), 40)
        self.assertEqual(self.run_script('return document.querySelectorAll("[id]").length'), self.run_script('return new Set([...document.querySelectorAll("[id]")].map((node) => node.id)).size'))
        dead = self.run_script('return [...document.querySelectorAll("a[href^=\\"#\\"]")].filter((link) => !document.getElementById(link.hash.slice(1))).length')
        self.assertEqual(dead, 0)

    def test_ChartsAreSaved(self):
        self.run_script("""window.saved = []; URL.createObjectURL = (blob) => { window.saved.push(blob); return "data:,"; }; HTMLAnchorElement.prototype.click = () => {};
            for (const button of document.querySelectorAll("figure.chart .tools button")) button.click();""")
        count = self.run_script("return saved.length")
        self.assertEqual(count, 3 * self.run_script('return document.querySelectorAll("figure.chart").length'))
        read = """const [from, done] = arguments; const reader = new FileReader(); reader.onload = () => done(reader.result); reader.readAsDataURL(saved[from]);"""
        for place, kind, begin in ((0, "image/png", b"\x89PNG"), (1, "image/svg+xml", b"<svg"), (2, "text/csv", b"series,")):
            data = self.window.command("POST", "/execute/async", {"script": read, "args": [place]})
            self.assertTrue(data.startswith(f"data:{kind}"), data[:60])
            content = base64.b64decode(data.split(",", 1)[1])
            self.assertTrue(content.startswith(begin), content[:60])
            self.assertGreater(len(content), 300)

    def test_NumbersAreThereWithoutScripts(self):
        with browser.Browser(scripts=False) as window:
            window.open(self.page)
            self.assertGreater(window.run('return document.querySelectorAll("td[data-value]").length'), 100)

    def test_Prints(self):
        pdf = self.campaign / "report.pdf"
        result = subprocess.run([PROGRAM, "report", self.campaign, "--pdf", pdf], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        content = pdf.read_bytes()
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertGreater(len(content), 50_000)


if __name__ == "__main__":
    unittest.main(verbosity=1)
