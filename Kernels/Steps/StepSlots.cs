using System.Reflection;
using System.Text.Json;

namespace IlgpuVae.Kernels;

/// <summary>
/// The fields of a step's structures as slots with names, for files and logs, so that a new field is saved and logged without being listed anywhere else:
/// <c>MarginalKl</c> is <c>marginal_kl</c>, and within a field <c>Sums</c> it is <c>sums.marginal_kl</c>.
/// </summary>
public static class StepSlots
{
    /// <summary>The slots that hold a <typeparamref name="T"/>, as they are declared.</summary>
    public static IReadOnlyList<KeyValuePair<string, T>> Of<T>(object slots)
    {
        List<KeyValuePair<string, T>> found = [];
        Visit<T>(slots, string.Empty, (name, value) =>
        {
            found.Add(new(name, value));
            return value;
        });
        return found;
    }

    /// <summary>The same structure with other values in the slots that hold a <typeparamref name="T"/>: made from each one's name and value.</summary>
    public static TSlots With<TSlots, T>(TSlots slots, Func<string, T, T> value)
        where TSlots : struct
    {
        object changed = slots;
        Visit(changed, string.Empty, value);
        return (TSlots)changed;
    }

    private static void Visit<T>(object slots, string prefix, Func<string, T, T> visit)
    {
        foreach (FieldInfo field in slots.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public))
        {
            string name = prefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name);
            object value = field.GetValue(slots)!;
            if (value is T slot)
            {
                field.SetValue(slots, visit(name, slot));
            }
            else if (!field.FieldType.IsPrimitive)
            {
                Visit(value, $"{name}.", visit);
                field.SetValue(slots, value);
            }
        }
    }
}
