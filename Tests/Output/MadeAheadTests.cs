using IlgpuVae.Training.Output;

namespace IlgpuVae.Tests.Output;

/// <summary>Batches that are made ahead are the same batches, and nothing goes on behind the back of whoever is done.</summary>
[TestFixture]
public sealed class MadeAheadTests
{
    [Test]
    public void Batches_ComeInOrderAndOneAhead()
    {
        int made = 0;
        using SemaphoreSlim second = new(0);
        IEnumerable<string> Batches()
        {
            for (int i = 0; i < 50; i++)
            {
                made++;
                if (i == 1)
                    _ = second.Release();
                yield return $"{i}";
            }
        }

        List<string> got = [];
        foreach (string batch in MadeAhead.Of(Batches()))
        {
            if (got.Count == 0)
                Assert.That(second.Wait(TimeSpan.FromSeconds(20)), Is.True, "the second is made while the first is looked at");
            Assert.That(made, Is.LessThanOrEqualTo(got.Count + 2), "no more than one is kept");
            got.Add(batch);
        }

        Assert.That(got, Is.EqualTo(Enumerable.Range(0, 50).Select(i => $"{i}")));
    }

    [Test]
    public void Failure_ReachesTheReaderBehindTheBatchesBeforeIt()
    {
        static IEnumerable<string> Batches()
        {
            yield return "good";
            throw new Runtime.InputException("row 2 is wrong.");
        }

        List<string> got = [];
        Assert.That(() => got.AddRange(MadeAhead.Of(Batches())), Throws.TypeOf<Runtime.InputException>().With.Message.EqualTo("row 2 is wrong."));
        got.Clear();
        Assert.That(
            () =>
            {
                foreach (string batch in MadeAhead.Of(Batches()))
                    got.Add(batch);
            },
            Throws.TypeOf<Runtime.InputException>());
        Assert.That(got, Is.EqualTo(new[] { "good" }));
    }

    /// <summary>A file or a model that batches are made with is closed only when none is made any more.</summary>
    [Test]
    public void GivingUp_WaitsForTheBatchThatIsBeingMade()
    {
        bool isBusy = false, isClosed = false;
        IEnumerable<string> Batches()
        {
            try
            {
                yield return "first";
                Volatile.Write(ref isBusy, true);
                Thread.Sleep(200);
                Volatile.Write(ref isBusy, false);
                yield return "second";
            }
            finally
            {
                isClosed = true;
            }
        }

        Assert.That(
            () =>
            {
                foreach (string _ in MadeAhead.Of(Batches()))
                {
                    Assert.That(() => Volatile.Read(ref isBusy), Is.True.After(2000, 1));
                    throw new IOException("disk full");
                }
            },
            Throws.TypeOf<IOException>());
        Assert.That((isBusy, isClosed), Is.EqualTo((false, true)));
    }
}
