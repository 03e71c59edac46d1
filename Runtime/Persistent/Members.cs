namespace IlgpuVae.Runtime;

/// <summary>Works of one type, of which a number picks one. So the code that does them stands once in a kernel, however often a step needs it.</summary>
internal interface IMembers<TShares>
    where TShares : struct, IShares
{
    /// <summary>Work number <paramref name="member"/>, from 0.</summary>
    TShares Member(int member);
}

/// <summary>One work.</summary>
internal readonly struct Members<TShares>(TShares only) : IMembers<TShares>
    where TShares : struct, IShares
{
    public TShares Member(int member) => only;
}

/// <summary>The works before number <paramref name="middle"/>, and those from there on.</summary>
internal readonly struct Members<TShares, TBefore, TAfter>(TBefore before, TAfter after, int middle) : IMembers<TShares>
    where TShares : struct, IShares
    where TBefore : struct, IMembers<TShares>
    where TAfter : struct, IMembers<TShares>
{
    public TShares Member(int member)
    {
        if (member < middle)
            return before.Member(member);
        return after.Member(member);
    }
}
