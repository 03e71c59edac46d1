using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IlgpuVae.Tests.CommandLine;
using IlgpuVae.Training;

namespace IlgpuVae.Tests.Readme;

/// <summary>The README's ASP.NET service, compiled word for word, run in a process of its own and asked over loopback by several clients at once.</summary>
[TestFixture]
public sealed partial class ReadmeServiceTests
{
    private const int Clients = 8, Requests = 20, Rows = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What a project of the Web SDK imports without saying so.
    private static readonly string[] ImplicitUsings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Net.Http.Json", "System.Threading",
        "System.Threading.Tasks", "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http",
        "Microsoft.AspNetCore.Routing", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting",
        "Microsoft.Extensions.Logging",
    ];

    private string folder = string.Empty;

    [SetUp]
    public void CreateFolder() => folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Service_AnswersManyClientsAtOnce()
    {
        string run = Train();
        using Process service = Start(Write(run));
        try
        {
            using HttpClient client = new() { BaseAddress = await Address(service), Timeout = Patience };
            using TrainedModel model = TrainedModel.Load(run, Call.Device);
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Ask(client, model, new Random(number))));
            HttpResponseMessage refused = await client.PostAsJsonAsync("/predict", new { a = 1 });
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("b is missing"));
        }
        finally
        {
            service.Kill();
        }
    }

    private static async Task Ask(HttpClient client, TrainedModel model, Random random)
    {
        for (int i = 0; i < Requests; i++)
        {
            Dictionary<string, float> told = model.Told.ToDictionary(name => name, _ => random.NextSingle());
            HttpResponseMessage response = await client.PostAsJsonAsync("/predict", told);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            JsonArray answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsArray();
            IReadOnlyList<Prediction> expected = model.Predict(model.Context(told), 3)[0];
            Assert.That(answer.Select(way => (int)way!["code"]![0]!), Is.EqualTo(expected.Select(way => way.Code[0])));
            Assert.That(
                answer.SelectMany(way => way!["mean"]!.AsArray()).Select(mean => (float)mean!), Is.EqualTo(expected.SelectMany(way => way.Mean)));
        }
    }

    private string Train()
    {
        Random random = new(1);
        string table = Path.Combine(folder, "table.csv"), run = Path.Combine(folder, "run");
        File.WriteAllLines(
            table,
            [
                "a,b,c",
                .. Enumerable.Range(0, Rows).Select(i => string.Join(',', Enumerable.Range(0, 3)
                    .Select(column => ((i % 4 * column) + (0.1 * random.NextDouble())).ToString("F4", CultureInfo.InvariantCulture)))),
            ]);
        _ = Call.Here(
            "train", "--data", table, "--condition", "columns:a,b", "--prior", "conditional", "--likelihood", "gaussian", "--categories", "8", "--steps", "100",
                "--device", Call.Device, "--out", run).Worked();
        return run;
    }

    // The program beside what it refers to: without a list of dependencies the host takes what lies there.
    private string Write(string run)
    {
        // The shared framework of the same version as the runtime's lies beside it.
        string runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory()), version = Path.GetFileName(runtime);
        string shared = Path.Combine(runtime, "..", "..", "Microsoft.AspNetCore.App", version);
        if (!Directory.Exists(shared))
            Assert.Ignore("There is no ASP.NET runtime here.");
        string program = string.Concat(ImplicitUsings.Select(name => $"global using {name};\n"))
            + ReadmeProgram.With("MapPost").Replace("\"runs/abalone\"", $"\"{run}\", \"{Call.Device}\"", StringComparison.Ordinal);
        string path = Path.Combine(folder, "service.dll");
        HashSet<string?> known = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(Path.GetFileName)];
        File.WriteAllBytes(
            path, ReadmeProgram.Compile(program, Directory.GetFiles(shared, "Microsoft.*.dll").Where(file => !known.Contains(Path.GetFileName(file)))));
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "*.dll"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        File.WriteAllText(
            Path.ChangeExtension(path, ".runtimeconfig.json"),
            $$"""
            {"runtimeOptions": {"tfm": "net10.0", "frameworks": [
              {"name": "Microsoft.NETCore.App", "version": "{{version}}"}, {"name": "Microsoft.AspNetCore.App", "version": "{{version}}"}],
              "configProperties": {"System.Globalization.Invariant": true} } }
            """);
        return path;
    }

    private Process Start(string program)
    {
        string dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        return Process.Start(new ProcessStartInfo(dotnet, [program, "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    private static async Task<Uri> Address(Process service)
    {
        using CancellationTokenSource late = new(Patience);
        while (await service.StandardOutput.ReadLineAsync(late.Token) is { } line)
        {
            if (Listening().Match(line) is { Success: true } match)
            {
                _ = service.StandardOutput.ReadToEndAsync();
                return new Uri(match.Value);
            }
        }

        throw new InvalidOperationException($"the service ended: {await service.StandardError.ReadToEndAsync()}");
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Listening();
}
