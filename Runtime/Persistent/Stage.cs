namespace IlgpuVae.Runtime;

/// <summary>One launch of a persistent step, as the kernel looks it up.</summary>
/// <param name="Kind">The number of its type of work, from 0.</param>
/// <param name="Member">Its number among the works of that type, from 0.</param>
/// <param name="Shares">How many shares it has.</param>
internal readonly record struct Stage(int Kind, int Member, int Shares);
