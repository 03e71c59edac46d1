using System.Text.RegularExpressions;

namespace IlgpuVae.Tests;

/// <summary>Folders need each other in one direction, and the words of the command line stay in its own.</summary>
public sealed partial class FolderTests
{
    [Test]
    public void Folders_MakeNoCircle([Values("Runtime", "Kernels")] string project)
    {
        Dictionary<string, List<string>> needs = Needs(Path.Combine(Root(), project));
        if (project == "Kernels")
            needs = needs.Where(folder => folder.Key is "Layers" or "MatrixProduct").ToDictionary();
        Assert.That(needs, Is.Not.Empty);
        foreach ((string folder, List<string> uses) in needs)
            Assert.That(Reached(needs, uses.Select(use => use.Split(' ')[0])), Does.Not.Contain(folder), $"{folder} needs {string.Join(", ", uses)}");
    }

    [Test]
    public void Options_AreNamedByTheCommandLineAlone([Values("Runtime", "Kernels", "Model", "Training")] string project)
    {
        string[] files =
        [
            .. Directory.GetFiles(Path.Combine(Root(), project), "*.cs", SearchOption.AllDirectories)
                .Where(file => !Regex.IsMatch(file, @"[\\/](obj|bin|CommandLine)[\\/]")),
        ];
        Assert.That(files, Has.Length.GreaterThan(20));
        IEnumerable<string> lines = files.SelectMany(
            file => File.ReadLines(file).Where(line => Options().IsMatch(line)).Select(line => $"{Path.GetFileName(file)}: {line.Trim()}"));
        Assert.That(lines, Is.Empty);
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "IlgpuVae.sln")))
            folder = folder.Parent;
        if (folder is null)
            Assert.Ignore("The sources are not here.");
        return folder!.FullName;
    }

    // Folder by folder, the others that it needs and one type of each. Files beside the folders stand above all of them.
    private static Dictionary<string, List<string>> Needs(string project)
    {
        string[] folders = [.. Directory.GetDirectories(project).Where(folder => Path.GetFileName(folder) is not ("obj" or "bin"))];
        Dictionary<string, string> texts = folders.ToDictionary(
            folder => Path.GetFileName(folder)!,
            folder =>
                Strings().Replace(
                    Comments().Replace(string.Join('\n', Directory.GetFiles(folder, "*.cs").Select(File.ReadAllText)), string.Empty), string.Empty));
        Dictionary<string, HashSet<string>> declared = texts.ToDictionary(
            text => text.Key, text => Types().Matches(text.Value).Select(found => found.Groups[1].Value).ToHashSet());
        return texts.ToDictionary(
            text => text.Key,
            text => texts.Keys.Where(other => other != text.Key)
                .Select(other => (Other: other, Type: declared[other].FirstOrDefault(type => Regex.IsMatch(text.Value, $@"(?<![\w.]){type}\b"))))
                .Where(use => use.Type is not null).Select(use => $"{use.Other} ({use.Type})").ToList());
    }

    private static HashSet<string> Reached(Dictionary<string, List<string>> needs, IEnumerable<string> from)
    {
        HashSet<string> reached = [];
        Queue<string> next = new(from);
        while (next.TryDequeue(out string? folder))
        {
            if (reached.Add(folder) && needs.TryGetValue(folder, out List<string>? uses))
                uses.ForEach(use => next.Enqueue(use.Split(' ')[0]));
        }

        return reached;
    }

    // An option within a text. Docker's --gpus is not ours.
    [GeneratedRegex("\"[^\"]*--(?!gpus)[a-z]")]
    private static partial Regex Options();

    [GeneratedRegex("//[^\\n]*")]
    private static partial Regex Comments();

    [GeneratedRegex("\"(\\\\.|[^\"\\\\])*\"")]
    private static partial Regex Strings();

    // Of namespaces only: what is nested in a type has the type's name before it elsewhere.
    [GeneratedRegex(
        @"^(?:public |internal )(?:static |sealed |abstract |readonly |partial |unsafe )*(?:class|record struct|record|struct|interface|enum) "
            + @"(\w+)", RegexOptions.Multiline)]
    private static partial Regex Types();
}
