using ILGPU;
using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Parameters to checkpoint tensors and back, in PyTorch's layout.</summary>
internal static class ParameterTensors
{
    /// <summary>The entry in a file's metadata that says its names count activations as PyTorch's Sequential does. Older files have none.</summary>
    public static readonly KeyValuePair<string, string> Naming = new("activations", "counted");

    /// <summary>One of a model's flat buffers as tensors named <paramref name="prefix"/> + parameter name.</summary>
    public static IEnumerable<NamedTensor> Export(ComputeDevice device, ParameterSet parameters, ArrayView<float> flat, string prefix = "") =>
        parameters.All.Select(
            parameter =>
                new NamedTensor(
                    prefix + parameter.Name, Shape(parameter), Relayout(parameter, device.Download(parameter.Slice(flat).View), toCheckpoint: true)));

    /// <summary>
    /// Fills flat buffers of parameter sets from a checkpoint, each from the tensors named with its prefix: all of them or, where one does not fit, none.
    /// </summary>
    /// <exception cref="InputException">A tensor is missing or has another shape.</exception>
    public static void Import(
        ComputeDevice device, SafeTensorsFile file, IReadOnlyList<(ParameterSet Parameters, string Prefix, ArrayView<float> Flat)> targets)
    {
        // Read everything before anything is overwritten.
        float[][][] values = [.. targets.Select(target => ReadAll(target.Parameters, file, target.Prefix))];
        for (int t = 0; t < targets.Count; t++)
        {
            for (int i = 0; i < values[t].Length; i++)
                device.Upload<float>(targets[t].Parameters.All[i].Slice(targets[t].Flat).View, values[t][i]);
        }
    }

    private static float[][] ReadAll(ParameterSet parameters, SafeTensorsFile file, string prefix)
    {
        bool isFormer = !file.Metadata.ContainsKey(Naming.Key);
        return
        [
            .. parameters.All.Select(
                parameter => Relayout(
                    parameter, file.Values(prefix + (isFormer ? parameter.FormerName : parameter.Name), Shape(parameter)), toCheckpoint: false)),
        ];
    }

    private static int[] Shape(Parameter parameter) => parameter.Layout switch
    {
        ParameterLayout.Transposed => [parameter.Columns, parameter.Rows],
        ParameterLayout.Vector => [parameter.Columns],
        _ => [parameter.Rows, parameter.Columns],
    };

    private static float[] Relayout(Parameter parameter, float[] values, bool toCheckpoint)
    {
        if (parameter.Layout != ParameterLayout.Transposed)
            return values;
        (int rows, int columns) = toCheckpoint ? (parameter.Rows, parameter.Columns) : (parameter.Columns, parameter.Rows);
        float[] transposed = new float[values.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
                transposed[(c * rows) + r] = values[(r * columns) + c];
        }

        return transposed;
    }
}
