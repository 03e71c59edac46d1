namespace IlgpuVae.Runtime;

/// <summary>A launch's work on the processor, in shares that a thread does each. They can be done in any order, and at the same time.</summary>
internal interface IShares
{
    /// <summary>How many shares there are.</summary>
    int Count { get; }

    /// <summary>Does share <paramref name="share"/>, from 0.</summary>
    void Do(int share);
}
