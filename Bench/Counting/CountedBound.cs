namespace IlgpuVae.Bench.Counting;

/// <summary>
/// The least time that an H200 needs for counted work, each of its units as if alone: a bound, no measurement. No latency, no caches (every sector counts as
/// memory's), no occupancy, no cost of a launch.
/// </summary>
/// <remarks>
/// Rates are those of NVIDIA's H200 SXM data sheet and of the CUDA programming guide's table of throughput for compute capability 9.0. Instructions are PTX's:
/// moves, parameters and changes of width become nothing, divisions become several.
/// </remarks>
internal static class CountedBound
{
    private const int Multiprocessors = 132, Schedulers = 4, LanesOfAWarp = 32, SectorBytes = 32;
    private const int Fp32Lanes = 128, AluLanes = 64, SpecialLanes = 16;
    private const double Hertz = 1.755e9, BytesPerSecond = 4.8e12;

    // What one of PTX becomes at the least: issued, float32, integer and logic, special functions.
    private static readonly (string Class, double Issue, double Fp32, double Alu, double Special)[] Weights =
    [
        ("fadd", 1, 1, 0, 0), ("fmul", 1, 1, 0, 0), ("ffma", 1, 1, 0, 0), ("fcmp", 1, 0, 1, 0), ("special", 1, 0, 0, 1), ("fdiv", 8, 6, 1, 1),
        ("int32", 1, 0, 1, 0), ("imul", 1, 1, 0, 0), ("int64", 1, 0, 1, 0), ("idiv", 16, 4, 10, 2), ("i2f", 1, 0, 1, 0), ("f2i", 1, 0, 0, 1),
        ("ldg", 1, 0, 0, 0), ("stg", 1, 0, 0, 0), ("lds", 1, 0, 0, 0), ("sts", 1, 0, 0, 0), ("shfl", 1, 0, 0, 0), ("bar", 1, 0, 0, 0), ("bra", 1, 0, 0, 0),
        ("other", 1, 0, 0, 0),
    ];

    /// <summary>One kernel's launch, from its line of counts.</summary>
    /// <exception cref="FormatException">The line is no line of counts.</exception>
    internal static WorkCounts Of(string line)
    {
        Dictionary<string, string> parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .ToDictionary(part => part[0], part => part[1]);
        long Count(string key) => parts.TryGetValue(key, out string? text)
            ? long.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : throw new FormatException($"there is no {key} in it");
        double Sum(Func<(string Class, double Issue, double Fp32, double Alu, double Special), double> weight) =>
            Weights.Sum(each => Count(each.Class) * weight(each));

        long sectors = Count("ldg.sectors") + Count("stg.sectors"), blocks = Count("blocks");
        long passes = Count("lds.passes") + Count("sts.passes");
        double Lanes(double instructions, int lanes) => instructions * LanesOfAWarp / (Multiprocessors * lanes * Hertz);
        double memory = sectors * SectorBytes / BytesPerSecond;
        (string Name, double Seconds)[] units =
        [
            ("issue", Sum(each => each.Issue) / (Multiprocessors * Schedulers * Hertz)),
            ("fp32", Lanes(Sum(each => each.Fp32), Fp32Lanes)),
            ("alu", Lanes(Sum(each => each.Alu), AluLanes)),
            ("sfu", Lanes(Sum(each => each.Special), SpecialLanes)),
            ("lsu", (passes + Count("shfl") + Count("ldg.lines") + Count("stg.lines")) / (Multiprocessors * Hertz)),
        ];
        (string busiest, double busy) = units.MaxBy(each => each.Seconds);

        // In whole rounds of equal blocks: memory is shared by all, the other units are each multiprocessor's own.
        double rounds = Math.Ceiling(blocks / (double)Multiprocessors) * Multiprocessors / blocks;
        double filled = Math.Max(memory, busy * rounds);
        return new WorkCounts
        {
            Blocks = blocks,
            Instructions = Count("instr"),
            Lanes = Count("lanes"),
            Sectors = sectors,
            FewestSectors = Count("ldg.least") + Count("stg.least"),
            SharedAccesses = Count("lds.req") + Count("sts.req"),
            Conflicts = passes - Count("lds.least") - Count("sts.least"),
            BoundUs = 1e6 * Math.Max(memory, busy),
            FilledUs = 1e6 * filled,
            Binds = memory >= busy * rounds ? "memory" : busiest,
        };
    }
}
