using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The smallest bodies that fall into the traps of Kernels/PTX-TRAPS.md, so that the checks are seen to notice them.</summary>
internal static class PtxTrapBodies
{
    /// <summary>A comparison whose constant stands on the left: not a number becomes 1.</summary>
    internal readonly struct ConstantFirst(ArrayView<float> values) : IElementBody
    {
        public void At(int i)
        {
            float value = values[i];
            values[i] = 1f > value ? 1f : value;
        }
    }

    /// <summary>The same with the constant on the right from the start.</summary>
    internal readonly struct ConstantSecond(ArrayView<float> values) : IElementBody
    {
        public void At(int i)
        {
            float value = values[i];
            values[i] = value < 1f ? 1f : value;
        }
    }

    /// <summary>Lanes leave the first loop after different numbers of rounds, and so go through the second one differently often.</summary>
    internal readonly struct UnevenLoop(ArrayView<float> values, int n) : IElementBody
    {
        public void At(int i)
        {
            int run = 1;
            for (int later = n; later > i; later--)
                run *= 2;
            float sum = 0f;
            for (int j = 0; j < run; j++)
                sum += values[j];
            values[i] = sum;
        }
    }

    /// <summary>The same counted from a lane's own number on, which ILGPU knows to differ.</summary>
    internal readonly struct OwnLoop(ArrayView<float> values, int n) : IElementBody
    {
        public void At(int i)
        {
            int run = 1;
            for (int later = n; later > i; later--)
                run *= 2;
            float sum = 0f;
            for (int j = i; j < i + run; j++)
                sum += values[j - i];
            values[i] = sum;
        }
    }

    /// <summary>
    /// What the first loop carries differs only from its second round on, and is asked for two loops further: ILGPU's analysis has looked there before.
    /// </summary>
    internal readonly struct CarriedFar(ArrayView<float> values, int n) : IElementBody
    {
        public void At(int i)
        {
            float sum = 0f;
            for (int j = 0; j < n; j++)
                sum += values[i + j];
            for (int j = 0; j < n; j++)
                values[j + n] = 1f;
            if (sum > 0f)
                values[i] = sum;
        }
    }

    /// <summary>Lanes take different arms of a branch, and the number that each brings along decides the next one.</summary>
    internal readonly struct MergedArms(ArrayView<float> values, int n) : IElementBody
    {
        public void At(int i)
        {
            int rounds = n;
            if (values[i] > 0f)
            {
                values[i] = 2f;
                rounds = 3;
            }

            for (int j = 0; j < rounds; j++)
                values[i] *= 1.5f;
        }
    }
}
