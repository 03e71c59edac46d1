using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>How a hard sample's gradient passes to the logits; the value is the one kernels see.</summary>
public enum StraightThroughRule
{
    /// <summary>As if the sample were softmax(l / t): J(softmax(l / t))^T g / t (Bengio, Leonard, Courville 2013). Exact for losses linear in the code.</summary>
    Plain = 0,

    /// <summary>
    /// 2 J((softmax(l / t) + z) / 2)^T g - 1/2 J(softmax(l))^T g, second-order accurate at t = 1: exact for losses quadratic in the code (Liu et al., "Bridging
    /// discrete and backpropagation: straight-through and beyond", NeurIPS 2023, algorithm 2).
    /// </summary>
    ReinMax = 1,
}

/// <summary>Straight-through pull-backs of one hard sample. J(p)^T g = p (g - sum(p g)) is the softmax's Jacobian at p.</summary>
public static class StraightThrough
{
    /// <summary>Records logitsGrad += the rule's pull-back of codesGrad g, all [R, K]; the temperature is the step's.</summary>
    public static void Backward(LaunchList list, StraightThroughRule rule, ArrayView<StepState> state, Matrix logits, Matrix codes, Matrix codesGrad, Matrix logitsGrad)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        codes.Require(rows, k, nameof(codes));
        codesGrad.Require(rows, k, nameof(codesGrad));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        Launch launch = new(list, rule, state, logits, codes, codesGrad, logitsGrad);
        if (!RowGroups.TryRecord(list.Device, k, packs: true, launch))
            VectorRows.Record(list.Device, rows, k, launch);
    }

    /// <summary>Reads three matrices, reads and writes the fourth; two exponentials and a dozen operations an element.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(5L * rows * k, 14L * rows * k);

    private readonly struct Launch(LaunchList list, StraightThroughRule rule, ArrayView<StepState> state, Matrix logits, Matrix codes, Matrix codesGrad, Matrix logitsGrad) : IRowLaunch, IGroupLaunch
    {
        private const string Name = "straight-through.backward";

        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            (int rows, int k) = (logits.Rows, logits.Columns);
            Rows<TTeam, TVector> body = new(state, logits.View, codes.View, codesGrad.View, logitsGrad.View, k, rule);
            list.Rows<TTeam, Rows<TTeam, TVector>>(Name, rows, VectorRows.Count<TVector>(k), body, Cost(rows, k));
        }

        public void Record<TRows>()
            where TRows : struct, IRowGroup<TRows>
        {
            (int rows, int k) = (logits.Rows, logits.Columns);
            list.RowPerLane(Name, TRows.Groups(rows, k), new GroupVectors<TRows>(state, logits.View, codes.View, codesGrad.View, logitsGrad.View, rows, k, rule), Cost(rows, k));
        }
    }

    internal readonly struct Rows<TTeam, TVector>(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> codes, ArrayView<float> codesGrad, ArrayView<float> logitsGrad, int k, StraightThroughRule rule) : IRowBody
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        public void Row(int row)
        {
            long start = (long)row * k;
            ArrayView<float> l = logits.SubView(start, k);
            ArrayView<float> z = codes.SubView(start, k);
            ArrayView<float> g = codesGrad.SubView(start, k);
            ArrayView<float> grad = logitsGrad.SubView(start, k);
            TVector inverseTemperature = TVector.Fill(1f / state[0].Temperature), half = TVector.Fill(0.5f), none = TVector.Fill(0f);
            (float max, float sum) = Softmax.Normaliser<TTeam, TVector>(l, k);
            TVector shift = TVector.Fill(max), softSum = none;
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
                softSum += Elementary.Exp((TVector.LoadPart(l, i, k - i, float.NegativeInfinity) - shift) * inverseTemperature);
            TVector scale = TVector.Fill(1f / sum), softScale = TVector.Fill(1f / TTeam.Sum(TVector.Sum(softSum)));
            TVector inner = none, middleInner = none, softInner = none;
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
            {
                TVector logit = TVector.LoadPart(l, i, k - i, float.NegativeInfinity) - shift, gradient = TVector.LoadPart(g, i, k - i, 0f);
                TVector soft = Elementary.Exp(logit * inverseTemperature) * softScale;
                inner += Elementary.Exp(logit) * scale * gradient;
                softInner += soft * gradient;
                middleInner += half * (soft + TVector.LoadPart(z, i, k - i, 0f)) * gradient;
            }

            TVector mean = TVector.Fill(TTeam.Sum(TVector.Sum(inner))), softMean = TVector.Fill(TTeam.Sum(TVector.Sum(softInner))), middleMean = TVector.Fill(TTeam.Sum(TVector.Sum(middleInner)));
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
            {
                TVector logit = TVector.LoadPart(l, i, k - i, float.NegativeInfinity) - shift, gradient = TVector.LoadPart(g, i, k - i, 0f);
                TVector soft = Elementary.Exp(logit * inverseTemperature) * softScale, pulled = TVector.LoadPart(grad, i, k - i, 0f);
                if (rule == StraightThroughRule.Plain)
                    pulled += inverseTemperature * soft * (gradient - softMean);
                else
                    pulled += ((soft + TVector.LoadPart(z, i, k - i, 0f)) * (gradient - middleMean)) - (half * Elementary.Exp(logit) * scale * (gradient - mean));
                TVector.StorePart(pulled, grad, i, k - i);
            }
        }
    }

    // The same over several rows at a time.
    internal readonly struct GroupVectors<TRows>(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> codes, ArrayView<float> codesGrad, ArrayView<float> logitsGrad, int rows, int k, StraightThroughRule rule) : IRowBody
        where TRows : struct, IRowGroup<TRows>
    {
        public void Row(int group)
        {
            RowPlace at = TRows.Place(group, rows, k);
            TRows inverseTemperature = TRows.Fill(1f / state[0].Temperature), half = TRows.Fill(0.5f), none = TRows.Fill(0f), softSum = none;
            (TRows max, TRows sum) = Softmax.GroupNormaliser<TRows>(logits, at, k, logits, keep: 0);
            for (int i = 0; i < k; i += TRows.Width)
                softSum += TRows.Exp((TRows.Load(logits, at, i, float.NegativeInfinity) - max) * inverseTemperature);
            TRows scale = TRows.ReciprocalByRow(sum), softScale = TRows.ReciprocalByRow(TRows.SumByRow(softSum, k));
            TRows inner = none, middleInner = none, softInner = none;
            for (int i = 0; i < k; i += TRows.Width)
            {
                TRows logit = TRows.Load(logits, at, i, float.NegativeInfinity) - max, gradient = TRows.Load(codesGrad, at, i, 0f);
                TRows soft = TRows.Exp(logit * inverseTemperature) * softScale;
                inner += TRows.Exp(logit) * scale * gradient;
                softInner += soft * gradient;
                middleInner += half * (soft + TRows.Load(codes, at, i, 0f)) * gradient;
            }

            TRows mean = TRows.SumByRow(inner, k), softMean = TRows.SumByRow(softInner, k), middleMean = TRows.SumByRow(middleInner, k);
            for (int i = 0; i < k; i += TRows.Width)
            {
                TRows logit = TRows.Load(logits, at, i, float.NegativeInfinity) - max, gradient = TRows.Load(codesGrad, at, i, 0f);
                TRows soft = TRows.Exp(logit * inverseTemperature) * softScale, pulled = TRows.Load(logitsGrad, at, i, 0f);
                if (rule == StraightThroughRule.Plain)
                    pulled += inverseTemperature * soft * (gradient - softMean);
                else
                    pulled += ((soft + TRows.Load(codes, at, i, 0f)) * (gradient - middleMean)) - (half * TRows.Exp(logit) * scale * (gradient - mean));
                TRows.Store(pulled, logitsGrad, at, i);
            }
        }
    }
}
