#!/usr/bin/env python3
"""Where pedestrians go: windows of the ETH and UCY recordings for `ilgpu-vae`, and the errors of what it predicts.

    pedestrians.py prepare FOLDER OUT [--model WHAT] [--own-jitter]
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

SCENES = {"eth": ("biwi_eth",), "hotel": ("biwi_hotel",), "univ": ("students001", "students003"), "zara1": ("crowds_zara01",), "zara2": ("crowds_zara02",)}
VALIDATION = ("crowds_zara03", "uni_examples")
"""Recordings that belong to none of the five scenes: no model is tested on them, so that choices can be made with them."""

SOURCES = {name: "biwi" if name.startswith("biwi") else "ucy" for names in (*SCENES.values(), VALIDATION) for name in names}
"""Who annotated a recording, and how: BIWI's positions jitter, UCY's lie on splines."""

SEEN, AHEAD, FRAMES, SEED = 8, 12, 10, 1
PUBLISHED = {"eth": (0.67, 1.18), "hotel": (0.18, 0.28), "univ": (0.30, 0.54), "zara1": (0.25, 0.41), "zara2": (0.18, 0.32)}
"""Trajectron++, best of 20, as its authors corrected it."""

TOLD = [f"c_{axis}{step}" for step in range(SEEN - 2) for axis in "xy"] + [f"c_x{SEEN - 2}"]
"""Observed positions relative to the last. The one before it lies on the x axis and the last is the origin: constants tell nothing."""

MODELS = {"positions": "", "displacements": "d", "accelerations": "a"}
"""What is modelled of the way ahead, relative to walking on at the speed of the last step, and what its columns' names begin with: the n-th differences.
Each is a linear map of the others of volume 1, so their nats compare."""

AHEAD_NAMES = [f"{axis}{step}" for step in range(1, AHEAD + 1) for axis in "xy"]

NAMES, PLACE = ("recording", "pedestrian", "frame"), ("at_x", "at_y", "cos", "sin")
TRUTH = [f"true_{name}" for name in AHEAD_NAMES]


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


def differences(way, times):
    """Of points, each less the one before it; before the first is the origin."""
    for _ in range(times):
        way = [(x - x0, y - y0) for (x0, y0), (x, y) in zip([(0.0, 0.0), *way], way)]
    return way


def sums(way, times):
    """What `differences` was made of."""
    for _ in range(times):
        way = list(zip(itertools.accumulate(x for x, _ in way), itertools.accumulate(y for _, y in way)))
    return way


def example(steps, order, mirrored=False):
    """The told and the modelled numbers of a window: whoever walks on as before has zeros to be modelled."""
    at, direction = frame_of(steps)
    side = -1 if mirrored else 1
    local = [turned(step, at, direction) for step in steps]
    speed = -local[SEEN - 2][0]
    told = [number for x, y in local[:SEEN - 2] for number in (x, side * y)] + [-speed]
    way = [(x - speed * ahead, side * y) for ahead, (x, y) in enumerate(local[SEEN:], 1)]
    return told, [number for point in differences(way, order) for number in point]


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


def jitter_of(all_windows):
    """The deviation in metres of the annotation's noise, by what is observed alone: noise of variance v that is independent from step to step gives the
    second differences a covariance of -4 v from one to the next, and people's own changes of pace, which go on, give them one above 0."""
    products = []
    for _, steps in all_windows:
        changes = differences(differences(steps[:SEEN], 1)[1:], 1)[1:]
        products += [x0 * x1 + y0 * y1 for (x0, y0), (x1, y1) in zip(changes, changes[1:])]
    return math.sqrt(max(0.0, -sum(products) / (2 * len(products)) / 4))


def jittered(all_windows, metres, random):
    """The windows with what is observed as coarse as `metres`: where the annotation already is, nothing is added."""
    noise = math.sqrt(max(0.0, metres**2 - jitter_of(all_windows) ** 2))
    for name, steps in all_windows:
        yield name, [(x + random.gauss(0, noise), y + random.gauss(0, noise)) for x, y in steps[:SEEN]] + steps[SEEN:]


def prepare(folder, out, model, own_jitter):
    order, random = list(MODELS).index(model), Random(SEED)
    recorded = {name: list(windows(folder, name)) for name in (*[name for names in SCENES.values() for name in names], *VALIDATION)}
    for scene, held_out in SCENES.items():
        trained = [name for names in SCENES.values() for name in names if name not in held_out]
        # What is observed in the training is made as coarse as recordings of the same source are, so that p(z | c) does not take jitter for a turn.
        kin = held_out if own_jitter else [name for name in trained if SOURCES[name] == SOURCES[held_out[0]]]
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


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        place = {name: column for column, name in enumerate(header)}
        yield place
        yield from lines


def predicted(path, all_windows):
    """For each window its predictions as (probability, way), in the file's order; of draws each is as probable."""
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
        yield [
            (float(line[place["probability"]]) if "rank" in place else 1.0, sums([(float(line[x]), float(line[y])) for x, y in zip(xs, ys)], order))
            for line in found
        ]
    if at != len(all_windows):
        raise ValueError(f"{path} has predictions for {at} of {len(all_windows)} windows.")


def middle(ways):
    """The place of the way whose end is nearest to where all others end, each weighed by its probability: what to name where one may be named."""
    ends = [(probability, way[-1]) for probability, way in ways]
    return min(range(len(ends)), key=lambda k: sum(probability * math.dist(ends[k][1], end) for probability, end in ends))


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
        draws = [best(window.errors(way) for _, way in ways) for ways, window in zip(predicted(os.path.join(out, scene, "draws.csv"), tested), tested)]
        codes, first, central = [], [], []
        for ways, window in zip(predicted(os.path.join(out, scene, "codes.csv"), tested), tested):
            errors = [window.errors(way) for _, way in ways]
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
    one.add_argument("--own-jitter", action="store_true", help="measure the annotation's jitter on what is observed in the left-out scene itself")
    two = commands.add_parser("score")
    two.add_argument("out", help="the folder that prepare wrote, with what predict wrote beside it")
    two.add_argument("--json", metavar="FILE", help="write the numbers to this file")
    call = parser.parse_args()
    try:
        prepare(call.folder, call.out, call.model, call.own_jitter) if call.command == "prepare" else score(call.out, call.json)
    except (OSError, ValueError) as error:
        print(f"pedestrians.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
