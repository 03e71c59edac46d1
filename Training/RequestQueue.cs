namespace IlgpuVae.Training;

/// <summary>
/// Rows of several callers done together: whoever has the device does all that wait by then, so that many small requests cost about as much as a few large
/// ones.
/// </summary>
/// <param name="deviceTurn">Whoever holds it may use the device.</param>
/// <param name="work">From rows [n, width] and contexts [n, C], or null, to results [n, W].</param>
internal sealed class RequestQueue<TIn, TOut>(object deviceTurn, Func<TIn[], float[]?, TOut[]> work)
{
    private readonly List<Request> waiting = [];

    /// <summary>The results of some rows.</summary>
    public TOut[] Do(TIn[] rows, int width, float[]? contexts, int contextWidth, int resultWidth)
    {
        int count = rows.Length / width;
        if (count * width != rows.Length || (contexts is not null && contexts.Length != count * contextWidth))
            throw new ArgumentException(
                contexts is null || count * width != rows.Length
                    ? $"{rows.Length} numbers are no whole rows of {width}."
                    : $"{contexts.Length} numbers of context are no {count} rows of {contextWidth}.",
                nameof(rows));
        Request own = new(rows, contexts, count * resultWidth);
        lock (waiting)
            waiting.Add(own);
        lock (deviceTurn)
        {
            if (own.Result is null && own.Failure is null)
                DoAll();
        }

        return own.Failure is null ? own.Result! : throw own.Failure;
    }

    private void DoAll()
    {
        Request[] together;
        lock (waiting)
        {
            together = [.. waiting];
            waiting.Clear();
        }

        // A wrong request among them must fail alone.
        if (together.Length == 1 || !TryDo(together))
        {
            foreach (Request one in together)
                _ = TryDo([one]);
        }
    }

    private bool TryDo(Request[] together)
    {
        try
        {
            float[]? contexts = together[0].Contexts is null ? null : [.. together.SelectMany(one => one.Contexts!)];
            TOut[] results = work(together.Length == 1 ? together[0].Rows : [.. together.SelectMany(one => one.Rows)], contexts);
            int start = 0;
            foreach (Request one in together)
            {
                one.Result = together.Length == 1 ? results : results[start..(start + one.Length)];
                start += one.Length;
            }

            return true;
        }
        catch (ArgumentException wrong)
        {
            if (together.Length == 1)
                together[0].Failure = wrong;
            return false;
        }
    }

    private sealed class Request(TIn[] rows, float[]? contexts, int length)
    {
        public TIn[] Rows { get; } = rows;

        public float[]? Contexts { get; } = contexts;

        public int Length { get; } = length;

        public TOut[]? Result { get; set; }

        public ArgumentException? Failure { get; set; }
    }
}
