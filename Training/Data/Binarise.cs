using System.Buffers.Binary;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Makes grey levels binary on the host.</summary>
internal static class Binarise
{
    /// <summary>
    /// The set with levels 0 and 255 alone for <see cref="Binarisation.Threshold"/> and <see cref="Binarisation.Static"/>; the set itself for
    /// <see cref="Binarisation.None"/> and <see cref="Binarisation.Dynamic"/>, which is done on the device.
    /// </summary>
    /// <remarks>
    /// Static draws depend on the seed, on the picture itself and on how many like it came before in the set: the same picture
    /// turns out the same wherever it stands, in whichever split.
    /// </remarks>
    /// <exception cref="InputException">The set holds real numbers and is to be made binary.</exception>
    public static DataSet Apply(DataSet set, Binarisation binarisation, int seed)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (binarisation == Binarisation.None)
            return set;
        if (set.Bytes is null)
            throw new InputException(
                $"{set.Name} holds real numbers, and only grey levels can be made binary. Use {Setting.Of(nameof(TrainingOptions.Binarize), "none")}"
                    + (GreyTable.CanBe(set) ? $", or {Setting.Of(nameof(DataOptions.Scale), 255)} if these whole numbers are levels." : "."));
        return binarisation switch
        {
            Binarisation.Threshold => set with { Bytes = Array.ConvertAll(set.Bytes, level => level > 127 ? byte.MaxValue : byte.MinValue) },
            Binarisation.Static => set with { Bytes = DrawOnce(set, seed) },
            Binarisation.Dynamic => set,
            _ => throw new ArgumentOutOfRangeException(nameof(binarisation), binarisation, "Not a way to make grey levels binary."),
        };
    }

    private static byte[] DrawOnce(DataSet set, int seed)
    {
        byte[] levels = new byte[set.Bytes!.Length];
        Dictionary<ulong, ulong> seen = [];
        for (int i = 0; i < set.Count; i++)
        {
            ReadOnlySpan<byte> grey = set.Bytes.AsSpan(i * set.Width, set.Width);
            ulong picture = Hash(grey);
            seen[picture] = seen.TryGetValue(picture, out ulong before) ? before + 1 : 0;
            CounterRandom random = new((ulong)seed, CounterRandom.Mix(picture) + seen[picture]);
            for (int d = 0; d < grey.Length; d++)
                levels[(i * set.Width) + d] = random.Uniform((ulong)d) * 255 < grey[d] ? byte.MaxValue : byte.MinValue;
        }
        return levels;
    }

    private static ulong Hash(ReadOnlySpan<byte> levels)
    {
        ulong hash = (ulong)levels.Length;
        for (; levels.Length >= 8; levels = levels[8..])
            hash = CounterRandom.Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(levels));
        foreach (byte level in levels)
            hash = CounterRandom.Mix(hash ^ level);
        return hash;
    }
}
