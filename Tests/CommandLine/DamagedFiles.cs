using System.IO.Compression;
using IlgpuVae.Training.Pictures;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Files that are wrong in one way each, and runs that are.</summary>
internal static class DamagedFiles
{
    /// <summary>Writes them all into <paramref name="folder"/>; the good run they are made from is <c>run</c>.</summary>
    internal static void Write(string folder)
    {
        string At(string name) => Path.Combine(folder, name);
        void Text(string name, string text)
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
            File.WriteAllText(At(name), text);
        }

        void Bytes(string name, params byte[] bytes)
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
            File.WriteAllBytes(At(name), bytes);
        }

        void Zip(string name, params (string Name, byte[] Content)[] entries)
        {
            using ZipArchive zip = ZipFile.Open(At(name), ZipArchiveMode.Create);
            foreach ((string entry, byte[] content) in entries)
            {
                using Stream stream = zip.CreateEntry(entry).Open();
                stream.Write(content);
            }
        }

        Text("empty.csv", "");
        Text("word.csv", "1,0,1\n0,zero,1\n1,1,1\n");
        Text("nan.csv", "1,0,1\n0,NaN,1\n1,1,1\n");
        Text("huge.csv", "1,0,1\n0,1e300,1\n1,1,1\n");
        Text("ragged.csv", "1,0,1\n0,1\n1,1,1\n");
        Text("levels.csv", string.Concat(Enumerable.Range(0, 20).Select(i => $"{i % 10},{i % 7},{i % 3}\n")));
        Text("negative.csv", string.Concat(Enumerable.Range(0, 20).Select(i => $"{-i},{i % 7},{i % 3}\n")));
        Text("bits.csv", string.Concat(Enumerable.Range(0, 20).Select(i => $"{i % 2},{i / 2 % 2},{i / 4 % 2}\n")));
        Text("named.csv", "length,height\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i % 2},{i / 2 % 2}\n")));
        Text("counts.csv", "eggs,fish\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i % 5},{i % 7}\n")));
        Text("halves.csv", "eggs,fish\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i % 5},{0.5 * (i % 7)}\n")));
        Bytes("counts.npy", [.. NumPy("<i4", "(20, 2)"), .. Enumerable.Range(0, 40).SelectMany(i => BitConverter.GetBytes(i % 2 == 0 ? i : i - 20))]);
        Bytes("grey.npy", [.. NumPy("|u1", "(20, 2)"), .. Enumerable.Range(0, 40).Select(i => (byte)(i % 7))]);
        Text("pointer.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
        Text("page.npy", "<!DOCTYPE html><html></html>");
        Zip("book.csv", ("[Content_Types].xml", [1]));
        Zip("two.npz", ("x.npy", [.. NumPy("|u1", "(2, 2)"), 1, 2, 3, 4]), ("y.npy", [.. NumPy("|u1", "(2, 1)"), 1, 2]));
        Text("index.csv", ",a,b\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i},{i % 3},0.5\n")));
        Text("comma.csv", "1;1,234\n2;3,456\n");
        Text("counted.csv", "0,1,2\n3,4,5\n6,7,8\n");
        Text("formula.csv", "1,2\n#DIV/0!,4\n5,6\n");
        Text("far.csv", "a,b\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i},{i % 2}e20\n")));
        Text("many.csv", string.Concat(Enumerable.Range(0, 20).Select(i => $"{i % 2},{1_000_000 - i}\n")));
        Text("one.csv", "1,0,1\n");
        Text("digits.amat", "0 1 0\n0 2 1\n");
        Text("short.amat", "0 1 0\n0 1\n");
        Text("notes.doc", "not data");
        Text("plain.npy", "not an array");
        Text("nothing/readme", "no data here");
        byte[] examples = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2, .. new byte[16]];
        Bytes("cut/train-images-idx3-ubyte", examples[..^3]);
        Bytes("long/train-images-idx3-ubyte", [.. examples, 1]);
        Bytes("magic/train-images-idx3-ubyte", [1, 2, 3, 4, .. examples[4..]]);
        Bytes("labels/train-images-idx3-ubyte", examples);
        Bytes("labels/train-labels-idx1-ubyte", 0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3);
        Bytes("packed/train-images-idx3-ubyte.gz", Packed(examples)[..^9]);
        Bytes("cut.npy", [.. NumPy("<f4", "(4, 3)"), .. new byte[40]]);
        Bytes("nan.npy", [.. NumPy("<f4", "(4, 3)"), .. Enumerable.Range(0, 12).SelectMany(i => BitConverter.GetBytes(i == 7 ? float.NaN : 0f))]);
        Bytes("text.npy", [.. NumPy("<U8", "(4, 3)"), .. new byte[384]]);
        Bytes("broken/a.png", 0x89, 0x50, 0x4E, 0x47, 1, 2, 3);
        Bytes("pictures.zip", (byte)'P', (byte)'K', 3, 4, 1, 2, 3);
        _ = Directory.CreateDirectory(At("sizes"));
        new TileGrid(8, 8, 1).Save(At("sizes/a.png"), new float[64]);
        new TileGrid(8, 8, 2).Save(At("sizes/b.png"), new float[128]);

        Text("unfinished.json", "{\n  \"batch\": 3,\n");
        Text("unknown.json", "{\n  \"batsh\": 3\n}\n");
        Text("wrong.json", "{\n  \"batch\": \"three\"\n}\n");
        Text("null.json", "null");
        Text("list.json", "[1]");
        Text("half.json", "{ \"options\": { \"batch\": 3 } }");
        Runs(folder);
    }

    private static void Runs(string folder)
    {
        string good = Path.Combine(folder, "run");
        byte[] checkpoint = RunFiles.Checkpoint(good);
        Copy(good, Path.Combine(folder, "no-checkpoint"), file => file != "checkpoint.safetensors");
        Copy(good, Path.Combine(folder, "no-config"), file => file != "config.json");
        Copy(good, Path.Combine(folder, "cut-checkpoint"), _ => true);
        File.WriteAllBytes(Path.Combine(folder, "cut-checkpoint/checkpoint.safetensors"), checkpoint[..^100]);
        Copy(good, Path.Combine(folder, "flipped-checkpoint"), _ => true);
        checkpoint[^200] ^= 1;
        File.WriteAllBytes(Path.Combine(folder, "flipped-checkpoint/checkpoint.safetensors"), checkpoint);
        Copy(good, Path.Combine(folder, "other-shape"), _ => true);
        Edit(Path.Combine(folder, "other-shape/config.json"), "\"categories\": 4", "\"categories\": 5");
        Copy(good, Path.Combine(folder, "other-data"), _ => true);
        Edit(Path.Combine(folder, "other-data/config.json"), "train=256", "train=255");
        Copy(good, Path.Combine(folder, "damaged-metrics"), _ => true);
        Edit(Path.Combine(folder, "damaged-metrics/metrics.jsonl"), "{\"step\":2", "{\"stop\":2");
        Copy(good, Path.Combine(folder, "damaged-config"), _ => true);
        Edit(Path.Combine(folder, "damaged-config/config.json"), "\"estimator\": \"exact\"", "\"estimator\": exact");
    }

    private static void Copy(string from, string to, Func<string, bool> wanted)
    {
        _ = Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from).Where(file => wanted(Path.GetFileName(file))))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static void Edit(string path, string from, string to)
    {
        string text = File.ReadAllText(path);
        Assert.That(text, Does.Contain(from), $"{path} is not as this test expects");
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    private static byte[] Packed(byte[] bytes)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return stream.ToArray();
    }

    private static byte[] NumPy(string type, string shape)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header)];
    }
}
