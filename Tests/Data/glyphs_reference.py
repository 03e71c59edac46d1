"""Glyphs again, written from their description in Python's exact integers: prints the numbers that GlyphsTests and SplittingTests expect."""
import math

MASK = (1 << 64) - 1
INCREMENT = 0x9E3779B97F4A7C15


def mix(bits):
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & MASK
    return bits ^ (bits >> 31)


class CounterRandom:
    def __init__(self, seed, stream):
        self.key = mix((mix((seed + INCREMENT) & MASK) + stream + INCREMENT) & MASK)

    def bits(self, counter):
        return mix((self.key + counter * INCREMENT) & MASK)

    def below(self, bound, counter):
        return (self.bits(counter) * bound) >> 64

    def uniform(self, counter):
        return (self.bits(counter) >> 11) / 2.0**53

    def permutation(self, count):
        order = list(range(count))
        for i in range(count - 1, 0, -1):
            j = self.below(i + 1, i)
            order[i], order[j] = order[j], order[i]
        return order


def prototypes(count, size, seed):
    random, counter, found = CounterRandom(seed, 1), 0, []
    width, radius, margin = size * size, size * 64 // 16, size * 64 // 8
    spacing = (size * 64 - 2 * margin) // 3

    def below(bound):
        nonlocal counter
        counter += 1
        return random.below(bound, counter - 1)

    def knot():
        return (margin + spacing * below(4), margin + spacing * below(4))

    distance, tries = width // 8, 0
    while len(found) < count:
        if tries == 256:
            distance, tries = distance - 1, 0
        tries += 1
        glyph, start, n = [0] * width, knot(), 4 * size
        for _ in range(3):
            end = knot()
            bend = tuple((a + b) // 2 for a, b in zip(start, end)) if below(2) == 0 else knot()
            for i in range(n + 1):
                j = n - i
                x, y = ((j * j * a + 2 * i * j * b + i * i * c) // (n * n) for a, b, c in zip(start, bend, end))
                for p in range(width):
                    dy, dx = p // size * 64 + 32 - y, p % size * 64 + 32 - x
                    if dx * dx + dy * dy <= radius * radius:
                        glyph[p] = 255
            start = end
        ink = sum(level != 0 for level in glyph)
        apart = all(sum(a != b for a, b in zip(glyph, other)) >= distance for other in found)
        if width // 8 <= ink <= width // 2 and apart:
            found.append(glyph)
            tries = 0
    return found


def draw(glyphs, count, noise, seed, stream):
    random, counter = CounterRandom(seed, stream), 0
    for _ in range(count):
        glyph = glyphs[random.below(len(glyphs), counter)]
        counter += 1
        for level in glyph:
            yield 255 - level if random.uniform(counter) < noise else level
            counter += 1


def class_weights(count, classes):
    """Whole-number weights [class][prototype]: 2 (1 + k // C mod 4) for the class's own prototypes, half of that for its right-hand neighbour's."""
    own = [1 + k // classes % 4 for k in range(count)]
    return [[2 * own[k] if k % classes == c else own[k] if k % classes == (c + 1) % classes else 0 for k in range(count)] for c in range(classes)]


def draw_classes(glyphs, classes, count, noise, seed, stream):
    """(class, picture) of each example."""
    random, counter, weights = CounterRandom(seed, stream), 0, class_weights(len(glyphs), classes)
    for _ in range(count):
        label = random.below(classes, counter)
        ticket = random.below(sum(weights[label]), counter + 1)
        counter += 2
        prototype = next(k for k in range(len(glyphs)) if sum(weights[label][: k + 1]) > ticket)
        picture = [255 - level if random.uniform(counter + d) < noise else level for d, level in enumerate(glyphs[prototype])]
        counter += len(picture)
        yield label, picture


def log_sum(weights, glyphs, picture, noise):
    """log sum_k w_k p(picture | prototype k), over the pixels that the picture has."""
    terms = []
    for weight, glyph in zip(weights, glyphs):
        flips = sum(a != b for a, b in zip(glyph, picture))
        if weight > 0:
            terms.append(math.log(weight) + flips * math.log(noise) + (len(picture) - flips) * math.log(1 - noise))
    return max(terms) + math.log(sum(math.exp(term - max(terms)) for term in terms))


def means(glyphs, classes, count, noise, stream):
    """Mean log p(x), log p(x | class), log p(lower half | upper half) over a split."""
    weights = class_weights(len(glyphs), classes)
    given = [[w / sum(row) for w in row] for row in weights]
    marginal = [sum(column) / classes for column in zip(*given)]
    totals = [0.0, 0.0, 0.0]
    for label, picture in draw_classes(glyphs, classes, count, noise, 0, stream):
        whole = log_sum(marginal, glyphs, picture, noise)
        totals[0] += whole
        totals[1] += log_sum(given[label], glyphs, picture, noise)
        totals[2] += whole - log_sum(marginal, glyphs, picture[: len(picture) // 2], noise)
    return [total / count for total in totals]


def fnv1a(levels):
    value = 14695981039346656037
    for level in levels:
        value = ((value ^ level) * 1099511628211) & MASK
    return value


if __name__ == "__main__":
    print("permutation of 8, seed 1:", CounterRandom(1, 0).permutation(8))
    glyphs = prototypes(16, 16, 0)
    print("prototypes:", fnv1a(level for glyph in glyphs for level in glyph))
    print("train:", fnv1a(draw(glyphs, 8192, 0.05, 0, 2)))
    print("test:", fnv1a(draw(glyphs, 2048, 0.05, 0, 4)))
    examples = list(draw_classes(glyphs, 4, 512, 0.05, 0, 4))
    print("classes, test labels:", fnv1a(label for label, _ in examples), "pictures:", fnv1a(level for _, picture in examples for level in picture))
    print("classes, mean log p(x), log p(x | class), log p(lower | upper):", means(glyphs, 4, 512, 0.05, 4))
    print("noise 0.4, the same:", means(glyphs, 4, 512, 0.4, 4))
