namespace IlgpuVae.Training.Data;

/// <summary>What a stream of random numbers draws for glyphs. The numbers are part of the data set: do not change them.</summary>
internal enum GlyphStream
{
    Prototypes = 1,
    Train = 2,
    Valid = 3,
    Test = 4,
    Estimate = 5,
}
