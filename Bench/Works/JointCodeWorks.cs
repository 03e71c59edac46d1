using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>Sums over joint codes, whole or in chunks, and over one variable at a time.</summary>
internal static class JointCodeWorks
{
    private const int Variables = 4, Categories = 8, Codes = 4096;
    private const int ChunkCodes = 64;
    private const int LocalVariables = 20, LocalCategories = 10;

    internal static IEnumerable<KernelWork> All(ProfileSize size)
    {
        int batch = KernelWorks.Rows(size.Elements, Codes);
        yield return new KernelWork($"B={batch} N={Variables} K={Categories}", inputs => Joint(inputs, batch));
        int chunkBatch = KernelWorks.Rows(size.Elements, ChunkCodes * Variables * Categories);
        yield return new KernelWork($"B={chunkBatch} P={ChunkCodes} N={Variables} K={Categories}", inputs =>
        {
            Matrix values = inputs.Filled(chunkBatch * ChunkCodes, 1), table = inputs.Filled(chunkBatch, Codes);
            CodeChunk.Enumerate(inputs.List, inputs.HardCodes(chunkBatch * ChunkCodes, Variables, Categories), ChunkCodes, ChunkCodes);
            CodeChunk.Scatter(inputs.List, values, table, ChunkCodes);
            CodeChunk.Gather(inputs.List, table, values, ChunkCodes);
        });
        int rowWidth = LocalVariables * LocalCategories;
        int localBatch = KernelWorks.Rows(size.Elements, rowWidth * LocalVariables);
        yield return new KernelWork($"B={localBatch} N={LocalVariables} K={LocalCategories}", inputs => Local(inputs, localBatch));
    }

    private static void Joint(WorkInputs inputs, int batch)
    {
        LaunchList list = inputs.List;
        Matrix logProbabilities = inputs.Filled(batch, Variables * Categories), joint = inputs.Empty(batch, Codes), f = inputs.Filled(batch, Codes),
            expectation = inputs.Empty(batch, 1);
        JointCodes.LogProbabilities(list, logProbabilities, joint, Variables, Categories);
        JointCodes.Expectation(list, joint, f, expectation);
        JointCodes.Backward(list, joint, f, expectation, logProbabilities, inputs.Empty(batch, Variables * Categories), Variables, Categories, 1f / batch);
        JointCodes.LogLikelihoodsGrad(list, joint, inputs.Empty(batch, Codes), 1f / batch);
    }

    private static void Local(WorkInputs inputs, int batch)
    {
        LaunchList list = inputs.List;
        int width = LocalVariables * LocalCategories;
        Matrix probabilities = inputs.Filled(batch * LocalVariables, LocalCategories), f = inputs.Filled(batch * width, 1);
        LocalExpectation.Enumerate(
            list, inputs.HardCodes(batch, LocalVariables, LocalCategories), inputs.HardCodes(batch * width, LocalVariables, LocalCategories));
        LocalExpectation.Weigh(list, probabilities, inputs.Empty(batch * width, 1), LocalVariables, 1f / batch);
        LocalExpectation.Backward(list, probabilities, f, inputs.Empty(batch * LocalVariables, LocalCategories), 1f / batch);
        LocalExpectation.Reconstruction(list, probabilities.Reshape(batch, width), f, inputs.Empty(batch, 1), LocalVariables);
    }
}
