"""What both Python peers share: options, timing by Bench's rule, rows and files in the form that Bench writes and reads."""

import argparse
import datetime
import json
import os
import platform
import subprocess
import time

SAMPLE_MS, WARMUPS = 4, 3


def options(description, devices):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--device", choices=devices, help="where to compute; a GPU where there is one")
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    parser.add_argument("--only", metavar="TEXT", default="", help="only works with this in their name")
    parser.add_argument("--provider", metavar="TEXT", default="", help="only providers with this in their name")
    parser.add_argument("--json", metavar="FILE", help="write the measurements to this file")
    return parser


def measure(run, wait, quick):
    """Milliseconds of one run as {p20, p50, p80}: a sample runs it often enough to last a few milliseconds and waits once."""
    for _ in range(WARMUPS):
        run()
    wait()
    start = time.perf_counter()
    run()
    wait()
    repeats = int(min(max(SAMPLE_MS / max(1e-3, 1e3 * (time.perf_counter() - start)), 1), 1000))
    times = []
    for _ in range(11 if quick else 51):
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        wait()
        times.append(1e3 * (time.perf_counter() - start) / repeats)
    times.sort()
    return {name: times[round(share * (len(times) - 1))] for name, share in (("p20", 0.2), ("p50", 0.5), ("p80", 0.8))}


class PeerFile:
    """Rows and losses of one run; written anew after every row, so that an interruption loses nothing."""

    def __init__(self, path, device, description, copy_gb_per_s, **versions):
        self.path = path
        self.machine = {
            "device": device,
            "description": description,
            **versions,
            "python": platform.python_version(),
            "commit": os.environ.get("ILGPUVAE_COMMIT") or _git("rev-parse", "--short", "HEAD") + ("-dirty" if _git("status", "--porcelain", "--untracked-files=no") else ""),
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M"),
            "copy_gb_per_s": copy_gb_per_s,
        }
        self.rows, self.losses = [], []
        print(f"{device}: {description}, {', '.join(f'{name} {value}' for name, value in versions.items())}, copy {copy_gb_per_s:.1f} GB/s", flush=True)

    def add(self, provider, work, shape, ms, size, flops, peak_bytes=None, losses=None):
        gb_per_s = size / ms["p50"] / 1e6
        self.rows.append({
            "provider": provider,
            "work": work,
            "shape": shape,
            "ms": ms,
            "bytes": size,
            "flops": flops,
            "gb_per_s": gb_per_s,
            "gflop_per_s": flops / ms["p50"] / 1e6,
            "percent_of_copy": 100 * gb_per_s / self.machine["copy_gb_per_s"] if size else None,
            "launches": 0,
            "peak_bytes": peak_bytes,
        })
        line = f"{provider:<40} {work:<22} {shape:<34} {ms['p50']:9.3f} ms [{ms['p20']:.3f}, {ms['p80']:.3f}] {flops / ms['p50'] / 1e6:8.1f} GFLOP/s"
        if peak_bytes:
            line += f" {peak_bytes / 2**20:9.1f} MiB"
        if losses:
            first, last = losses
            self.losses.append({"provider": provider, "work": work, "shape": shape, "first": first, "last": last})
            line += f"  loss {first:.4f}" + (f" then {last:.4f}" if last is not None else "")
        print(line, flush=True)
        if self.path:
            with open(self.path, "w", encoding="utf-8") as file:
                json.dump({"machine": self.machine, "rows": self.rows, "losses": self.losses}, file, indent=2)
                file.write("\n")


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "processor"


def _git(*arguments):
    try:
        return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
