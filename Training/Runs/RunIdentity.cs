using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using IlgpuVae.Model;
using IlgpuVae.Model.Checkpoints;

namespace IlgpuVae.Training.Runs;

/// <summary>
/// What tells a trained model from any other: a hash of its parameters, so that a copy of a run has the same and one that was trained further, whose codes mean
/// something else, another.
/// </summary>
internal static class RunIdentity
{
    private const int Digits = 8;

    /// <summary>A letter and eight hexadecimal digits: the letter keeps programs from taking it for a number.</summary>
    public static string Of(DiscreteVae vae)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (NamedTensor tensor in ParameterTensors.Export(vae.Device, vae.Parameters, vae.Parameters.Values))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.Name));
            hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.Values));
        }

        return $"r{Convert.ToHexStringLower(hash.GetHashAndReset())[..Digits]}";
    }
}
