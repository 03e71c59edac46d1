namespace IlgpuVae.Training.Data;

/// <summary>How grey levels become zeros and ones.</summary>
public enum Binarisation
{
    /// <summary>They stay grey levels.</summary>
    None,

    /// <summary>One where the level is above 127.</summary>
    Threshold,

    /// <summary>One with the grey level's probability, drawn once for the whole run.</summary>
    Static,

    /// <summary>One with the grey level's probability, drawn anew on the device each time an example is used.</summary>
    Dynamic,
}
