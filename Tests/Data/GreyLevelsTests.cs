using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

/// <summary>Grey levels by vectors are what one by one they are, whatever is left over at the end.</summary>
public sealed class GreyLevelsTests
{
    [Test]
    public void Numbers_AreLevelsOver255([Values(0, 1, 31, 32, 33, 64, 256, 777)] int count)
    {
        byte[] levels = [.. Enumerable.Range(0, count).Select(i => (byte)(255 - (i * 7)))];
        float[] numbers = new float[count];
        GreyLevels.Numbers(levels, numbers);
        Assert.That(numbers, Is.EqualTo(Array.ConvertAll(levels, level => level / 255f)));
    }
}
