namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Which blocks control has to pass on every way from a root to each block. Nothing is said of blocks that are not reached, and no way leads through the root a
/// second time.
/// </summary>
/// <remarks>K. D. Cooper, T. J. Harvey, K. Kennedy, A simple, fast dominance algorithm, 2001.</remarks>
public sealed class PtxDominators
{
    private const int None = -1;

    private readonly int[] parent, place;
    private readonly List<int>[] before;
    private readonly List<int> order = [];

    /// <summary>Looks at the graph of blocks from <paramref name="root"/> on.</summary>
    public PtxDominators(int[][] next, int root)
    {
        (parent, place) = (new int[next.Length], new int[next.Length]);
        before = [.. next.Select(_ => new List<int>())];
        Array.Fill(parent, None);
        Array.Fill(place, None);
        Order(next, root);
        foreach (int block in order)
        {
            foreach (int to in next[block].Where(to => to != root))
                before[to].Add(block);
        }

        parent[root] = root;
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (int block in order.Skip(1))
            {
                int found = before[block].Where(from => parent[from] != None).Aggregate(Common);
                changed |= parent[block] != found;
                parent[block] = found;
            }
        }
    }

    /// <summary>The reached blocks, each behind those that dominate it.</summary>
    public IReadOnlyList<int> Order() => order;

    /// <summary>Whether the block is reached from the root.</summary>
    public bool Reaches(int block) => place[block] != None;

    /// <summary>The last block but itself that every way to <paramref name="block"/> passes; the root's own is itself.</summary>
    public int Parent(int block) => parent[block];

    /// <summary>The reached blocks that lead straight to <paramref name="block"/>.</summary>
    public int[] Before(int block) => [.. before[block]];

    /// <summary>Whether every way to <paramref name="inner"/> passes <paramref name="outer"/>.</summary>
    public bool Dominates(int outer, int inner)
    {
        while (place[inner] > place[outer])
            inner = parent[inner];
        return inner == outer;
    }

    // Depth first, without recursion: a kernel can have thousands of blocks.
    private void Order(int[][] next, int root)
    {
        HashSet<int> seen = [root];
        Stack<(int Block, int At)> open = new([(root, 0)]);
        while (open.TryPop(out (int Block, int At) top))
        {
            if (top.At == next[top.Block].Length)
            {
                order.Add(top.Block);
                continue;
            }

            open.Push((top.Block, top.At + 1));
            if (seen.Add(next[top.Block][top.At]))
                open.Push((next[top.Block][top.At], 0));
        }

        order.Reverse();
        for (int i = 0; i < order.Count; i++)
            place[order[i]] = i;
    }

    private int Common(int a, int b)
    {
        while (a != b)
        {
            while (place[a] > place[b])
                a = parent[a];
            while (place[b] > place[a])
                b = parent[b];
        }

        return a;
    }
}
