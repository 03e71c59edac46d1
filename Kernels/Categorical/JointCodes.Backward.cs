using System.Numerics;
using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The gradient of the logits on graphics processors.</summary>
internal static partial class JointCodes
{
    private const int MostLanes = 256;
    private const int GroupsAtOnce = 4;

    // Sums that a lane has in shared memory; with one more for the last variables they fill the 48 KiB that a group may have.
    private const int MostEntries = 47;

    /// <summary>
    /// A group has an example and reads each of its codes once. A lane has codes whose last variables are the same, as many of them as the lanes of the group
    /// have codes for, and what these codes add to the last variables is one number. The other variables' sums are in shared memory of its own, one for each
    /// category. Where there are more than fit, groups share them, and one group has the last variables alone.
    /// </summary>
    internal readonly struct BackwardTile : ITileBody
    {
        private readonly ArrayView<float> q, logLikelihoods, reconstruction, logProbabilities, logitsGrad;
        private readonly int s, n, k, first, window, slots, span, blocks, parts, firstShare, log2Lanes;
        private readonly float scale;

        internal BackwardTile(
            ComputeDevice device,
            Matrix q,
            Matrix logLikelihoods,
            Matrix reconstruction,
            Matrix logProbabilities,
            Matrix logitsGrad,
            int n,
            int k,
            float scale)
        {
            (this.q, this.logLikelihoods, this.reconstruction) = (q.View, logLikelihoods.View, reconstruction.View);
            (this.logProbabilities, this.logitsGrad, this.n, this.k, this.scale, s) = (logProbabilities.View, logitsGrad.View, n, k, scale, q.Columns);
            Lanes = Math.Min(MostLanes, device.GroupSize);
            log2Lanes = BitOperations.Log2((uint)Lanes);

            // The variables before `first` have sums in shared memory; the codes of those from it on are a window, and the group's lanes share the categories
            // of the variable before it.
            for (first = n, window = 1; first > 0 && window * k <= Lanes; first--)
                window *= k;
            slots = Lanes / window;
            span = first == 0 ? 1 : k;
            blocks = s / (window * span);
            int shares = ((first * k) + MostEntries - 1) / MostEntries;
            firstShare = shares > 1 && first < n ? 1 : 0;
            parts = Math.Max(1, firstShare + shares);
            Count = q.Rows * parts;
        }

        /// <summary>How many groups' work there is.</summary>
        internal int Count { get; }

        /// <summary>How many lanes a group has.</summary>
        internal int Lanes { get; }

        public void Tile(int tile)
        {
            ArrayView<float> sums = SharedMemory.Allocate<float>(MostEntries * MostLanes), last = SharedMemory.Allocate<float>(MostLanes);
            int example = tile / parts, part = tile - (example * parts), firstEntry = (part - firstShare) * MostEntries;
            int entries = Utilities.Select(part < firstShare, 0, IntrinsicMath.Min(MostEntries, (first * k) - firstEntry));
            for (int entry = 0; entry < entries; entry++)
                sums[(entry * Group.DimX) + Group.IdxX] = 0f;
            last[Group.IdxX] = SumCodes(sums, example, firstEntry, entries);
            Group.Barrier();
            if (part == 0)
                StoreLast(last, example);
            SumLanes(sums, entries);
            for (int entry = Group.IdxX; entry < entries; entry += Group.DimX)
                Store(((long)example * n * k) + firstEntry + entry, sums[entry * Group.DimX]);

            // The next tile must not overwrite the sums while a lane still reads them.
            Group.Barrier();
        }

        // What a lane's codes add to the variables before `first`, to the sums; the sum of all.
        private float SumCodes(ArrayView<float> sums, int example, int firstEntry, int entries)
        {
            // The category is carried along: what divides would stand in the loop, where the compiler would put it.
            int slot = Group.IdxX / window, category = Utilities.Select(slot < slots, slot, span);
            long at = ((long)example * s) + Group.IdxX;
            float expected = reconstruction[example], all = 0f;
            for (int block = 0; block < blocks; block++)
            {
                float sum = 0f;
                long code = at;
                int covered = 0;
                for (; category < span; category += slots)
                {
                    // q (F - E) sums to dE/dl directly, and without the cancellation of two large sums.
                    float weight = q[code], value = weight > 0f ? weight * (logLikelihoods[code] - expected) : weight * 0f;
                    sum += value;
                    Add(sums, ((first - 1) * k) + category - firstEntry, entries, value);
                    code += slots * window;
                    covered += slots;
                }

                category -= covered;
                all += sum;
                int rest = block;
                for (int variable = first - 2; variable >= 0; variable--)
                {
                    int before = rest / k;
                    Add(sums, (variable * k) + rest - (before * k) - firstEntry, entries, sum);
                    rest = before;
                }

                at += window * span;
            }

            return all;
        }

        private static void Add(ArrayView<float> sums, int entry, int entries, float value)
        {
            if (entry >= 0 && entry < entries)
                sums[(entry * Group.DimX) + Group.IdxX] += value;
        }

        // Each entry's sums of all lanes, to the first lane's place.
        private void SumLanes(ArrayView<float> sums, int entries)
        {
            for (int log2Half = log2Lanes - 1; log2Half >= 0; log2Half--)
            {
                int half = 1 << log2Half;
                for (int i = Group.IdxX; i < entries << log2Half; i += Group.DimX)
                {
                    int entry = i >> log2Half, place = (entry * Group.DimX) + i - (entry << log2Half);
                    sums[place] += sums[place + half];
                }

                Group.Barrier();
            }
        }

        // The last variables: lanes with the same category are runs of neighbours, of all slots.
        private void StoreLast(ArrayView<float> last, int example)
        {
            for (int entry = Group.IdxX; entry < (n - first) * k; entry += Group.DimX)
            {
                int variable = entry / k, run = 1;
                for (int later = n - first - 1; later > variable; later--)
                    run *= k;
                float sum = 0f;
                for (int start = (entry - (variable * k)) * run; start < slots * window; start += run * k)
                {
                    // From `start` on, not from 0: `run` alone would have ILGPU think that all lanes go round equally often (see PTX-TRAPS.md).
                    for (int lane = start; lane < start + run; lane++)
                        sum += last[lane];
                }

                Store(((((long)example * n) + first) * k) + entry, sum);
            }
        }

        private void Store(long at, float sum) => logitsGrad[at] -= logProbabilities[at] == float.NegativeInfinity ? 0f : scale * sum;
    }
}
