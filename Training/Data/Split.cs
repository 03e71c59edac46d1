namespace IlgpuVae.Training.Data;

/// <summary>Which split a file or folder holds, going by its name.</summary>
internal enum Split
{
    None,
    Train,
    Valid,
    Test,
}
