#!/usr/bin/env python3
"""Where pedestrians go: windows of the ETH and UCY recordings for `ilgpu-vae`, and the errors of what it predicts.

    pedestrians.py prepare FOLDER OUT         for each scene OUT/SCENE/train.csv, valid.csv, test.csv and windows.csv
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

SCENES = {"eth": ("biwi_eth",), "hotel": ("biwi_hotel",), "univ": ("students001", "students003"), "zara1": ("crowds_zara01",), "zara2": ("crowds_zara02",)}
VALIDATION = ("crowds_zara03", "uni_examples")
"""Recordings that belong to none of the five scenes: no model is tested on them, so that choices can be made with them."""

SEEN, AHEAD, FRAMES = 8, 12, 10
PUBLISHED = {"eth": (0.67, 1.18), "hotel": (0.18, 0.28), "univ": (0.30, 0.54), "zara1": (0.25, 0.41), "zara2": (0.18, 0.32)}
"""Trajectron++, best of 20, as its authors corrected it."""

TOLD = [f"c_{axis}{step}" for step in range(SEEN - 2) for axis in "xy"] + [f"c_x{SEEN - 2}"]
"""Observed positions relative to the last. The one before it lies on the x axis and the last is the origin: constants tell nothing."""

MODELLED = [f"{axis}{step}" for step in range(1, AHEAD + 1) for axis in "xy"]
"""What is yet to come, relative to walking on at the speed of the last step."""

NAMES, PLACE = ("recording", "pedestrian", "frame"), ("at_x", "at_y", "cos", "sin")
TRUTH = [f"true_{name}" for name in MODELLED]


def windows(folder, recording):
    """Every 20 consecutive steps of one pedestrian, as (name, positions)."""
    tracks = {}
    with open(os.path.join(folder, f"{recording}.txt"), encoding="utf-8") as lines:
        for line in lines:
            frame, pedestrian, x, y = line.split()
            tracks.setdefault(pedestrian, {})[round(float(frame))] = (float(x), float(y))
    for pedestrian, track in tracks.items():
        for frame in sorted(track):
            steps = [track.get(frame + FRAMES * step) for step in range(SEEN + AHEAD)]
            if None not in steps:
                yield (recording, str(round(float(pedestrian))), str(frame)), steps


def frame_of(steps):
    """The last observed position and the direction of the step to it, or of the last one before it that went anywhere."""
    at = steps[SEEN - 1]
    for before in range(SEEN - 2, -1, -1):
        dx, dy = at[0] - steps[before][0], at[1] - steps[before][1]
        length = math.hypot(dx, dy)
        if length > 0:
            return at, (dx / length, dy / length)
    return at, (1.0, 0.0)


def turned(position, at, direction):
    """A position as seen from the last one, with the last step along x."""
    dx, dy = position[0] - at[0], position[1] - at[1]
    return direction[0] * dx + direction[1] * dy, direction[0] * dy - direction[1] * dx


def turned_back(position, at, direction):
    return at[0] + direction[0] * position[0] - direction[1] * position[1], at[1] + direction[1] * position[0] + direction[0] * position[1]


def example(steps, mirrored=False):
    """The told and the modelled numbers of a window: whoever walks on as before has zeros to be modelled."""
    at, direction = frame_of(steps)
    side = -1 if mirrored else 1
    local = [turned(step, at, direction) for step in steps]
    speed = -local[SEEN - 2][0]
    told = [number for x, y in local[:SEEN - 2] for number in (x, side * y)] + [-speed]
    return told, [number for ahead, (x, y) in enumerate(local[SEEN:], 1) for number in (x - speed * ahead, side * y)]


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(header)
        count = 0
        for row in rows:
            lines.writerow([f"{cell:.5f}" if isinstance(cell, float) else cell for cell in row])
            count += 1
    return count


def numbers(all_windows, mirrored=False):
    for side in (False, True) if mirrored else (False,):
        for _, steps in all_windows:
            told, modelled = example(steps, side)
            yield told + modelled


def prepare(folder, out):
    recorded = {name: list(windows(folder, name)) for name in (*[name for names in SCENES.values() for name in names], *VALIDATION)}
    valid = [window for name in VALIDATION for window in recorded[name]]
    for scene, held_out in SCENES.items():
        train = [window for names in SCENES.values() for name in names if name not in held_out for window in recorded[name]]
        test = [window for name in held_out for window in recorded[name]]
        to = os.path.join(out, scene)
        os.makedirs(to, exist_ok=True)
        columns = TOLD + MODELLED
        # People turn left as they turn right, so each window of the training counts mirrored too.
        count = write(os.path.join(to, "train.csv"), columns, numbers(train, mirrored=True))
        write(os.path.join(to, "valid.csv"), columns, numbers(valid))
        write(os.path.join(to, "test.csv"), columns, numbers(test))
        write(os.path.join(to, "windows.csv"), [*NAMES, *PLACE, *TOLD, *TRUTH], (window_row(name, steps) for name, steps in test))
        print(f"{scene}: {count} windows to train on with the mirrored ones, {len(valid)} to validate, {len(test)} to test")
    print(f"--condition columns:{','.join(TOLD)}")


def window_row(name, steps):
    at, direction = frame_of(steps)
    return [*name, *at, *direction, *example(steps)[0], *[number for step in steps[SEEN:] for number in step]]


class Window:
    """A window to predict: where it is, which way it looks, and what came."""

    def __init__(self, row):
        number = {name: float(row[name]) for name in (*PLACE, TOLD[-1], *TRUTH)}
        self.name = [row[name] for name in NAMES]
        self.at, self.direction = (number["at_x"], number["at_y"]), (number["cos"], number["sin"])
        self.speed = -number[TOLD[-1]]
        self.truth = [(number[f"true_x{step}"], number[f"true_y{step}"]) for step in range(1, AHEAD + 1)]

    def errors(self, modelled):
        """ADE and FDE of one prediction, in the recording's own place and metres."""
        distances = []
        for ahead in range(1, AHEAD + 1):
            local = (modelled[2 * ahead - 2] + self.speed * ahead, modelled[2 * ahead - 1])
            distances.append(math.dist(turned_back(local, self.at, self.direction), self.truth[ahead - 1]))
        return sum(distances) / AHEAD, distances[-1]


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        place = {name: column for column, name in enumerate(header)}
        yield place
        yield from lines


def predicted(path, all_windows):
    """For each window its predictions as (probability, modelled numbers), in the file's order; of draws each is as probable."""
    lines = rows_of(path)
    place = next(lines)
    named, numbered = [place[name] for name in NAMES], [place[name] for name in MODELLED]
    at = 0
    for row, group in itertools.groupby(lines, key=lambda line: int(line[place["row"]])):
        found = list(group)
        at += 1
        if row != at or at > len(all_windows) or [found[0][column] for column in named] != all_windows[at - 1].name:
            raise ValueError(f"{path}: row {row} is another window than in windows.csv. Predict and score the same folder.")
        yield [(float(line[place["probability"]]) if "rank" in place else 1.0, [float(line[c]) for c in numbered]) for line in found]
    if at != len(all_windows):
        raise ValueError(f"{path} has predictions for {at} of {len(all_windows)} windows.")


def middle(ways):
    """The place of the way whose end is nearest to where all others end, each weighed by its probability: what to name where one may be named."""
    ends = [(probability, modelled[-2:]) for probability, modelled in ways]
    return min(range(len(ends)), key=lambda k: sum(probability * math.dist(ends[k][1], end) for probability, end in ends))


def mean(pairs):
    pairs = list(pairs)
    return tuple(sum(pair[i] for pair in pairs) / len(pairs) for i in (0, 1))


def numbers_of(ways):
    return [modelled for _, modelled in ways]


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
        draws = [best(map(window.errors, numbers_of(ways))) for ways, window in zip(predicted(os.path.join(out, scene, "draws.csv"), tested), tested)]
        codes, first, central = [], [], []
        for ways, window in zip(predicted(os.path.join(out, scene, "codes.csv"), tested), tested):
            errors = [window.errors(modelled) for modelled in numbers_of(ways)]
            codes.append(best(errors[:20]))
            first.append(errors[0])
            central.append(errors[middle(ways)])
        table[scene] = {
            "windows": len(tested),
            "20 draws": mean(draws),
            "20 codes": mean(codes),
            "published": PUBLISHED[scene],
            "first code": mean(first),
            "middle code": mean(central),
            "as before": mean(window.errors([0.0] * len(MODELLED)) for window in tested),
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
    two = commands.add_parser("score")
    two.add_argument("out", help="the folder that prepare wrote, with what predict wrote beside it")
    two.add_argument("--json", metavar="FILE", help="write the numbers to this file")
    call = parser.parse_args()
    try:
        prepare(call.folder, call.out) if call.command == "prepare" else score(call.out, call.json)
    except (OSError, ValueError) as error:
        print(f"pedestrians.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
