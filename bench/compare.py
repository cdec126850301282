# mypy: ignore-errors
"""Our listener and one on waitress, in turn: `python -m bench.compare [PAIRS]`. Needs waitress; docs/decisions/0019."""

import socket
import sqlite3
import sys
import threading
import time
from contextlib import ExitStack
from statistics import median

from bench.intake import measured
from bench.letters import body, deliveries, request
from bench.load import open_loop
from bench.measure import descendants, quantile, ratio, spread
from bench.reject import WRONG
from bench.servers import baseline, deskhand
from bench.strangers import around, cost_s, costly, keeps_places, never_hangs_up, sends_halves, sends_tiny_chunks, waits

BOTH = {"ours": "webhooks", "waitress": "bench.candidate"}
PAIRS = int(sys.argv[1]) if len(sys.argv) > 1 else 5


def say(*words):
    print(*words, flush=True)  # noqa: T201


def in_turns(names):
    for number in range(PAIRS):
        yield from names if number % 2 else reversed(names)


def rates():
    """P1, P2, P6, P5, and P1 beside connections at rest."""
    with ExitStack() as stack:
        served = {name: stack.enter_context(deskhand(module=module)) for name, module in BOTH.items()}
        served["bare"] = stack.enter_context(baseline("bare"))
        served["bare waitress"] = stack.enter_context(deskhand(module="bench.candidate_bare"))
        for each in served.values():
            each.run(list(deliveries(300)))
        found = {name: [] for name in served}
        for name in in_turns(list(served)):
            found[name].append(measured(served[name], 1500))
        for one, other in (("bare", "ours"), ("bare", "waitress"), ("bare waitress", "waitress"), ("ours", "waitress")):
            cpu, rate = ([(a[at], b[at]) for a, b in zip(found[one], found[other], strict=True)] for at in (0, 1))
            say(f"P1 {other}/{one}: {ratio(cpu):.2f} ({spread(cpu)}); P2 {ratio(rate):.2f} ({spread(rate)})")
        say("   CPU us a request:", {name: round(median(each[0] for each in pairs)) for name, pairs in found.items()})
        known = {name: [body() for _ in range(1500)] for name in BOTH}
        for name in BOTH:
            served[name].run([request(each) for each in known[name]])
        forged, repeated, bare = {n: [] for n in BOTH}, {n: [] for n in BOTH}, []
        for name in in_turns(["bare", *BOTH]):
            if name == "bare":
                bare.append(served[name].cpu_us(list(deliveries(1500))))
                continue
            forged[name].append(served[name].cpu_us([request(body(), secret=WRONG) for _ in range(1500)], status=401))
            fresh = served[name].cpu_us(list(deliveries(1500)))
            repeated[name].append((fresh, served[name].cpu_us([request(each) for each in known[name]], status=200)))
        for name in BOTH:
            pairs = list(zip(bare, forged[name], strict=True))
            say(f"P6 {name}: forged {ratio(pairs):.2f} ({spread(pairs)}), repeated {ratio(repeated[name]):.2f}")
        tails = {name: [] for name in BOTH}
        for name in in_turns(list(BOTH)):
            load = open_loop(served[name].port, list(deliveries(500)), 100.0).require(202)
            tails[name].append((quantile(load.waits_ms, 0.5), quantile(load.waits_ms, 0.99)))
        for name, rounds in tails.items():
            half, most = (median(each[at] for each in rounds) for at in (0, 1))
            say(f"P5 {name}: p50 {half:.1f} p99 {most:.0f} ms, {most / half:.1f}x", [f"{a:.1f}/{b:.0f}" for a, b in rounds])
        for name in BOTH:
            found = []
            for _ in range(PAIRS):
                alone = served[name].run(list(deliveries(400)))[0]
                held = [socket.create_connection(("127.0.0.1", served[name].port)) for _ in range(1600)]
                time.sleep(0.3)
                found.append((alone, served[name].run(list(deliveries(400)))[0]))
                for each in held:
                    each.close()
                time.sleep(0.5)
            say(f"P1 beside 800 silent connections a process, {name}: {ratio(found):.2f} of without ({spread(found)})")


def stalled(name):
    """The database held by somebody for 8 s, 100 deliveries a second."""
    with deskhand(module=BOTH[name]) as real:
        real.run(list(deliveries(300)))
        is_held = threading.Event()

        def hold():
            held = sqlite3.connect(real.config.database_url.removeprefix("sqlite:///"), isolation_level=None)
            held.execute("begin immediate")
            is_held.set()
            time.sleep(8)
            held.close()

        thread = threading.Thread(target=hold)
        thread.start()
        is_held.wait(10)
        load = open_loop(real.port, list(deliveries(700)), 100.0, connections=800)
        thread.join()
        waited = f"p50 {quantile(load.waits_ms, 0.5):.0f} p95 {quantile(load.waits_ms, 0.95):.0f} max {max(load.waits_ms):.0f} ms"
        say(f"database held 8 s, {name}: {waited}, {dict(load.statuses)}")


def attacked(name):
    """A1, A2, A7, one process, good deliveries five times a second."""
    acts = {"A1": [sends_tiny_chunks], "A2": [never_hangs_up], "A7 kept": [keeps_places], "A7 halves": [sends_halves]}
    with deskhand(module=BOTH[name], server={"workers": 1}) as real:
        real.run(list(deliveries(100)))
        for what, those in acts.items():
            before = descendants(real.pid)
            with around(real.port, *those):
                time.sleep(2)
                try:
                    waited = waits(real.port, list(deliveries(30)), 0.2)
                    told = f"median {median(waited):.3f} p95 {quantile(waited, 0.95):.3f} max {max(waited):.3f} s"
                except (OSError, ValueError) as error:
                    told = f"failed: {error}"
            say(f"{what}, {name}: {told}; {'same process' if descendants(real.pid) == before else 'ANOTHER PROCESS'}")
            time.sleep(3)


def costs(name):
    """One request without proof: CPU time of the loop."""
    with deskhand(module=BOTH[name], server={"workers": 1}) as real:
        (pid,) = descendants(real.pid)
        found = {what: cost_s(real.port, pid, request, 2) * 1000 for what, request in costly(1_048_576).items()}
        shown = ", ".join(f"{what} {cost:.0f}" for what, cost in sorted(found.items(), key=lambda each: -each[1])[:6])
        say(f"before proof, {name}: {shown} ms")


if __name__ == "__main__":
    rates()
    for name in in_turns(list(BOTH)):
        attacked(name)
    for name in [*BOTH, *BOTH]:
        stalled(name)
    for name in BOTH:
        costs(name)
