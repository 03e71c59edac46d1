namespace IlgpuVae.Runtime;

/// <summary>Works of one type, of which a number picks one. So the code that does them stands once in a kernel, however often a step needs it.</summary>
internal interface IMembers<TShares>
    where TShares : struct, IShares
{
    /// <summary>Work number <paramref name="member"/>, from 0.</summary>
    TShares Member(int member);
}

/// <summary>The only work of its type, or the first.</summary>
internal readonly struct Members<TShares>(TShares first) : IMembers<TShares>
    where TShares : struct, IShares
{
    public TShares Member(int member) => first;
}

/// <summary>The works before number <paramref name="index"/>, and that one.</summary>
internal readonly struct Members<TShares, TBefore>(TBefore before, int index, TShares last) : IMembers<TShares>
    where TShares : struct, IShares
    where TBefore : struct, IMembers<TShares>
{
    public TShares Member(int member)
    {
        if (member < index)
            return before.Member(member);
        return last;
    }
}
