// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Draws the charts of the report, sorts its tables, switches its theme. All numbers come from the page's own data.
"use strict";
(() => {
  const report = JSON.parse(document.getElementById("report-data").textContent);
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const charts = [];  // {spec, box, chart}
  const kColors = 9;
  // As the marks .v0 to .v7 of the page; with the dashes, of another number, 40 lines of one colour differ.
  const kSymbols = ["circle", "rect", "diamond", "triangle", "path://M0 0H10L5 9Z", "path://M3.4 0H6.6V3.4H10V6.6H6.6V10H3.4V6.6H0V3.4H3.4Z",
    "path://M5 0L6.4 3.3L10 3.6L7.3 6L8.1 9.5L5 7.6L1.9 9.5L2.7 6L0 3.6L3.6 3.3Z", "path://M2.5 0.7H7.5L10 5L7.5 9.3H2.5L0 5Z"];
  const kDashes = ["solid", [8, 3], [2, 3], [10, 3, 2, 3], [14, 4]];
  let printing = false;

  const escaped = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  // Three significant digits, as the tables have them.
  const digits = (value) => {
    if (typeof value !== "number") return String(value);
    const size = Math.abs(value);
    if (size === 0) return "0";
    if (size >= 1e6) return `${digits(value / 1e6)} M`;
    if (size >= 1e4) return `${digits(value / 1e3)} k`;
    if (size < 0.001) return value.toPrecision(2);
    return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(size * 1.0005))));
  };
  const ticks = (value) => (Math.abs(value) >= 1e6 ? `${+(value / 1e6).toPrecision(4)} M` : Math.abs(value) >= 1e4 ? `${+(value / 1e3).toPrecision(4)} k` : String(+value.toPrecision(6)));
  const titled = (axis) => (!axis || !axis.name ? "" : axis.unit ? `${axis.name}, ${axis.unit}` : axis.name);

  // ---- What all charts have in common

  const colorOf = (series, place, spec) => {
    if (series.subject !== undefined) return css(`--s${report.subjects[series.subject].color % kColors}`);
    if (series.dashed) return css("--soft");
    const several = Math.max(1, spec.series.length - 1);
    return mix(css("--accent"), css("--line"), Math.min(0.85, (place / several) * 0.85));
  };
  const mix = (a, b, share) => {
    const parts = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
    const [from, to] = [parts(a), parts(b)];
    return `#${from.map((value, i) => Math.round(value + (to[i] - value) * share).toString(16).padStart(2, "0")).join("")}`;
  };
  const variantOf = (series) => (series.subject === undefined ? 0 : report.subjects[series.subject].variant);
  const symbolOf = (series) => kSymbols[variantOf(series) % kSymbols.length];
  // Of bars side by side: lines at an angle, then dots.
  const decalOf = (series) => {
    const variant = variantOf(series) % 6, ink = { color: css("--bg"), dashArrayX: [1, 0] };
    if (variant === 0) return undefined;
    return variant === 5 ? { ...ink, symbol: "circle", symbolSize: 0.7, dashArrayX: [[5, 5], [0, 5, 5, 0]], dashArrayY: [5, 0] } : { ...ink, dashArrayY: [2, 5], rotation: (Math.PI / 4) * [0, 1, -1, 0, 2][variant] };
  };
  const dashOf = (series) => (series.dashed ? [6, 5] : kDashes[variantOf(series) % kDashes.length]);

  const axis = (of, more) => ({
    name: titled(of), nameLocation: "middle", nameGap: 30, nameTextStyle: { color: css("--soft"), fontSize: 12 },
    axisLine: { lineStyle: { color: css("--line") } }, axisTick: { show: false }, splitLine: { lineStyle: { color: css("--line"), opacity: 0.7 } },
    axisLabel: { color: css("--soft"), fontSize: 12, hideOverlap: true }, ...more });
  const numeric = (of, more = {}) => {
    const log = of && of.log;
    return axis(of, { type: log ? "log" : "value", ...(log ? { logBase: 2 } : {}), ...more, axisLabel: { color: css("--soft"), fontSize: 12, hideOverlap: true, formatter: log ? (value) => ticks(+value.toPrecision(3)) : ticks, ...(more.axisLabel || {}) } });
  };
  const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

  // ---- Texts as wide as they are

  const ruler = document.createElement("canvas").getContext("2d");
  const wide = (text) => {
    ruler.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    return ruler.measureText(text).width;
  };
  // What does not fit loses its middle: names differ at their ends.
  const fitted = (text, room) => {
    let kept = text.length;
    const cut = () => (kept === text.length ? text : `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`);
    while (kept > 2 && wide(cut()) > room) --kept;
    return cut();
  };
  // Lines that end between words, or after the signs in a word that is too long for one.
  const kMostLines = 3;
  const wrapped = (text, room) => {
    const lines = [""];
    for (const word of text.match(/\S+\s*/g) || []) {
      for (const piece of wide(word.trimEnd()) > room ? word.match(/[^,/=_.-]*[,/=_.-]*\s*/g) : [word]) {
        if (lines.at(-1) && wide((lines.at(-1) + piece).trimEnd()) > room) lines.push("");
        lines[lines.length - 1] += piece;
      }
    }
    if (lines.length > kMostLines) lines.splice(kMostLines - 1, lines.length, lines.slice(kMostLines - 1).join(""));
    return lines.map((line) => fitted(line.trim(), room));
  };
  const kLabelLine = 14;
  const labelRoom = (width) => (width < 520 ? 104 : 220);
  // The names of rows, and what a row needs at least for them.
  const categories = (names, width) => axis(undefined, { type: "category", data: names, inverse: true, splitLine: { show: false },
    axisLabel: { color: css("--text"), fontSize: 12, lineHeight: kLabelLine, interval: 0, formatter: (name) => wrapped(name, labelRoom(width)).join("\n") } });
  const rowHeight = (names, width, least) => Math.max(least, ...names.map((name) => kLabelLine * wrapped(name, labelRoom(width)).length + 8));
  // Legends take the lines that they need: one that must be leafed through hides what the lines mean.
  const legendName = (name, width) => fitted(name, width - 48);
  const legendLines = (spec, width) => {
    let lines = 1, used = 0;
    for (const series of spec.series) {
      const item = 18 + 5 + wide(legendName(series.name, width)) + 10;
      if (used > 0 && used + item > width - 12) { ++lines; used = 0; }
      used += item;
    }
    return lines;
  };
  const kLegendLine = 22;
  // Of a line that is no engine's: dashes, where engines have their symbol on a line of their own.
  const kDashIcon = "path://M0 4H4V6H0ZM7 4H11V6H7ZM14 4H18V6H14Z";
  // By how much a legend of several lines makes its chart higher.
  const legendExtra = (lines) => kLegendLine * Math.max(0, lines - 1);
  // `lines`: of the legend; 0 for none.
  const base = (spec, width, lines) => ({
    animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, color: spec.series.map((series, i) => colorOf(series, i, spec)),
    aria: { enabled: true, label: { description: spec.alt } },
    grid: { left: 12, right: 22, top: lines ? 20 + kLegendLine * lines : 14, bottom: 34, containLabel: true },
    legend: lines ? { top: 4, left: 0, right: 0, itemWidth: 18, itemHeight: 10, itemGap: 10, textStyle: { color: css("--text"), fontSize: 12 }, formatter: (name) => legendName(name, width), data: spec.series.map((series) => ({ name: series.name, ...(series.dashed ? { icon: kDashIcon, itemStyle: { color: css("--soft") } } : {}) })) } : { show: false },
    tooltip: { confine: true, backgroundColor: css("--bg"), borderColor: css("--line"), textStyle: { color: css("--text"), fontSize: 12.5 }, extraCssText: "max-width: 24rem; white-space: normal; box-shadow: 0 2px 12px rgb(0 0 0 / 18%)" } });

  const originText = (point) => (point.runs ? ` · ${point.runs.length > 4 ? `r${Math.min(...point.runs)} … r${Math.max(...point.runs)} (${point.runs.length})` : point.runs.map((id) => `r${id}`).join(" ")}` : point.from ? ` · ${point.from.join(" ")}` : "");
  // The end of an interval tells on which side of 1 it lies.
  const endText = (value) => (value !== 1 && Number(digits(value)) === 1 ? String(value) : digits(value));
  const intervalText = (point) => (point.low === undefined ? "" : ` (99 %: ${endText(point.low)} to ${endText(point.high)})`);
  const told = (name, what, point) => `<strong>${escaped(name)}</strong><br>${escaped(what)}<span style="opacity:.7">${escaped(originText(point))}</span>`;

  // Of several intervals at one place that leave a chart upwards: which one this is, counted from the left; in a chart
  // whose places are `close` together, of all.
  const cutsOf = (spec, end, close) => {
    const counts = new Map(), places = new Map();
    for (const series of spec.series) {
      for (const point of series.points) {
        if (point.low === undefined || !(point.high > end)) continue;
        const at = close ? "" : point.x;
        places.set(point, counts.get(at) || 0);
        counts.set(at, places.get(point) + 1);
      }
    }
    return places;
  };
  const stroke = (color, width) => (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: color, lineWidth: width, opacity: 0.8 } });
  const label = (text, x, y, more) => ({ type: "text", style: { text, x, y, fill: css("--text"), fontSize: 12, verticalAlign: "middle", stroke: css("--bg"), lineWidth: 3, ...more } });
  // The end of an interval within the chart.
  const endCap = (line, [x, y], horizontal) => (horizontal ? [line(x, y - 4, x, y + 4)] : [line(x - 4, y, x + 4, y)]);
  // That of one beyond it: an arrow at the edge, and the number where it would end.
  const arrowAcross = (line, [x, y], value) => [line(x - 5, y - 4, x, y), line(x - 5, y + 4, x, y), label(`→ ${digits(value)}`, x - 2, y + 13, { align: "right", fontSize: 11 })];
  // Upwards several may stand side by side: their numbers are stacked beside all of them, each in the colour of its own.
  const arrowUp = (line, [x, y], value, { place, middle, span, color, edge }) => {
    const text = `↑ ${digits(value)}`, left = middle + span + 7 + wide(text) > edge;
    return [line(x - 4, y + 5, x, y), line(x + 4, y + 5, x, y), label(text, left ? middle - span - 7 : middle + span + 7, y + 7 + 13 * place, { align: left ? "right" : "left", fontSize: 11, fill: color })];
  };

  // Whiskers of 99 % intervals, of the same name as their series, so that the legend takes both.
  // `aside`: how far from the point's middle; `cuts`: of cutsOf(); `span`: how far the whiskers of all series reach.
  const whiskers = (series, color, horizontal, at, { labelled = false, aside = 0, span = 0, cuts = new Map() } = {}) => {
    const points = series.points.filter((point) => point.low !== undefined && point.high !== undefined);
    if (!points.length) return [];
    return [{
      type: "custom", name: series.name, z: 5, silent: true, clip: false, itemStyle: { color },
      encode: horizontal ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
      data: points.map((point) => [at(point), point.low, point.high]),
      renderItem: (params, api) => {
        const point = points[params.dataIndex];
        const { x: left, y: top, width, height } = params.coordSys;
        const place = (value) => (horizontal ? api.coord([value, api.value(0)]) : api.coord([api.value(0), value]));
        const [a, b] = [place(api.value(1)), place(api.value(2))];
        const middle = b[0];
        const beyond = horizontal ? b[0] > left + width + 1 : b[1] < top - 1;
        if (beyond) b[horizontal ? 0 : 1] = horizontal ? left + width : top;
        if (horizontal) a[0] = Math.max(a[0], left);
        else a[1] = Math.min(a[1], top + height);
        if (!horizontal) for (const end of [a, b]) end[0] += aside;
        const line = aside ? stroke(color, 1.6) : stroke(css("--text"), 1.2);
        const far = !beyond ? endCap(line, b, horizontal)
          : horizontal ? arrowAcross(line, b, point.high)
            : arrowUp(line, b, point.high, { place: (cuts.get(point) || 0) % Math.max(1, Math.floor(height / 13)), middle, span, color: span ? color : css("--text"), edge: api.getWidth() });
        return { type: "group", children: [line(...a, ...b), ...endCap(line, a, horizontal), ...far, ...(labelled && horizontal ? [label(digits(point.y), b[0] + 7, b[1])] : [])] };
      } }];
  };

  // Where an axis of values ends, in steps that a reader counts in. Intervals may reach far beyond the points, which are
  // what is to be seen; shares end at all of it.
  const kTicks = 5;
  const steps = (low, high) => {
    const reach = high - low || high || 1, power = 10 ** Math.floor(Math.log10(reach / kTicks));
    const interval = [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step * kTicks >= reach * 0.9999);
    const at = (count) => Number((interval * count).toPrecision(12));
    return { min: at(Math.floor(low / interval)), max: at(Math.ceil((high / interval) * 0.9999)), interval };
  };
  const stepsTo = (reach) => steps(0, reach);
  const endOf = (spec) => {
    const points = spec.series.flatMap((series) => series.points);
    const number = (point) => (typeof point.y === "number" ? point.y : 0);
    const sums = new Map();
    for (const point of spec.stacked ? points : []) sums.set(point.x, (sums.get(point.x) || 0) + number(point));
    const most = Math.max(...(spec.stacked ? sums.values() : points.map(number)));
    if ((spec.horizontal ? spec.x : spec.y).unit === "%" && most > 50 && most < 100.5) return stepsTo(100);
    return stepsTo(Math.max(most, Math.min(most * 1.5, Math.max(...points.map((point) => point.high || 0)))) || 1);
  };

  // The same of a logarithmic axis.
  const decadesOf = (spec) => {
    const values = spec.series.flatMap((series) => series.points.map((point) => point.y)).filter((value) => value > 0);
    const power = 10 ** Math.floor(Math.log10(Math.max(...values)));
    const min = 10 ** Math.floor(Math.log10(Math.min(...values)));
    return { logBase: 10, min, startValue: min, max: power * [1, 2, 5, 10].find((step) => step * power >= Math.max(...values)) };
  };

  // Names beside points: each beside its own, on no other and on no other name where there is room for that. `pixels` are
  // the middles of the points, by series; series come in order, and the first of them begins anew.
  const beside = (pixels, radius) => {
    let placed = [], last = Infinity;
    return ({ seriesIndex, labelRect: { width, height } }, { x: left, y: top, width: across, height: down }) => {
      if (seriesIndex <= last) placed = pixels().map(([x, y]) => ({ x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius }));
      last = seriesIndex;
      const [x, y] = pixels()[seriesIndex], far = radius + 3;
      const under = (a, b) => Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) * Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));
      const at = (x, y) => ({ x: Math.min(Math.max(x, left + 2), left + across - width), y: Math.min(Math.max(y, top), top + down - height), width, height });
      const lines = [y - far - height, y + far, y - far - 2 * height, y + far + height];
      const places = [...lines.slice(0, 2).map((line) => at(x - width / 2, line)), at(x + far, y - height / 2), at(x - far - width, y - height / 2),
        ...lines.flatMap((line) => [at(x - radius, line), at(x + radius - width, line)])];
      const cost = (place) => placed.reduce((sum, other) => sum + under(place, other), 0);
      const best = places.reduce((a, b) => (cost(b) < cost(a) ? b : a));
      placed.push(best);
      return { x: best.x, y: best.y, align: "left", verticalAlign: "top" };
    };
  };

  // ---- Kinds of charts: each gives ECharts' option, and a height where it is not the usual one

  // A logarithmic axis has a label at each power of its base; ECharts leaves most of them out where there are ten or more.
  const baseOf = (low, high) => ({ logBase: Math.log2(high / low) < 9.5 ? 2 : 10 });
  const openEnds = (low, high, room) => ({ ...baseOf(low / room, high * room), min: low / room, max: high * room, axisLabel: { showMinLabel: false, showMaxLabel: false } });

  const kinds = {
    lines(spec, width) {
      const lines = legendLines(spec, width);
      const option = base(spec, width, lines);
      const categorical = spec.ticks && (spec.x.log || spec.x.name === "pictures");
      const at = (x) => (categorical ? spec.ticks.indexOf(x) : x);
      option.grid.left = 44;
      option.xAxis = categorical
        ? axis(spec.x, { type: "category", data: spec.ticks.map(String), boundaryGap: true })
        : numeric(spec.x, spec.ticks ? { min: spec.ticks[0] - 0.15, max: spec.ticks[spec.ticks.length - 1] + 0.15, splitLine: { show: false }, axisLabel: { customValues: spec.ticks } } : spec.plain ? stepsTo(Math.max(...spec.series.flatMap((series) => series.points.map((point) => point.x)))) : { min: "dataMin", max: "dataMax", axisLabel: { formatter: digits } });
      const several = Math.max(0, spec.series.length - 1), span = (several / 2) * 3.5;
      const close = (width - 100) / (spec.ticks || spec.series.flatMap((series) => series.points)).length < 2 * (span + 60);
      const end = endOf(spec), cuts = cutsOf(spec, end.max, close);
      option.yAxis = numeric(spec.y, { nameGap: 46, ...end });
      option.tooltip.trigger = "item";
      option.tooltip.formatter = (params) => (params.data && params.data.point ? told(params.seriesName, `${titled(spec.x)} ${params.data.point.x}: ${digits(params.data.point.y)} ${spec.y.unit || ""}${intervalText(params.data.point)}`, params.data.point) : "");
      option.series = spec.series.flatMap((series, i) => {
        const color = option.color[i];
        return [{
          type: "line", name: series.name, data: series.points.map((point) => ({ value: [at(point.x), point.y], point })), symbol: spec.plain || series.dashed ? "none" : symbolOf(series), symbolSize: 8,
          step: spec.plain ? "start" : undefined, lineStyle: { width: series.dashed ? 1.5 : 2.2, type: dashOf(series), color }, itemStyle: { color }, emphasis: { focus: "series" } },
          ...whiskers(series, color, false, (point) => at(point.x), { aside: (i - several / 2) * 3.5, span, cuts })];
      });
      return { option, more: legendExtra(lines) };
    },

    bars(spec, width) {
      // Each series a bar of its own name: one bar each, coloured by subject, without a legend.
      const own = spec.series.every((series) => series.points.length === 1 && series.points[0].x === series.name);
      const lines = !own && spec.series.length > 1 ? legendLines(spec, width) : 0;
      const option = base(spec, width, lines);
      const horizontal = Boolean(spec.horizontal);
      const names = [];
      for (const series of spec.series) for (const point of series.points) if (!names.includes(point.x)) names.push(point.x);
      if (spec.ticks) names.sort((a, b) => a - b);
      const logarithmic = !horizontal && spec.y.log;
      const value = numeric(spec.horizontal ? spec.x : spec.y, { ...(logarithmic ? decadesOf(spec) : endOf(spec)), nameGap: horizontal ? 30 : 46 });
      option.tooltip.trigger = "item";
      option.tooltip.formatter = (params) => (params.data && params.data.point ? told(own || spec.series.length === 1 ? params.data.point.x : `${params.data.point.x}: ${params.seriesName}`, `${digits(params.data.point.y)} ${(horizontal ? spec.x.unit : spec.y.unit) || ""}${intervalText(params.data.point)}`, params.data.point) : "");
      if (horizontal) {
        option.xAxis = value;
        option.yAxis = categories(names, width);
        option.grid.right = 58;
      } else {
        option.grid.left = 44;
        option.xAxis = axis(spec.x, { type: "category", data: names.map(String), splitLine: { show: false } });
        option.yAxis = value;
      }
      const pair = (point) => (horizontal ? [point.y, names.indexOf(point.x)] : [names.indexOf(point.x), point.y]);
      const labelled = (own || spec.series.length === 1) && horizontal;
      const bar = (more, decal) => ({ type: "bar", barMaxWidth: 26, itemStyle: { borderRadius: spec.stacked ? 0 : horizontal ? [0, 3, 3, 0] : [3, 3, 0, 0], borderColor: css("--bg"), borderWidth: spec.stacked ? 1 : 0, decal },
        label: labelled && !spec.series.some((series) => series.points.some((point) => point.low !== undefined)) ? { show: true, position: "right", formatter: (params) => digits(params.data.point.y), color: css("--text"), fontSize: 12, textBorderWidth: 3, textBorderColor: css("--bg") } : undefined, ...more });
      if (own) {
        const data = spec.series.map((series, i) => ({ value: pair(series.points[0]), point: series.points[0], itemStyle: { color: option.color[i] } }));
        const all = { name: spec.title, points: spec.series.map((series) => series.points[0]) };
        option.series = [bar({ name: spec.title, data }), ...whiskers(all, css("--text"), horizontal, (point) => names.indexOf(point.x), { labelled })];
      } else {
        option.series = spec.series.flatMap((series, i) => [
          bar({ name: series.name, color: option.color[i], stack: spec.stacked ? "all" : undefined, data: series.points.map((point) => ({ value: pair(point), point })) }, decalOf(series)),
          ...(spec.series.length === 1 ? whiskers(series, css("--text"), horizontal, (point) => names.indexOf(point.x), { labelled }) : [])]);
      }
      for (const trend of spec.trends || []) {
        const name = report.subjects[trend.subject].label;
        option.series.push({ type: "line", name, symbol: "none", silent: true, z: 6, lineStyle: { type: [6, 4], width: 1.8, color: css(`--s${report.subjects[trend.subject].color % kColors}`) }, data: names.map((size, i) => [i, trend.fixed + trend.each * size > 0 ? trend.fixed + trend.each * size : null]) });
      }
      if (spec.reference !== undefined) {
        option.series[0].markLine = { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: css("--soft"), type: [4, 4] }, data: [{ xAxis: spec.reference }] };
      }
      const rows = horizontal ? names.length * rowHeight(names, width, spec.grouped ? 16 * spec.series.length + 18 : 36) : 0;
      return { option, more: legendExtra(lines), height: horizontal ? Math.max(150, rows + (lines ? 100 : 66)) : undefined };
    },

    violin(spec, width) {
      const option = base(spec, width, 0);
      const items = spec.series.map((series) => series.points[0]);
      const lows = items.map((item) => item.outline[0][0]), highs = items.map((item) => item.outline[item.outline.length - 1][0]);
      const low = Math.min(...lows), high = Math.max(...highs);
      option.xAxis = numeric(spec.x, spec.x.log ? openEnds(low, high, 1.08) : steps(low, high));
      option.yAxis = categories(spec.series.map((series) => series.name), width);
      option.tooltip.formatter = (params) => {
        const item = items[params.dataIndex];
        return told(item.x, `median ${digits(item.quartiles[1])} ms, half between ${digits(item.quartiles[0])} and ${digits(item.quartiles[2])} ms, 99 % between ${digits(item.range[0])} and ${digits(item.range[1])} ms; ${item.samples} samples`, item);
      };
      option.series = [{
        type: "custom", name: spec.title, encode: { x: [0, 2, 3], y: 1 }, data: items.map((item, i) => [item.quartiles[1], i, lows[i], highs[i]]),
        renderItem: (params, api) => {
          const item = items[params.dataIndex], color = option.color[params.dataIndex];
          const place = api.value(1), half = Math.min(26, Math.abs(api.size([0, 1])[1]) * 0.42);
          const across = (value) => api.coord([value, place]);
          const middle = across(item.quartiles[1])[1];
          const upper = item.outline.map(([value, share]) => [across(value)[0], middle - share * half]);
          const lower = item.outline.map(([value, share]) => [across(value)[0], middle + share * half]).reverse();
          const [q1, q2, q3] = item.quartiles.map((value) => across(value)[0]);
          return { type: "group", children: [
            { type: "polygon", shape: { points: [...upper, ...lower] }, style: { fill: color, opacity: 0.3, stroke: color, lineWidth: 1.2 } },
            { type: "line", shape: { x1: across(item.range[0])[0], y1: middle, x2: across(item.range[1])[0], y2: middle }, style: { stroke: color, lineWidth: 1.4 } },
            { type: "rect", shape: { x: q1, y: middle - 5, width: Math.max(1.5, q3 - q1), height: 10, r: 2 }, style: { fill: color } },
            { type: "line", shape: { x1: q2, y1: middle - 9, x2: q2, y2: middle + 9 }, style: { stroke: css("--text"), lineWidth: 2.2 } }] };
        } }];
      return { option, height: 74 + items.length * 58 };
    },

    scatter(spec, width, entry) {
      // One of each subject stands for it: its fastest has the name beside it. Where there is no room for names, a legend
      // has them.
      const fastest = new Map();
      for (const series of spec.series) if (!fastest.has(series.subject) || series.points[0].x < fastest.get(series.subject).points[0].x) fastest.set(series.subject, series);
      const labelOf = (series) => report.subjects[series.subject].label;
      const narrow = width < 520, named = { ...spec, series: [...fastest.values()].map((series) => ({ ...series, name: labelOf(series) })) };
      const lines = narrow ? legendLines(named, width) : 0;
      const option = base(named, width, lines);
      if (narrow) Object.assign(option.legend, { itemWidth: 12, itemHeight: 12, data: option.legend.data.map((item) => ({ ...item, itemStyle: { opacity: 1 } })) });
      option.color = spec.series.map((series, i) => colorOf(series, i, spec));
      option.grid.left = 44;
      // Powers of two round an axis up by little, powers of ten by much.
      const scaleOf = (values) => {
        const low = Math.min(...values), high = Math.max(...values);
        return baseOf(low, high).logBase === 2 ? { scale: true } : openEnds(low, high, 1.6);
      };
      const points = spec.series.map((series) => series.points[0]);
      option.xAxis = numeric(spec.x, spec.x.log ? scaleOf(points.map((point) => point.x)) : { scale: true });
      option.yAxis = numeric(spec.y, { nameGap: 46, ...(spec.y.log ? scaleOf(points.map((point) => point.y)) : { min: 0 }) });
      option.tooltip.formatter = (params) => {
        const point = params.data && params.data.point;
        return point ? told(point.name, `${digits(point.x)} ${spec.x.unit}, ${digits(point.y)} ${spec.y.unit}${point.accuracy === undefined ? "" : `, top-1 ${(100 * point.accuracy).toFixed(1)} %`}${point.front ? "; beaten by none" : ""}`, point) : "";
      };
      const drawn = [...spec.series].sort((a, b) => b.points[0].front - a.points[0].front);
      // The first series is the line of the front.
      const pixels = () => [[-99, -99], ...drawn.map((series) => entry.chart.convertToPixel({ gridIndex: 0 }, [series.points[0].x, series.points[0].y]))];
      const place = beside(pixels, 9);
      const layout = (params) => place(params, entry.chart.getModel().getComponent("grid").coordinateSystem.getRect());
      const front = spec.series.map((series) => series.points[0]).filter((point) => point.front).sort((a, b) => a.x - b.x);
      option.series = [
        { type: "line", name: "front", silent: true, symbol: "none", data: front.map((point) => [point.x, point.y]), lineStyle: { type: [5, 5], width: 1.4, color: css("--soft") }, z: 1 },
        ...drawn.map((series) => ({
          type: "scatter", name: narrow ? labelOf(series) : series.name, symbol: symbolOf(series), symbolSize: series.points[0].front ? 17 : 12, itemStyle: { color: option.color[spec.series.indexOf(series)], opacity: series.points[0].front ? 1 : 0.5, borderColor: css("--bg"), borderWidth: 1.5 },
          data: [{ value: [series.points[0].x, series.points[0].y], point: series.points[0] }], labelLayout: layout,
          label: { show: !narrow && fastest.get(series.subject) === series, opacity: 1, color: css("--text"), fontSize: 11.5, formatter: () => `${fitted(labelOf(series), 240)}${series.points[0].accuracy === undefined || !series.points[0].front ? "" : ` · ${(100 * series.points[0].accuracy).toFixed(1)} %`}` } }))];
      option.grid.right = 30;
      return { option, height: 400, more: kLegendLine * lines };
    },

    heatmap(spec, width) {
      const option = base(spec, width, 0);
      const points = spec.series[0].points;
      const most = Math.max(...points.map((point) => point.value));
      const many = spec.names.length > 20;
      option.xAxis = axis(spec.x, { type: "category", data: spec.names, position: "bottom", nameGap: width < 520 || spec.names.length > 8 ? 62 : 30, splitArea: { show: false }, splitLine: { show: false }, axisLabel: { color: css("--text"), fontSize: 11, rotate: width < 520 || spec.names.length > 8 ? 45 : 0, formatter: (name) => shortened(name, 12) } });
      option.yAxis = axis(spec.y, { type: "category", data: spec.names, inverse: true, nameGap: 74, splitLine: { show: false }, axisLabel: { color: css("--text"), fontSize: 11, formatter: (name) => shortened(name, 11) } });
      option.grid = { left: 92, right: 14, top: 12, bottom: width < 520 || spec.names.length > 8 ? 82 : 50 };
      option.visualMap = { show: false, min: 0, max: most, inRange: { color: [mix(css("--panel"), css("--accent"), 0.1), css("--accent")] } };
      option.tooltip.formatter = (params) => told(`${spec.names[params.value[1]]} answered as ${spec.names[params.value[0]]}`, `${params.value[2]} pictures`, points[params.dataIndex]);
      const onAccent = root.dataset.theme === "dark" || (!root.dataset.theme && dark.matches && !printing) ? "#0c1420" : "#ffffff";
      option.series = [{
        type: "heatmap", data: points.map((point) => ({ value: [point.x, point.y, point.value], label: { color: point.value > most * 0.5 ? onAccent : css("--text") } })),
        label: { show: !many, fontSize: 11 }, itemStyle: { borderColor: css("--bg"), borderWidth: 1 } }];
      return { option, height: Math.min(820, Math.max(280, 100 + spec.names.length * (many ? 14 : 30))) };
    },

    gantt(spec, width) {
      const option = base(spec, width, 0);
      const items = spec.series.map((series) => series.points[0]);
      const stages = [...new Set(items.map((item) => item.stage))];
      const colors = stages.map((stage, i) => mix(css("--accent"), css("--line"), stages.length < 2 ? 0 : (i / (stages.length - 1)) * 0.7));
      option.xAxis = numeric(spec.x, stepsTo(Math.max(...items.map((item) => item.x + item.length)) || 1));
      option.yAxis = categories(spec.series.map((series) => series.name), width);
      option.grid.right = 60;
      option.tooltip.formatter = (params) => {
        const item = items[params.dataIndex];
        return told(spec.series[params.dataIndex].name, `${item.stage}, ${digits(item.length)} s, from ${digits(item.x)} s; ${item.status}`, item);
      };
      option.series = [{
        type: "custom", name: spec.title, encode: { x: [0, 2], y: 1 }, data: items.map((item, i) => [item.x, i, item.x + item.length]),
        renderItem: (params, api) => {
          const item = items[params.dataIndex];
          const from = api.coord([item.x, api.value(1)]), to = api.coord([item.x + item.length, api.value(1)]);
          const height = Math.min(16, Math.abs(api.size([0, 1])[1]) * 0.66);
          const failed = item.status === "failed";
          return { type: "group", children: [
            { type: "rect", shape: { x: from[0], y: from[1] - height / 2, width: Math.max(2, to[0] - from[0]), height, r: 2 }, style: { fill: failed ? css("--bad") : colors[stages.indexOf(item.stage)] } },
            { type: "text", style: { text: `${digits(item.length)} s${failed ? ", failed" : ""}`, x: to[0] + 5, y: from[1], textVerticalAlign: "middle", verticalAlign: "middle", fill: css("--soft"), fontSize: 11 } }] };
        } }];
      return { option, height: 70 + items.length * rowHeight(spec.series.map((series) => series.name), width, 24) };
    },
  };

  // ---- Drawing

  const draw = (entry) => {
    const width = printing ? 680 : entry.box.clientWidth;
    const { option, height, more = 0 } = kinds[entry.spec.kind](entry.spec, width, entry);
    entry.box.style.height = "";
    if (height || more) entry.box.style.height = `${(height || entry.box.clientHeight) + more}px`;
    if (!entry.chart) entry.chart = echarts.init(entry.box, null, { renderer: "svg", ...(printing ? { width } : {}) });
    entry.option = option;
    entry.chart.resize(printing ? { width, height: entry.box.clientHeight } : {});
    entry.chart.setOption(option, true);
    entry.width = width;
  };
  const drawAll = () => charts.forEach(draw);

  const save = (name, blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const csvCell = (value) => {
    const text = value === undefined || value === null ? "" : Array.isArray(value) ? value.map((part) => (Array.isArray(part) ? part.join(" ") : part)).join("; ") : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const csvOf = (spec) => {
    const columns = [...new Set(spec.series.flatMap((series) => series.points.flatMap(Object.keys)))];
    return [["series", ...columns], ...spec.series.flatMap((series) => series.points.map((point) => [series.name, ...columns.map((column) => point[column])]))].map((row) => row.map(csvCell).join(",")).join("\r\n");
  };
  const exports = {
    CSV: (entry) => new Blob([csvOf(entry.spec)], { type: "text/csv" }),
    SVG: (entry) => new Blob([decodeURIComponent(entry.chart.getDataURL({ type: "svg" }).replace(/^[^,]*,/, ""))], { type: "image/svg+xml" }),
    PNG: (entry) => {
      const box = document.createElement("div");
      box.style.cssText = `position:absolute;left:-9999px;width:${entry.box.clientWidth}px;height:${entry.box.clientHeight}px`;
      document.body.append(box);
      const chart = echarts.init(box, null, { renderer: "canvas", devicePixelRatio: 2 });
      chart.setOption(entry.option);
      const bytes = atob(chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: css("--bg") }).split(",")[1]);
      chart.dispose();
      box.remove();
      return new Blob([Uint8Array.from(bytes, (c) => c.charCodeAt(0))], { type: "image/png" });
    },
  };
  const addTools = (entry, figure) => {
    const tools = document.createElement("div");
    tools.className = "tools";
    for (const form of ["PNG", "SVG", "CSV"]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = form;
      button.setAttribute("aria-label", `Save ${entry.spec.title} as ${form}`);
      button.addEventListener("click", () => save(`${entry.spec.id.replace(/[^A-Za-z0-9_-]+/g, "-")}.${form.toLowerCase()}`, exports[form](entry)));
      tools.append(button);
    }
    figure.querySelector("figcaption").append(tools);
  };

  // ---- Tables

  const sortBy = (table, place, head) => {
    const falling = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const key = (row) => {
      const cell = row.cells[place];
      return cell.dataset.value !== undefined ? Number(cell.dataset.value) : cell.textContent === "–" ? null : cell.textContent;
    };
    const order = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
    const rows = [...table.tBodies[0].rows].map((row) => [key(row), row]);
    // What is not known stays at the end either way.
    rows.sort(([a], [b]) => (a === null || b === null ? (a === null) - (b === null) : falling ? order(b, a) : order(a, b)));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => sortBy(table, place, head));
    });
  }

  // ---- Theme: that of the system, until somebody chooses

  const themes = ["system", "light", "dark"];
  const themeButton = document.getElementById("theme");
  const apply = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    themeButton.textContent = `Theme: ${theme}`;
    drawAll();
  };
  let theme = "system";
  try { theme = themes.includes(localStorage.getItem("bakeoff-theme")) ? localStorage.getItem("bakeoff-theme") : theme; } catch { /* a page from a file may have no storage */ }
  themeButton.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try { localStorage.setItem("bakeoff-theme", theme); } catch { /* likewise */ }
    apply(theme);
  });
  dark.addEventListener("change", () => { if (theme === "system") drawAll(); });

  // ---- The section in view is marked in the list

  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const link = links.get(entry.target.id);
      if (!link || !entry.isIntersecting) continue;
      for (const other of links.values()) other.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
      const list = link.closest("ul");
      if (list.scrollWidth > list.clientWidth) list.scrollLeft = link.offsetLeft - list.clientWidth / 3;
    }
  }, { rootMargin: "-15% 0px -75% 0px" });
  for (const section of document.querySelectorAll("main > section")) seen.observe(section);

  for (const figure of document.querySelectorAll("figure.chart")) {
    const entry = { spec: report.charts[Number(figure.dataset.chart)], box: figure.querySelector(".plot"), chart: null };
    charts.push(entry);
    addTools(entry, figure);
  }
  apply(theme);
  root.dataset.drawn = String(charts.length);

  // Boxes change their width with the window, and with a scroll bar that comes or goes.
  const boxes = new ResizeObserver(() => {
    if (!printing) charts.filter((entry) => entry.width !== entry.box.clientWidth).forEach(draw);
  });
  for (const entry of charts) boxes.observe(entry.box);
  addEventListener("beforeprint", () => {
    printing = true;
    root.dataset.theme = "light";
    for (const details of document.querySelectorAll("details.more")) details.open = true;
    drawAll();
  });
  addEventListener("afterprint", () => {
    printing = false;
    apply(theme);
  });
})();
