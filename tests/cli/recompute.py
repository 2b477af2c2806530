# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Every statistic of a row, worked out anew from `bakeoff runs export --samples` by the definitions of docs/measuring.md.

Shares no code and no algorithm with the program: binomials are summed term by term, Student's t is a printed table.
As a script it checks a file: `python3 tests/cli/recompute.py runs.jsonl` names every number that disagrees."""
import json
import math
import statistics
import sys

# Student's t, two-sided 99 %, by degrees of freedom: any printed table.
T_995 = {2: 9.9248432009, 3: 5.8409093097, 4: 4.6040948713, 5: 4.0321429836, 6: 3.7074280213, 7: 3.4994832974, 8: 3.3553873313, 9: 3.2498355416,
         19: 2.8609346065}
PERCENTILES = {"p50": 50, "p90": 90, "p95": 95, "p99": 99}


def binomial(n, p):
    """P(X <= k) for k = 0..n, by running sums of the probabilities."""
    total, sums = 0.0, []
    for k in range(n + 1):
        total += math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log(1 - p))
        sums.append(total)
    return sums


def at_most(sums, k):
    return 0.0 if k < 0 else 1.0 if k >= len(sums) - 1 else sums[k]


def percentile(ordered, per_cent):
    """Nearest rank, where with confidence 0.99 at least one sample lies above; and the order statistics around it."""
    n, p = len(ordered), per_cent / 100
    if n == 0 or p**n > 0.01:
        return None, None, None
    value = ordered[-(-n * per_cent // 100) - 1]
    below = binomial(n, p)  # how many samples lie below the percentile of the distribution
    low = max((r for r in range(1, n + 1) if at_most(below, r - 1) <= 0.005), default=None)
    high = min((r for r in range(1, n + 1) if at_most(below, r - 1) >= 0.995), default=None)
    if low is None or high is None:
        return value, None, None
    return value, ordered[low - 1], ordered[high - 1]


def early(ordered, per_cent):
    """MLPerf's: the largest t >= 1 with P(at most t of n above the percentile) <= 0.01; t - 1 are dropped."""
    n = len(ordered)
    above = binomial(n, 1 - per_cent / 100) if n else []
    fits = [t for t in range(1, n) if at_most(above, t) <= 0.01]
    return ordered[n - max(fits)] if fits else None


def parts(values, count):
    n = len(values)
    return [values[n * i // count:n * (i + 1) // count] for i in range(count)]


def mean_interval(samples):
    if len(samples) < 100:
        return None, None
    means = [math.fsum(part) / len(part) for part in parts(samples, 20)]
    reach = T_995[19] * statistics.stdev(means) / math.sqrt(20)
    return max(statistics.fmean(means) - reach, 0), statistics.fmean(means) + reach


def geometric_interval(values):
    if len(values) < 3:
        return None, None
    logs = [math.log(value) for value in values]
    reach = T_995[len(logs) - 1] * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(statistics.fmean(logs) - reach), math.exp(statistics.fmean(logs) + reach)


def latency(samples):
    ordered, n = sorted(samples), len(samples)
    names = ("min", "mean", "max", "stddev", "mad")
    values = dict.fromkeys(names) if n == 0 else {
        "min": ordered[0], "mean": math.fsum(samples) / n, "max": ordered[-1],
        "stddev": statistics.stdev(samples) if n > 1 else None,
        "mad": statistics.median([abs(each - statistics.median(samples)) for each in samples]),
    }
    for name, per_cent in PERCENTILES.items():
        values[name], values[name + "_low"], values[name + "_high"] = percentile(ordered, per_cent)
    values["p90_early"], values["p99_early"] = early(ordered, 90), early(ordered, 99)
    values["mean_low"], values["mean_high"] = mean_interval(samples)
    return values


def modes(samples, bound):
    """Otsu's cut, tried at every place, with the variances of both sides taken afresh."""
    kept = sorted(each for each in samples if each <= bound)
    n, whole = len(kept), sum(kept)
    best, at, left = -1.0, None, 0
    for i in range(1, n):
        left += kept[i - 1]
        if kept[i] == kept[i - 1]:
            continue
        between = i * (n - i) * ((whole - left) / (n - i) - left / i) ** 2
        if between > best:
            best, at = between, i
    if at is None:
        return None, None, None
    low, high = kept[:at], kept[at:]
    distance, share = statistics.fmean(high) - statistics.fmean(low), len(high) / n
    spread = math.sqrt(max(statistics.pvariance(low) + statistics.pvariance(high), 2 * 5**2))
    apart = math.sqrt(2) * distance > 4 * spread and 0.1 <= share <= 0.9 and distance >= 0.02 * statistics.fmean(low)
    return (statistics.fmean(low), statistics.fmean(high), share) if apart else (None, None, None)


def stability(samples):
    values = dict.fromkeys(("outliers", "outlier_time_share", "drift", "drifting", "low_mode_ns", "high_mode_ns", "high_mode_share"))
    if len(samples) < 10:
        return values
    median = statistics.median(samples)
    bound = median + 10 * max(1.4826 * statistics.median([abs(each - median) for each in samples]), 5)
    beyond = [each for each in samples if each > bound]
    values["outliers"] = len(beyond)
    values["outlier_time_share"] = sum(each - median for each in beyond) / sum(samples)
    if len(samples) < 100:
        return values
    tenths = [statistics.median(part) for part in parts(samples, 10)]
    pairs = [(i, k) for i in range(10) for k in range(i + 1, 10)]
    values["drift"] = 9 * statistics.median([(tenths[k] - tenths[i]) / (k - i) for i, k in pairs]) / median
    # Kendall's table: of ten, |S| >= 31 has a probability of 0.0063, |S| >= 29 one of 0.0107 (S is odd).
    trend = sum((tenths[k] > tenths[i]) - (tenths[k] < tenths[i]) for i, k in pairs)
    values["drifting"] = abs(trend) >= 31 and abs(values["drift"]) >= 0.01
    values["low_mode_ns"], values["high_mode_ns"], values["high_mode_share"] = modes(samples, bound)
    return values


def row(run):
    """What a run's record must say, as {(object, field): value}; only what its samples and times determine."""
    samples, told = run["samples_ns"], run["status"] != "saturated"
    values = {("latency_ns", name): value for name, value in latency(samples if told else []).items()}
    values |= {("stability", name): value for name, value in stability(samples if told else []).items()}
    n, wall = len(samples), run["wall_ns"]
    values["", "samples"] = n
    values["", "throughput_per_s"] = n * run["batch"] * (run["samples_per_query"] or 1) / (wall / 1e9)
    values["cpu", "utilisation"] = run["cpu"]["time_ns"] / wall
    if run["requests"] == 1 and run["scenario"] != "server":
        values["", "wall_ns"] = sum(samples)  # the end of one inference is the begin of the next
    if run["scenario"] == "dataset":
        values["", "samples"] = -(-run["test_size"] // run["batch"])
        values["dataset", "total_ns"] = wall + (run["dataset"]["preprocess_ns"] or 0)
    if run["scenario"] == "server" and run["open_loop"]["unanswered"] == 0:
        values |= open_loop(run)
    return values


def open_loop(run):
    """Of constant arrivals, where due times are known to whoever knows the rate."""
    samples, told = run["samples_ns"], {}
    if run["arrivals"] == "constant":
        due = [round(i * 1e9 / run["qps"]) for i in range(len(samples))]
        ends = [begin + each for begin, each in zip(due, samples)]
        told["", "wall_ns"] = max(ends)
        told["open_loop", "offered_per_s"] = (len(due) - 1) * 1e9 / (due[-1] - due[0])
        told["open_loop", "achieved_per_s"] = (len(ends) - 1) * 1e9 / (max(ends) - min(ends))
        told["", "status"] = "saturated" if told["open_loop", "achieved_per_s"] < 0.99 * told["open_loop", "offered_per_s"] else "ok"
    if run["open_loop"]["bound_ns"] is not None:
        over = sum(each > run["open_loop"]["bound_ns"] for each in samples)
        told["open_loop", "bound_met"] = at_most(binomial(len(samples), 0.01), over) <= 0.01
    return told


def rank(runs):
    """What ranks the rows of one contest, given all their runs: a number that each of them has."""
    told = [run["latency_ns"] for run in runs if run["latency_ns"]["mean"] is not None]
    if runs[0]["scenario"] in ("offline", "dataset"):
        return None
    wanted = ["p99"] if runs[0]["scenario"] == "server" else []
    return next((name for name in (*wanted, "p50") if all(each[name] is not None for each in told)), "mean")


def summary(runs, rivals):
    """What the repetitions of one configuration, all of them measured, must be summed up to, beside those of its contest."""
    def middle(get):
        values = [get(run) for run in runs]
        return None if None in values else statistics.median(values)

    p50s, rates = [run["latency_ns"]["p50"] for run in runs], [run["throughput_per_s"] for run in runs]
    values = {("latency_ns", name): middle(lambda run, name=name: run["latency_ns"][name]) for name in ("p50", "p90", "p99", "mean")}
    values["latency_ns", "p50_low"], values["latency_ns", "p50_high"] = (None, None) if None in p50s else geometric_interval(p50s)
    values["", "throughput_per_s"] = statistics.median(rates)
    values["", "throughput_low_per_s"], values["", "throughput_high_per_s"] = geometric_interval(rates)
    values["", "samples"] = sum(run["samples"] for run in runs)
    for name in ("load_ns", "first_inference_ns", "wall_ns"):
        values["", name] = middle(lambda run, name=name: run[name])
    values["", "peak_rss_bytes"] = max(run["memory"]["peak_rss_bytes"] for run in runs)
    values["", "cpu_utilisation"] = middle(lambda run: run["cpu"]["utilisation"])
    by = rank(rivals)
    ranks = rates if by is None else [1e9 / (run["latency_ns"][by] or math.inf) for run in runs]
    values["", "spread"] = (max(ranks) - min(ranks)) / statistics.median(ranks) if len(runs) > 1 and 0 not in ranks else None
    return values


def disagreements(record, values):
    """Lines, one for each number of the record that is not the recomputed one."""
    lines = []
    for (part, name), wanted in values.items():
        told = (record[part] if part else record)[name]
        exact = wanted is None or told is None or isinstance(wanted, (bool, str))
        # 1e-8 of the value; an interval's end near zero is the difference of two that are not.
        if (told != wanted) if exact else not math.isclose(told, wanted, rel_tol=1e-8, abs_tol=1e-5 if name.startswith("mean_") else 1e-12):
            lines.append(f"{part + '.' if part else ''}{name}: the record has {told}, the samples give {wanted}")
    return lines


def main():
    lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    wrong = [f"run {run['id']}: {line}" for run in lines if run["samples_ns"] for line in disagreements(run, row(run))]
    print("\n".join(wrong) or f"{len(lines)} runs agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
