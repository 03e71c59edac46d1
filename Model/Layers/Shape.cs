namespace IlgpuVae.Model;

/// <summary>
/// What a row of a layer's inputs or outputs is: a plain vector [1, 1, C], a picture [H, W, C] with the channels of a place side by side, or a sequence
/// [length, 1, C].
/// </summary>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="Channels">C.</param>
public readonly record struct Shape(int Height, int Width, int Channels)
{
    /// <summary>H W C.</summary>
    public int Numbers => checked(Height * Width * Channels);

    /// <summary>A plain vector.</summary>
    public static implicit operator Shape(int numbers) => FromInt32(numbers);

    /// <summary>A plain vector.</summary>
    public static Shape FromInt32(int numbers) => new(1, 1, numbers);

    /// <inheritdoc/>
    public override string ToString() => Height == 1 && Width == 1 ? $"[{Channels}]" : $"[{Height}, {Width}, {Channels}]";
}
