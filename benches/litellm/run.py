"""LiteLLM's complexity router beside TinyDancer's, on the labelled tasks: accuracy and time of a decision. `.ci/litellm` runs it.

LiteLLM's rules know four levels. They are mapped to tiers in two ways: in their own order (1, 2, 3, 4), and by the order-keeping mapping that has
the most right on these very tasks, with or without the tasks' code, whichever is better: no mapping is kinder. A tier set by hand is
obeyed by both. Usage: run.py TINYDANCER [LABELLED]
"""

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time

from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter

LEVELS = ["SIMPLE", "MEDIUM", "COMPLEX", "REASONING"]
ROUNDS = 20


def text_of(task, with_code):
    parts = [task.get("instruction", "")]
    if with_code:
        parts.append(task.get("codeContext", ""))
        parts += [file.get("text", "") for file in task.get("files", [])]
    return "\n\n".join(part for part in parts if part)


def accuracy(tasks, levels, tiers):
    right = 0
    for task, level in zip(tasks, levels):
        by_hand = task.get("routingTier")
        tier = tiers[LEVELS.index(level)] if by_hand is None else by_hand
        right += tier == task["label"]
    return right / len(tasks)


def litellm(tasks):
    router = ComplexityRouter(model_name="complexity", ctx=None)
    rows, times = [], []
    for with_code in (False, True):
        texts = [text_of(task, with_code) for task in tasks]
        # Rules do not give NON_REASONING by themselves; if they did, it would be for the smallest model too.
        levels = ["SIMPLE" if level == "NON_REASONING" else level for level in (router.classify(text)[0].value for text in texts)]
        name = "with the code" if with_code else "instruction alone"
        rows.append((f"own order, {name}", accuracy(tasks, levels, (1, 2, 3, 4))))
        best = max(itertools.combinations_with_replacement(range(5), 4), key=lambda tiers: accuracy(tasks, levels, tiers))
        rows.append((f"kindest {best}, {name}", accuracy(tasks, levels, best)))
        if with_code:
            for text in texts:
                taken = []
                for _ in range(ROUNDS):
                    began = time.perf_counter_ns()
                    router.classify(text)
                    taken.append(time.perf_counter_ns() - began)
                times.append(statistics.median(taken))
    return rows, times


def tinydancer(program, path, tasks):
    with tempfile.TemporaryDirectory() as home:
        run = lambda arguments, given=None: subprocess.run(
            [program, "--home", home, *arguments], input=given, capture_output=True, text=True, check=True
        ).stdout
        found = json.loads(run(["eval", "tiers", path, "--json"]))["router"]["accuracy"]
        times = []
        lines = [json.dumps({key: value for key, value in task.items() if key not in ("label", "trap")}) for task in tasks]
        answers = run(["route", "--jsonl"], "\n".join(lines * ROUNDS) + "\n").splitlines()
        taken = [json.loads(answer)["decisionNs"] for answer in answers]
        for at in range(len(tasks)):
            times.append(statistics.median(taken[at :: len(tasks)]))
        return found, times


def main():
    program = sys.argv[1]
    path = sys.argv[2] if len(sys.argv) > 2 else "tests/labelled/reported.jsonl"
    tasks = [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]
    found, own_times = tinydancer(program, path, tasks)
    rows, times = litellm(tasks)
    print(f"{len(tasks)} labelled tasks of {path}; times: median and 99th percentile over tasks of the median of {ROUNDS} decisions each")
    print(f"{'':<58} {'right':>8} {'median':>10} {'p99':>10}")
    spread = lambda all_times: (statistics.median(all_times) / 1e3, sorted(all_times)[int(0.99 * (len(all_times) - 1))] / 1e3)
    print("{:<58} {:>6.1f} % {:>7.1f} µs {:>7.1f} µs".format("TinyDancer, classify and decide", found * 100, *spread(own_times)))
    for name, share in rows:
        print("{:<58} {:>6.1f} % {:>7.1f} µs {:>7.1f} µs".format("LiteLLM " + name, share * 100, *spread(times)))


main()
