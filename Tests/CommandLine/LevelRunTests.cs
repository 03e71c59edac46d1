using System.Text;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Arrays of level numbers whose best log-likelihood is known.</summary>
[TestFixture]
[Parallelizable]
public sealed class LevelRunTests : TemporaryFolder
{
    private const int Levels = 4;
    private const int Width = 4;

    // Bytes and integers of the same levels mean the same.
    [TestCase("|u1", 1)]
    [TestCase("<i4", 4)]
    public void UniformLevels_CostTheirLogarithmEach(string type, int size)
    {
        const int count = 1 << (2 * Width);
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({4 * count}, {Width}), }}".PadRight(117) + "\n";
        List<byte> file = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)];
        for (int i = 0; i < 4 * count * Width; i++)
            file.AddRange(BitConverter.GetBytes((i / Width) >> (2 * (i % Width)) & (Levels - 1))[..size]);
        File.WriteAllBytes(At("levels.npy"), [.. file]);
        Call trained = Call.Here(
            "train", "--data", At("levels.npy"), "--likelihood", "categorical", "--levels", "4", "--categories", "2", "--latents", "1", "--encoder", "8",
            "--decoder", "8", "--batch", "128", "--steps", "300", "--valid-fraction", "0", "--test-fraction", "0", "--device", Call.Device, "--json",
            "--out", At("run")).Worked();
        Assert.That((double)trained.Json["evaluation"]!["log_likelihood"]!, Is.InRange(-5.65, Width * Math.Log(1.0 / Levels) + 1e-3));
    }
}
