using System.Globalization;
using System.Numerics;
using Parquet;
using Parquet.Schema;

namespace IlgpuVae.Training.Data;

/// <summary>The values of one column in one group of a Parquet file's rows.</summary>
internal abstract class ParquetValues
{
    /// <summary>The column's values, or null where it holds anything but one number, truth value, text or date a row.</summary>
    public static ParquetValues? Read(ParquetRowGroupReader group, DataField field, int rows) => field.MaxRepetitionLevel > 0 || field.IsArray ? null :
        Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Boolean => Read<bool>(group, field, rows, value => value ? 1 : 0),
            TypeCode.SByte => Numbers<sbyte>(group, field, rows),
            TypeCode.Byte => Numbers<byte>(group, field, rows),
            TypeCode.Int16 => Numbers<short>(group, field, rows),
            TypeCode.UInt16 => Numbers<ushort>(group, field, rows),
            TypeCode.Int32 => Numbers<int>(group, field, rows),
            TypeCode.UInt32 => Numbers<uint>(group, field, rows),
            TypeCode.Int64 => Numbers<long>(group, field, rows),
            TypeCode.UInt64 => Numbers<ulong>(group, field, rows),
            TypeCode.Single => Numbers<float>(group, field, rows),
            TypeCode.Double => Numbers<double>(group, field, rows),
            TypeCode.Decimal => Numbers<decimal>(group, field, rows),
            TypeCode.DateTime => Read<DateTime>(group, field, rows, _ => null),
            _ when field.ClrType == typeof(ReadOnlyMemory<char>) => Words(group, field, rows),
            _ when field.ClrType == typeof(Half) => Numbers<Half>(group, field, rows),
            _ => null,
        };

    /// <summary>Whether a row has no value.</summary>
    public abstract bool IsMissing(int row);

    /// <summary>The number in a row that has a value, or null where it is none.</summary>
    public abstract double? Number(int row);

    /// <summary>The value of a row as text, empty where there is none.</summary>
    public abstract string Text(int row);

    private static Of<T> Numbers<T>(ParquetRowGroupReader group, DataField field, int rows)
        where T : struct, INumber<T> => Read<T>(group, field, rows, value => double.CreateSaturating(value));

    private static Of<T> Read<T>(ParquetRowGroupReader group, DataField field, int rows, Func<T, double?> number)
        where T : struct
    {
        T?[] values = new T?[rows];
        if (field.IsNullable || field.MaxDefinitionLevel > 0)
        {
            group.ReadAsync<T>(field, values.AsMemory()).AsTask().GetAwaiter().GetResult();
        }
        else
        {
            T[] all = new T[rows];
            group.ReadAsync<T>(field, all.AsMemory()).AsTask().GetAwaiter().GetResult();
            values = Array.ConvertAll(all, value => (T?)value);
        }
        return new Of<T>(values, number);
    }

    private static OfWords Words(ParquetRowGroupReader group, DataField field, int rows)
    {
        string?[] words = new string?[rows];
        group.ReadAsync(field, words.AsMemory()!).AsTask().GetAwaiter().GetResult();
        return new OfWords(words);
    }

    private sealed class Of<T>(T?[] values, Func<T, double?> number) : ParquetValues
        where T : struct
    {
        public override bool IsMissing(int row) => values[row] is null;

        public override double? Number(int row) => number(values[row]!.Value);

        public override string Text(int row) => Convert.ToString(values[row], CultureInfo.InvariantCulture) ?? "";
    }

    private sealed class OfWords(string?[] words) : ParquetValues
    {
        public override bool IsMissing(int row) => words[row] is null;

        public override double? Number(int row) => null;

        public override string Text(int row) => words[row] ?? "";
    }
}
