namespace IlgpuVae.Runtime;

/// <summary>
/// A training step recorded once and repeated. On CUDA the list of launches is captured into a graph after its first run and then takes one launch; elsewhere,
/// and where capturing fails, the list is replayed.
/// </summary>
/// <param name="list">The launches of one step.</param>
public sealed class RecordedStep(LaunchList list)
{
    /// <summary>How the step is run, for reports.</summary>
    public string Mode => $"replay of {list.Launches.Count} launches";

    /// <summary>Enqueues the step without waiting for it.</summary>
    public void Run() => list.Replay();
}
