namespace IlgpuVae.Runtime;

/// <summary>Works of several types.</summary>
internal interface IKinds
{
    /// <summary>Does a share of one of them.</summary>
    void Do(int kind, int member, int share);
}

/// <summary>The only type, or the first.</summary>
internal readonly struct Kinds<TShares, TMembers>(TMembers first) : IKinds
    where TShares : struct, IShares
    where TMembers : struct, IMembers<TShares>
{
    public void Do(int kind, int member, int share) => first.Member(member).Do(share);
}

/// <summary>The types before number <paramref name="index"/>, and that one.</summary>
internal readonly struct Kinds<TShares, TMembers, TBefore>(TBefore before, int index, TMembers last) : IKinds
    where TShares : struct, IShares
    where TMembers : struct, IMembers<TShares>
    where TBefore : struct, IKinds
{
    public void Do(int kind, int member, int share)
    {
        if (kind < index)
            before.Do(kind, member, share);
        else
            last.Member(member).Do(share);
    }
}
