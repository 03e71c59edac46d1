"""Windows of recorded ways of pedestrians, and how they become numbers for a model: see pedestrians.py."""

import itertools
import math
import os

SCENES = {"eth": ("biwi_eth",), "hotel": ("biwi_hotel",), "univ": ("students001", "students003"), "zara1": ("crowds_zara01",), "zara2": ("crowds_zara02",)}
VALIDATION = ("crowds_zara03", "uni_examples")
"""Recordings that belong to none of the five scenes: no model is tested on them, so that choices can be made with them."""

SOURCES = {name: "biwi" if name.startswith("biwi") else "ucy" for names in (*SCENES.values(), VALIDATION) for name in names}
"""Who annotated a recording, and how: BIWI's positions jitter, UCY's lie on splines."""

SEEN, AHEAD, FRAMES = 8, 12, 10

TOLD = [f"c_{axis}{step}" for step in range(SEEN - 2) for axis in "xy"] + [f"c_x{SEEN - 2}"]
"""Observed positions relative to the last. The one before it lies on the x axis and the last is the origin: constants tell nothing."""

MODELS = {"positions": "", "displacements": "d", "accelerations": "a"}
"""What is modelled of the way ahead, relative to walking on at the speed of the last step, and what its columns' names begin with: the n-th differences.
Each is a linear map of the others of volume 1, so their nats compare."""

AHEAD_NAMES = [f"{axis}{step}" for step in range(1, AHEAD + 1) for axis in "xy"]


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
