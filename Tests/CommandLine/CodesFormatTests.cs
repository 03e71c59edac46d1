using System.Globalization;
using System.IO.Compression;
using System.Text;
using IlgpuVae.Training;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Codes in every kind of file that <c>encode</c> writes come back: <c>decode</c> reads them, and refuses those that are of no use to it.</summary>
[TestFixture]
public sealed class CodesFormatTests
{
    private const int Rows = 5000;

    private string folder = string.Empty;
    private string[] expected = [];

    [OneTimeSetUp]
    public void TrainOnce()
    {
        folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;
        string[] fruits = ["apple", "banana", "Ünï"];
        File.WriteAllLines(
            At("ab.csv"), ["a,b,fruit", .. Enumerable.Range(0, Rows).Select(i => $"{(i % 3 * 20) + (i % 7)}.5,{i % 5}.25,{fruits[i % 3]}")]);
        Train("one", "--latents", "1");
        Train("two", "--latents", "2");
        Train("other", "--latents", "2", "--seed", "5");
        using TrainedModel model = TrainedModel.Load(At("two"), Call.Device);
        float[] rows = [.. Enumerable.Range(0, Rows).SelectMany(i => new[] { (i % 3 * 20) + (i % 7) + 0.5f, (i % 5) + 0.25f })];
        float[] reconstructed = model.Decode(model.Encode(rows));
        expected =
        [
            "a,b",
            .. Enumerable.Range(0, Rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"{reconstructed[2 * i]},{reconstructed[(2 * i) + 1]}")),
        ];
    }

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    /// <summary>Encoded and decoded is reconstructed, whatever stands beside the codes.</summary>
    [Test]
    public void EncodedAndDecoded_IsReconstructed(
        [Values("csv", "json", "jsonl", "npy", "npz", "parquet")] string kind,
        [Values("", "--posterior", "--elbo", "--log-likelihood", "--elbo --log-likelihood", "--posterior --elbo --log-likelihood", "--keep fruit,a")]
        string with)
    {
        if (kind == "npy" && with.StartsWith("--keep", StringComparison.Ordinal))
            Assert.Ignore(".npy holds no words.");
        string codes = At($"codes.{kind}");
        _ = Use("encode", "two", ["--data", At("ab.csv"), "--out", codes, "--force", .. with.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Worked();
        string decoded = Use("decode", "two", "--codes", codes, "--out", "-").Worked().Output;
        Assert.That(decoded.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(expected));
    }

    [TestCase("json")]
    [TestCase("npz")]
    public void CodesOfAnotherRun_AreRefused(string kind)
    {
        string codes = At($"of-two.{kind}");
        _ = Use("encode", "two", "--data", At("ab.csv"), "--out", codes).Worked();
        Refused("1.*: the code is of r[0-9a-f]{8}, and this run is r[0-9a-f]{8}", "other", codes);
    }

    [TestCase("json", "no column 'code'")]
    [TestCase("npz", "no column 'code'")]
    [TestCase("npy", "has 2 column.s., and the run has codes of 1 variable")]
    public void CodesOfMoreVariables_AreRefused(string kind, string why)
    {
        string codes = At($"more.{kind}");
        _ = Use("encode", "two", "--data", At("ab.csv"), "--out", codes).Worked();
        Refused(why, "one", codes);
    }

    [TestCase("json", "no column 'code1'")]
    [TestCase("npz", "no column 'code1'")]
    [TestCase("npy", "has 1 column.s., and the run has codes of 2 variable")]
    public void CodesOfFewerVariables_AreRefused(string kind, string why)
    {
        string codes = At($"fewer.{kind}");
        _ = Use("encode", "one", "--data", At("ab.csv"), "--out", codes).Worked();
        Refused(why, "two", codes);
    }

    [Test]
    public void CategoriesBeyondTheRun_AreRefusedWithTheirPlace()
    {
        File.WriteAllLines(At("beyond.json"), ["{\"code1\":0,\"code2\":1}", "", "{\"code2\":4,\"code1\":3}"]);
        Refused("beyond.json, line 3, 'code2': 4 is none of the categories 0 to 3", "two", At("beyond.json"));
        File.WriteAllBytes(At("beyond.npy"), Npy("<i8", "(2, 2)", [0, 1, 3, 4], BitConverter.GetBytes));
        Refused("beyond.npy, row 2, column 2: 4 is none", "two", At("beyond.npy"));
        File.WriteAllBytes(At("half.npy"), Npy("<f4", "(1, 2)", [0L, 1], value => BitConverter.GetBytes(value + 0.5f)));
        Refused("half.npy, row 1, column 1: 0.5 is none", "two", At("half.npy"));
        Zip("beyond.npz", ("code1", Npy("<i4", "(2,)", [0, 1], value => BitConverter.GetBytes((int)value))), ("code2", Npy("|u1", "(2,)", [9, 1], One)));
        Refused("beyond.npz, entry code2.npy, row 1: 9 is none", "two", At("beyond.npz"));
    }

    [Test]
    public void DamagedFiles_AreRefused()
    {
        File.WriteAllLines(At("gap.json"), ["{\"code1\":0,\"code2\":1}", "{\"code1\":3}"]);
        Refused("gap.json, line 2, 'code2': expected a number", "two", At("gap.json"));
        File.WriteAllText(At("whole.json"), "[\n{\"code1\":0,\"code2\":1}]");
        Refused("whole.json, line 1 is no JSON object", "two", At("whole.json"));
        File.WriteAllLines(At("cut.json"), ["{\"code1\":0,\"code2\":1}", "{\"code1\":3,\"co"]);
        Refused("cut.json, line 2 is no JSON object", "two", At("cut.json"));
        byte[] codes = Npy("<i8", "(2, 2)", [0, 1, 3, 3], BitConverter.GetBytes);
        File.WriteAllBytes(At("cut.npy"), codes[..^1]);
        Refused("cut.npy ends within row 2", "two", At("cut.npy"));
        File.WriteAllBytes(At("cube.npy"), Npy("<i8", "(2, 1, 2)", [0, 1, 3, 3], BitConverter.GetBytes));
        Refused("cube.npy is no matrix of rows", "two", At("cube.npy"));
        File.WriteAllBytes(At("big.npy"), Npy(">i8", "(1, 2)", [0x0100_0000_0000_0000, 0x0300_0000_0000_0000], BitConverter.GetBytes));
        Assert.That(Use("decode", "two", "--codes", At("big.npy"), "--out", "-").Worked().Output.Split('\n'), Has.Length.EqualTo(3));
        Zip("unequal.npz", ("code1", Npy("|u1", "(2,)", [0, 1], One)), ("code2", Npy("|u1", "(1,)", [1], One)));
        Refused("entry code2.npy has 1 rows, and .*code1.npy has 2", "two", At("unequal.npz"));
        Zip("matrix.npz", ("code1", Npy("|u1", "(1, 2)", [0, 1], One)), ("code2", Npy("|u1", "(1,)", [1], One)));
        Refused("entry code1.npy is a matrix", "two", At("matrix.npz"));
        Refused("words.toml is no table that is understood. Give one of .*json.*npy.*npz", "two", At("words.toml"));
    }

    private static byte[] One(long value) => [(byte)value];

    private static byte[] Npy(string type, string shape, long[] values, Func<long, byte[]> bytes) =>
    [
        0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n"),
        .. values.SelectMany(bytes),
    ];

    private void Zip(string name, params (string Column, byte[] Content)[] arrays)
    {
        using ZipArchive archive = ZipFile.Open(At(name), ZipArchiveMode.Create);
        foreach ((string column, byte[] content) in arrays)
        {
            using Stream entry = archive.CreateEntry($"{column}.npy").Open();
            entry.Write(content);
        }
    }

    private string At(string name) => Path.Combine(folder, name);

    private void Train(string run, params string[] more) => _ = Call.Here(
    [
        "train", "--data", At("ab.csv"), "--columns", "a,b", "--likelihood", "gaussian", "--steps", "60", "--batch", "32", "--encoder", "16", "--decoder", "16",
        "--categories", "4", "--device", Call.Device, "--out", At(run), .. more,
    ]).Worked();

    private Call Use(string command, string run, params string[] more) => Call.Here([command, "--run", At(run), "--device", Call.Device, .. more]);

    private void Refused(string why, string run, string codes)
    {
        Call call = Use("decode", run, "--codes", codes, "--out", At("never.csv"));
        Assert.That(call.Code, Is.EqualTo(2), call.Output + call.Error);
        Assert.That(call.Error.ReplaceLineEndings(" "), Does.Match(why));
        Assert.That(File.Exists(At("never.csv")), Is.False);
    }
}
