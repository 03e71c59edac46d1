#!/usr/bin/env python3
"""Where pedestrians go: windows of the ETH and UCY recordings for `ilgpu-vae`, and the errors of what it predicts.

    pedestrians.py prepare FOLDER OUT [--model WHAT]
                                              for each scene OUT/SCENE/train.csv, valid.csv, test.csv and windows.csv
    pedestrians.py score OUT [--json FILE]    reads windows.csv, draws.csv and codes.csv of each scene and prints a table

FOLDER holds the recordings: a line an annotation, frame, pedestrian, x and y in metres, a step every ten frames (0.4 s).
The field's protocol: 8 positions are observed, 12 are to be predicted, one scene is left out of the training, and the best of 20 predictions
counts: mean distance over the 12 steps (ADE) and distance at the last (FDE), in metres. draws.csv and codes.csv are what `predict` writes.
"""

import argparse
import csv
import itertools
import json
import math
import os
import sys
from random import Random
from typing import NamedTuple

from pedestrian_windows import (
    AHEAD, AHEAD_NAMES, MODELS, SCENES, SEEN, SOURCES, TOLD, VALIDATION, example, frame_of, jitter_of, jittered, sums, turned_back, windows,
)

SEED = 1
"""Of the noise on what is observed."""

PUBLISHED = {"eth": (0.67, 1.18), "hotel": (0.18, 0.28), "univ": (0.30, 0.54), "zara1": (0.25, 0.41), "zara2": (0.18, 0.32)}
"""Trajectron++, best of 20, as its authors corrected it."""

GUESSES = 20

NAMES, PLACE = ("recording", "pedestrian", "frame"), ("at_x", "at_y", "cos", "sin")
TRUTH = [f"true_{name}" for name in AHEAD_NAMES]


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(header)
        count = 0
        for row in rows:
            lines.writerow([f"{cell:.5f}" if isinstance(cell, float) else cell for cell in row])
            count += 1
    return count


def numbers(all_windows, order, sides=(False,)):
    for _, steps in all_windows:
        for mirrored in sides:
            told, modelled = example(steps, order, mirrored)
            yield told + modelled


def prepare(folder, out, model):
    order, random = list(MODELS).index(model), Random(SEED)
    recorded = {name: list(windows(folder, name)) for name in (*[name for names in SCENES.values() for name in names], *VALIDATION)}
    for scene, held_out in SCENES.items():
        trained = [name for names in SCENES.values() for name in names if name not in held_out]
        # What is observed in the training is made as coarse as recordings of the same source are, so that p(z | c) does not take jitter for a turn.
        kin = [name for name in trained if SOURCES[name] == SOURCES[held_out[0]]]
        jitter = max(jitter_of(recorded[name]) for name in kin)
        train, valid = ([window for name in names for window in jittered(recorded[name], jitter, random)] for names in (trained, VALIDATION))
        test = [window for name in held_out for window in recorded[name]]
        to = os.path.join(out, scene)
        os.makedirs(to, exist_ok=True)
        columns = TOLD + [MODELS[model] + name for name in AHEAD_NAMES]
        # People turn left as they turn right, so each window of the training counts mirrored too.
        count = write(os.path.join(to, "train.csv"), columns, numbers(train, order, sides=(False, True)))
        write(os.path.join(to, "valid.csv"), columns, numbers(valid, order))
        write(os.path.join(to, "test.csv"), columns, numbers(test, order))
        write(os.path.join(to, "windows.csv"), [*NAMES, *PLACE, *TOLD, *TRUTH], (window_row(name, steps) for name, steps in test))
        print(
            f"{scene}: {count} windows to train on with the mirrored ones, {len(valid)} to validate, {len(test)} to test; observed {jitter:.3f} m coarse"
        )
    print(f"--condition columns:{','.join(TOLD)}")


def window_row(name, steps):
    at, direction = frame_of(steps)
    return [*name, *at, *direction, *example(steps, 0)[0], *[number for step in steps[SEEN:] for number in step]]


class Window:
    """A window to predict: where it is, which way it looks, and what came."""

    def __init__(self, row):
        number = {name: float(row[name]) for name in (*PLACE, TOLD[-1], *TRUTH)}
        self.name = [row[name] for name in NAMES]
        self.at, self.direction = (number["at_x"], number["at_y"]), (number["cos"], number["sin"])
        self.speed = -number[TOLD[-1]]
        self.truth = [(number[f"true_x{step}"], number[f"true_y{step}"]) for step in range(1, AHEAD + 1)]

    def errors(self, way):
        """ADE and FDE of one prediction, in the recording's own place and metres."""
        distances = []
        for ahead, ((x, y), truth) in enumerate(zip(way, self.truth), 1):
            distances.append(math.dist(turned_back((x + self.speed * ahead, y), self.at, self.direction), truth))
        return sum(distances) / AHEAD, distances[-1]


class Way(NamedTuple):
    """A prediction: its code, the code's probability, and the points relative to walking on as before."""

    code: str
    probability: float
    points: list


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        place = {name: column for column, name in enumerate(header)}
        yield place
        yield from lines


def predicted(path, all_windows):
    """For each window its predictions in the file's order; of draws each is as probable."""
    lines = rows_of(path)
    place = next(lines)
    order = max(order for order, start in enumerate(MODELS.values()) if start + AHEAD_NAMES[0] in place)
    start = list(MODELS.values())[order]
    named, xs, ys = [place[name] for name in NAMES], *([place[start + name] for name in AHEAD_NAMES[axis::2]] for axis in (0, 1))
    at = 0
    for row, group in itertools.groupby(lines, key=lambda line: int(line[place["row"]])):
        found = list(group)
        at += 1
        if row != at or at > len(all_windows) or [found[0][column] for column in named] != all_windows[at - 1].name:
            raise ValueError(f"{path}: row {row} is another window than in windows.csv. Predict and score the same folder.")
        ways = (sums([(float(line[x]), float(line[y])) for x, y in zip(xs, ys)], order) for line in found)
        yield [Way(line[place["code"]], float(line[place["probability"]]) if "rank" in place else 1.0, way) for line, way in zip(found, ways)]
    if at != len(all_windows):
        raise ValueError(f"{path} has predictions for {at} of {len(all_windows)} windows.")


def middle(ways):
    """The place of the way whose end is nearest to where all others end, each weighed by its probability: what to name where one may be named."""
    return min(range(len(ways)), key=lambda k: sum(way.probability * math.dist(ways[k].points[-1], way.points[-1]) for way in ways))


def mean(pairs):
    pairs = list(pairs)
    return tuple(sum(pair[i] for pair in pairs) / len(pairs) for i in (0, 1))


def best(errors):
    """The field takes the least ADE and the least FDE each by itself."""
    errors = list(errors)
    return min(ade for ade, _ in errors), min(fde for _, fde in errors)


def score(out, file):
    table = {}
    for scene in SCENES:
        lines = rows_of(os.path.join(out, scene, "windows.csv"))
        header = list(next(lines))
        tested = [Window(dict(zip(header, line))) for line in lines]
        drawn, named = (predicted(os.path.join(out, scene, name), tested) for name in ("draws.csv", "codes.csv"))
        draws, drawn_codes, codes, first, central = [], [], [], [], []
        for window, samples, ways in zip(tested, drawn, named, strict=True):
            errors = [window.errors(way.points) for way in ways]
            by_code = {way.code: error for way, error in zip(ways, errors)}
            draws.append(best(window.errors(way.points) for way in samples))
            drawn_codes.append(best(by_code[way.code] for way in samples))
            codes.append(best(errors[:GUESSES]))
            first.append(errors[0])
            central.append(errors[middle(ways)])
        table[scene] = {
            "windows": len(tested),
            "20 draws": mean(draws),
            "drawn codes": mean(drawn_codes),
            "20 codes": mean(codes),
            "published": PUBLISHED[scene],
            "first code": mean(first),
            "middle code": mean(central),
            "as before": mean(window.errors([(0.0, 0.0)] * AHEAD) for window in tested),
        }
    columns = [name for name in table[next(iter(SCENES))] if name != "windows"]
    table["mean"] = {name: mean(row[name] for row in table.values()) for name in columns}
    print(f"{'ADE/FDE in metres':18}" + "".join(f"{name:>14}" for name in columns))
    for scene, row in table.items():
        print(f"{scene:18}" + "".join(f"{'{:.2f}/{:.2f}'.format(*row[name]):>14}" for name in columns))
    if file:
        with open(file, "w", encoding="utf-8") as text:
            json.dump(table, text, indent=1)
            text.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("prepare")
    one.add_argument("folder", help="the recordings")
    one.add_argument("out", help="the folder to write to")
    one.add_argument("--model", choices=MODELS, default="displacements", help="what is modelled of the way ahead")
    two = commands.add_parser("score")
    two.add_argument("out", help="the folder that prepare wrote, with what predict wrote beside it")
    two.add_argument("--json", metavar="FILE", help="write the numbers to this file")
    call = parser.parse_args()
    try:
        prepare(call.folder, call.out, call.model) if call.command == "prepare" else score(call.out, call.json)
    except (OSError, ValueError) as error:
        print(f"pedestrians.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
